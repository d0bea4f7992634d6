"""Secrets: field encryption with rotating keys, exact-match fingerprints, random codes.

The keyring is a JSON file {"current": "k1", "keys": {"k1": base64 of 32 bytes}, "index": base64 of 32 bytes}. A missing or wrong
key refuses with the key's id; a new key is never made silently.
"""

import base64
import hashlib
import hmac
import json
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class KeyMissing(RuntimeError):
    """The keyring does not hold the key a value was sealed with."""


def new_keyring() -> dict:
    """A fresh keyring with one key; written by `yingxu init` only."""
    key = lambda: base64.b64encode(secrets.token_bytes(32)).decode()  # noqa: E731
    return {"current": "k1", "keys": {"k1": key()}, "index": key()}


@lru_cache(maxsize=4)
def _ring(path: str) -> dict:
    try:
        raw = json.loads(Path(path).read_text())
    except FileNotFoundError:
        raise KeyMissing(f"no keyring at {path}: restore it from your backup") from None
    return {
        "current": raw["current"],
        "keys": {name: AESGCM(base64.b64decode(key)) for name, key in raw["keys"].items()},
        "index": base64.b64decode(raw["index"]),
    }


def seal(text: str, context: str) -> str:
    """Encrypt with AES-256-GCM. `context` (e.g. "customers.identifier") is authenticated, so a value cannot be moved elsewhere."""
    ring = _ring(str(settings.KEYRING))
    nonce = secrets.token_bytes(12)
    sealed = ring["keys"][ring["current"]].encrypt(nonce, text.encode(), context.encode())
    return f"{ring['current']}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(value: str, context: str) -> str:
    """The text again. Raises KeyMissing naming the key when the keyring does not hold it."""
    name, _, body = value.partition(".")
    ring = _ring(str(settings.KEYRING))
    if name not in ring["keys"]:
        raise KeyMissing(f"key {name} is not in the keyring")
    raw = base64.urlsafe_b64decode(body)
    return ring["keys"][name].decrypt(raw[:12], raw[12:], context.encode()).decode()


def seal_bytes(raw: bytes, context: str) -> bytes:
    """The same for bytes of any length: key name, a full stop, nonce and what was sealed."""
    ring = _ring(str(settings.KEYRING))
    nonce = secrets.token_bytes(12)
    return ring["current"].encode() + b"." + nonce + ring["keys"][ring["current"]].encrypt(nonce, raw, context.encode())


def unseal_bytes(value: bytes, context: str) -> bytes:
    """The bytes again. Raises KeyMissing naming the key when the keyring does not hold it."""
    name, _, body = bytes(value).partition(b".")
    ring = _ring(str(settings.KEYRING))
    if name.decode() not in ring["keys"]:
        raise KeyMissing(f"key {name.decode()} is not in the keyring")
    return ring["keys"][name.decode()].decrypt(body[:12], body[12:], context.encode())


def fingerprint(text: str, context: str) -> bytes:
    """A keyed hash for exact-match search of sealed values (16 bytes of HMAC-SHA-256)."""
    return hmac.new(_ring(str(settings.KEYRING))["index"], f"{context}\0{text}".encode(), hashlib.sha256).digest()[:16]


def token(prefix: str = "", *, size: int = 32) -> str:
    """A random URL-safe secret of `size` bytes."""
    return prefix + secrets.token_urlsafe(size)


def token_hash(value: str) -> bytes:
    """How a random token is stored: SHA-256, since it has ≥ 128 bits of its own."""
    return hashlib.sha256(value.encode()).digest()


_CODE = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def spoken_code(length: int = 16) -> str:
    """A code people can read out: letters and digits that are not mistaken for each other (16 → 78 bits)."""
    return "".join(secrets.choice(_CODE) for _ in range(length))
