"""How a backup is sealed: a recovery code, the key made of it, and streams that show when they were changed or cut.

The recovery code (38 random letters and digits, 186 bits, and 2 that check them) is printed once and kept on paper by two people. HKDF
makes the backup key of it; a machine that takes backups holds that key in `keys/backup.json`, mode 0600. Each backup is encrypted with a
random key of its own, wrapped for the backup key; papers shared by several backups with a key derived from the backup key.

A stream is `YXB1`, 16 bytes of salt, then pieces of 1 MiB under AES-256-GCM. The nonce of a piece is its number and whether it is the last
(the STREAM construction): what is changed, moved, left out or cut does not open. Memory: two pieces, whatever the length.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext_noop

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH, GROUP = 40, 5
MAGIC, PIECE, TAG = b"YXB1", 1 << 20, 16


class Trouble(RuntimeError):
    """A backup cannot be made, read or restored. `sentence` is a msgid with its `values`, so that it can be kept and shown to people in
    their language; as text it is English, as everything on the command line."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, {name: str(value) for name, value in values.items()}


class Flawed(Trouble):
    """What is there is not what was written: changed, cut, or sealed with another key."""


@dataclass(frozen=True)
class Key:
    """The backup key and its id, by which a backup names it without telling anything of it."""

    id: str
    raw: bytes

    def derived(self, purpose: str) -> bytes:
        return _derive(self.raw, purpose)

    def mark(self, sha256: str) -> str:
        """The name a paper with this content has among the backups; says nothing to those without the key."""
        return hmac.new(self.derived("names"), bytes.fromhex(sha256), hashlib.sha256).hexdigest()[:40]

    def wrap(self, inner: bytes, about: str) -> str:
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + AESGCM(self.derived("wrapping")).encrypt(nonce, inner, about.encode())).decode()

    def unwrap(self, wrapped: str, about: str) -> bytes:
        """Raises Flawed when it was changed or belongs to another backup."""
        try:
            raw = base64.b64decode(wrapped)
            return AESGCM(self.derived("wrapping")).decrypt(raw[:12], raw[12:], about.encode())
        except (InvalidTag, ValueError):
            raise Flawed(gettext_noop("The backup's key does not open: the backup was changed.")) from None


def new_code() -> str:
    """A recovery code, in groups people can read out."""
    body = "".join(secrets.choice(LETTERS) for _ in range(LENGTH - 2))
    whole = body + _check(body)
    return "-".join(whole[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def key_of(code: str) -> Key:
    """The backup key of a recovery code. Raises Trouble with a sentence for one that was mistyped."""
    plain = "".join(code.upper().split()).replace("-", "")
    if len(plain) != LENGTH or set(plain) - set(LETTERS) or _check(plain[:-2]) != plain[-2:]:
        raise Trouble(gettext_noop("This is not a recovery code, or a letter of it is mistyped: it has %(groups)s groups of %(letters)s letters and digits."), groups=LENGTH // GROUP, letters=GROUP)
    raw = _derive(plain.encode(), "yingxu backup key")
    return Key(hashlib.sha256(b"yingxu backup key id" + raw).hexdigest()[:10], raw)


def keep(path: Path, key: Key) -> None:
    """Make this the key of the backups to come; the keys of earlier ones stay beside it."""
    known = json.loads(path.read_text())["keys"] if path.exists() else {}
    text = json.dumps({"current": key.id, "keys": {**known, key.id: base64.b64encode(key.raw).decode()}})
    half = path.with_suffix(".half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def keys_in(text: str) -> dict[str, Key]:
    """The keys in a file of keys ("": none), by their ids."""
    return {name: Key(name, base64.b64decode(key)) for name, key in json.loads(text)["keys"].items()} if text else {}


def kept(path: Path) -> tuple[Key, dict[str, Key]]:
    """(the current key, every key by its id). Raises Trouble when there is none."""
    try:
        text = path.read_text()
        keys = keys_in(text)
        return keys[json.loads(text)["current"]], keys
    except FileNotFoundError:
        raise Trouble(gettext_noop("There is no backup key yet. Make one, and write its recovery code down: yingxu backup code")) from None
    except (ValueError, KeyError, TypeError):
        raise Trouble(gettext_noop("The backup key in %(place)s cannot be read; make a new one: yingxu backup code"), place=path) from None


def _derive(raw: bytes, purpose: str, salt: bytes = b"") -> bytes:
    return HKDF(SHA256(), 32, salt or None, purpose.encode()).derive(raw)


def _check(body: str) -> str:
    number = int.from_bytes(hashlib.sha256(body.encode()).digest()[:4], "big")
    return LETTERS[number % 30] + LETTERS[number // 30 % 30]


class Writer:
    """Write a sealed stream into `out`; `close` writes its end (and leaves `out` open). What was not closed does not open."""

    def __init__(self, out: BinaryIO, key: bytes, about: str) -> None:
        salt = secrets.token_bytes(16)
        self._out, self._cipher = out, AESGCM(_derive(key, about, salt))
        self._left, self._number = bytearray(), 0
        self.digest, self.size = hashlib.sha256(), 0  # of what was written, in the clear
        out.write(MAGIC + salt)

    def write(self, raw: bytes) -> None:
        self.digest.update(raw)
        self.size += len(raw)
        self._left += raw
        while len(self._left) > PIECE:
            self._piece(bytes(self._left[:PIECE]), False)
            del self._left[:PIECE]

    def close(self) -> None:
        self._piece(bytes(self._left), True)

    def _piece(self, raw: bytes, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), raw, None))
        self._number += 1


def opened(source: BinaryIO, key: bytes, about: str) -> Iterator[bytes]:
    """The pieces of a sealed stream in the clear. Raises Flawed at the first that is not as it was written, or when the end is missing."""
    head = source.read(len(MAGIC) + 16)
    if head[: len(MAGIC)] != MAGIC or len(head) != len(MAGIC) + 16:
        raise Flawed(gettext_noop("This is not a part of a backup, or its beginning is damaged."))
    cipher, number = AESGCM(_derive(key, about, head[len(MAGIC) :])), 0
    piece = source.read(PIECE + TAG)
    while True:
        after = source.read(PIECE + TAG)
        try:
            yield cipher.decrypt(_nonce(number, not after), piece, None)
        except InvalidTag:
            raise Flawed(gettext_noop("A part of the backup was changed or cut, or is sealed with another key.")) from None
        if not after:
            return
        piece, number = after, number + 1


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, without their ends."""
    left = b""
    for piece in pieces:
        *whole, left = (left + piece).split(b"\n")
        yield from whole
    if left:
        yield left


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")
