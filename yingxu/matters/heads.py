"""The heads of the ledgers outside the database: an append-only file for each in `<data>/audit`, a line for each seal.

A line is "<ledger> <number> <when> <rows> <code in hexadecimal>". After the database was taken back to an earlier moment from a backup,
one line says so ("restored <ledger> <number> <when> <why>"): seals after that number, of lines before it, are known to be gone.
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from .models import Seal

TAIL = 4_096


@dataclass(frozen=True)
class Head:
    number: int
    code: str
    when: str


def place(name: str) -> Path:
    return Path(settings.DATA_DIR) / "audit" / f"{name}.heads"


def line(seal: Seal) -> str:
    """A head as it is kept, printed and copied."""
    return f"{seal.ledger} {seal.number} {seal.sealed_at:%Y-%m-%dT%H:%M:%SZ} {seal.rows} {bytes(seal.mac).hex()}"


def keep(name: str) -> None:
    """Write down every seal that is not yet; also what a worker that was killed had left."""
    path = place(name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0, os.SEEK_END)
        size = file.tell()
        file.seek(max(0, size - TAIL))
        written = _last(file.read().decode("utf-8", "replace").splitlines())
        new = Seal.objects.filter(ledger=name, number__gt=written).defer("leaves", "salts").order_by("number")
        text = "".join(line(seal) + "\n" for seal in new.iterator())
        if text:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())


def _last(lines: list[str]) -> int:
    for text in reversed(lines):
        words = text.split()
        if len(words) == 5 and words[1].isdigit() and len(words[4]) == 64:
            return int(words[1])
        if len(words) > 3 and words[0] == "restored":
            return int(words[2])
    return 0


def known(name: str, path: Path | None = None) -> Iterator[Head]:
    """The heads that were written down, in order; of those that a restore took back nothing. Raises FileNotFoundError."""
    path = path or place(name)
    gone = list(_restored(name, path))
    with path.open(encoding="utf-8", errors="replace") as file:
        for at, text in enumerate(file):
            words = text.split()
            if len(words) != 5 or words[0] != name or not words[1].isdigit():
                continue
            number = int(words[1])
            if not any(at < said and number > kept for said, kept in gone):
                yield Head(number, words[4], words[2])


def _restored(name: str, path: Path) -> Iterator[tuple[int, int]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for at, text in enumerate(file):
            words = text.split()
            if len(words) > 3 and words[0] == "restored" and words[1] == name and words[2].isdigit():
                yield at, int(words[2])


def restored(name: str, why: str) -> int:
    """Say that the ledger goes on from the last seal the database has as it was written down, since it came from a backup; returns
    that number."""
    path = place(name)
    last = _agreed(name, path)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"restored {name} {last} {timezone.now():%Y-%m-%dT%H:%M:%SZ} {' '.join(why.split()) or '-'}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    keep(name)
    return last


def _agreed(name: str, path: Path) -> int:
    """The last seal that is in the database as it was written down; without a file, the last one there is."""
    seals = Seal.objects.filter(ledger=name).order_by("number")
    if not path.exists():
        return seals.values_list("number", flat=True).last() or 0
    there, last = {number: bytes(mac).hex() for number, mac in seals.values_list("number", "mac").iterator()}, 0
    for head in known(name, path):
        if there.get(head.number) != head.code:
            break
        last = head.number
    return last
