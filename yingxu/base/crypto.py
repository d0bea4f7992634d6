"""Secrets: field encryption with rotating keys, exact-match fingerprints, random codes.

The keyring is a JSON file {"current": "k1", "keys": {"k1": base64 of 32 bytes}, "index": base64 of 32 bytes, "since": {"k2": when it
became current}}. A missing or wrong key refuses with the key's id; a new key is never made silently. A running process sees a changed
file at its next use: the file is looked at each time (its number, time and size; about two microseconds), read when it is another.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


@dataclass(frozen=True)
class Sealed:
    """Where sealed values lie: a column of a table (`part`: the key of a JSON column), and the context they are sealed with."""

    model: Any
    field: str
    context: str
    part: str = ""

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field}" + (f".{self.part}" if self.part else "")


SEALED: list[Sealed] = []


def seals(*fields: str, context: str = "") -> Callable:
    """Declare the sealed columns of a model ("sealed_to", or "before.mobile" inside a JSON column), so that they are sealed anew when the
    key changes. `context` is the model's SEALED unless given. A house test finds what nobody declared."""

    def wrap(model: Any) -> Any:
        for field in fields:
            column, _dot, part = field.partition(".")
            SEALED.append(Sealed(model, column, context or model.SEALED, part))
        return model

    return wrap


class KeyMissing(RuntimeError):
    """The keyring does not hold the key a value was sealed with."""


def new_keyring() -> dict:
    """A fresh keyring with one key; written by `yingxu init` only."""
    key = lambda: base64.b64encode(secrets.token_bytes(32)).decode()  # noqa: E731
    return {"current": "k1", "keys": {"k1": key()}, "index": key()}


def _ring(path: str) -> dict:
    try:
        about = os.stat(path)
        return _read(path, about.st_ino, about.st_mtime_ns, about.st_size)
    except FileNotFoundError:
        raise KeyMissing(f"no keyring at {path}: restore it from your backup") from None


@lru_cache(maxsize=4)
def _read(path: str, _number: int, _changed: int, _size: int) -> dict:
    raw = json.loads(Path(path).read_text())
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


def authenticate(raw: bytes, context: str) -> tuple[str, bytes]:
    """(key id, HMAC-SHA-256) of these bytes, with a key that serves this context only. It comes from the ring's index key, which stays when
    the others rotate; the id tells one from another."""
    key = hmac.new(_ring(str(settings.KEYRING))["index"], f"authenticate\0{context}".encode(), hashlib.sha256).digest()
    return f"s1-{hashlib.sha256(key).hexdigest()[:8]}", hmac.new(key, raw, hashlib.sha256).digest()


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
