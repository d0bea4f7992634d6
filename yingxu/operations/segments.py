"""The database's own log in a place of backups: what happened after a physical copy ("base"), piece by piece, for any moment since.

    log/7711803069635343792/00000001000000000000002A.4f0c…   a sealed piece: cluster, piece, id of the key that opens it
    keyrings/20261124T030000Z.4f0c…                           the keys as they were from then on, sealed

Pieces are numbered without holes, so a missing one is found. They are useless without the base they follow: the one goes with the other.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from config.physical import HISTORY, NAME, Segment

from . import places, vault

BASES = 2  # as many physical copies stay, with the log since the older one
RING = "keyring.json"


@dataclass(frozen=True)
class Base:
    """A physical copy in a place: which cluster, the first piece of log it needs, the last one without which it is not whole, and when
    it was whole."""

    backup: places.Backup
    system: str
    first: Segment
    whole: Segment
    ended: datetime
    server: str
    machine: str

    @classmethod
    def of(cls, backup: places.Backup) -> "Base | None":
        about = backup.head().get("base")
        if not about or not (backup.folder / "base").exists():
            return None
        first = Segment(about["timeline"], about["first"], about["size"])
        return cls(backup, about["system"], first, Segment(first.timeline, about["whole"], first.size), datetime.fromisoformat(about["ended"]),
                   about["server"], about["machine"])  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """How far the log goes without a hole: its last piece (None: not even the base is whole), and the first that is missing although
    later ones are there."""

    last: Segment | None
    missing: Segment | None


def folder(place: Path, system: str) -> Path:
    return place / "log" / system


def held(place: Path, system: str) -> dict[str, Path]:
    """The pieces of a cluster in a place, by their names."""
    at = folder(place, system)
    return {path.name.partition(".")[0]: path for path in at.iterdir() if NAME.match(path.name)} if at.is_dir() else {}


def put(place: Path, system: str, name: str, raw: bytes, closed: datetime, key: vault.Key) -> None:
    """Seal a finished piece into a place. `closed`: everything committed before is in it or in an earlier one."""
    head = json.dumps({"closed": closed.astimezone(UTC).isoformat()}).encode()
    _seal(folder(place, system) / f"{name}.{key.id}", head + b"\n" + zlib.compress(raw, 1), key.derived("log"), f"{system}/{name}")


def read(path: Path, keys: Iterable[vault.Key]) -> tuple[datetime, bytes]:
    """(when it was finished, its bytes) of a piece. Raises Flawed, Trouble."""
    name, _dot, known = path.name.rpartition(".")
    key = _key(known, keys, name)
    with path.open("rb") as source:
        raw = _whole(source, key.derived("log"), f"{path.parent.name}/{name}", name)
    head, _line, body = raw.partition(b"\n")
    return datetime.fromisoformat(json.loads(head)["closed"]), zlib.decompress(body)


def closed(path: Path, keys: Iterable[vault.Key]) -> datetime:
    return read(path, keys)[0]


def reach(place: Path, base: Base) -> Reach:
    """How far the pieces in a place follow the base."""
    numbers = sorted(Segment.of(name, base.first.size).number for name in held(place, base.system) if int(name[:8], 16) == base.first.timeline)
    numbers = [number for number in numbers if number >= base.first.number]
    count = next((i for i, number in enumerate(numbers) if number != base.first.number + i), len(numbers))
    last = Segment(base.first.timeline, base.first.number + count - 1, base.first.size) if count else None
    hole = base.first if last is None else last.next
    return Reach(last if last and last >= base.whole else None, hole if count < len(numbers) else None)


def bases(place: Path, keys: Iterable[vault.Key]) -> Iterator[Base]:
    """The physical copies in a place that these keys open, the newest first."""
    keys = list(keys)
    for name in reversed(places.names(place)):
        if not (place / name / "base").exists():
            continue
        with suppress(vault.Trouble):
            if base := Base.of(places.open_(place / name, keys)):
                yield base


def put_keys(place: Path, texts: dict[str, str], at: datetime, key: vault.Key) -> None:
    """Keep the keys as they are from `at` on, for a moment is worth nothing without the keys of its day."""
    name = places.stamp(at)
    _seal(place / "keyrings" / f"{name}.{key.id}", json.dumps(texts).encode(), key.derived("keyrings"), name)


def keyrings(place: Path, keys: Iterable[vault.Key]) -> Iterator[tuple[str, dict[str, str]]]:
    """(since when, the files of keys) of what these keys open, the oldest first. Raises Flawed."""
    known = {key.id: key for key in keys}
    for path in sorted((place / "keyrings").glob("*")):
        name, _dot, mark = path.name.rpartition(".")
        if mark in known and places.NAME.fullmatch(name):
            with path.open("rb") as source:
                yield name, json.loads(_whole(source, known[mark].derived("keyrings"), name, name))


def keys_now(place: Path, key: vault.Key) -> dict[str, str]:
    """The files of keys kept last under this key ({}: none yet). Raises Flawed."""
    newest = sorted((place / "keyrings").glob(f"[!.]*.{key.id}"))
    if not newest:
        return {}
    with newest[-1].open("rb") as source:
        name = newest[-1].name.partition(".")[0]
        return json.loads(_whole(source, key.derived("keyrings"), name, name))


def every_key(place: Path, key: vault.Key) -> dict[str, vault.Key]:
    """The keys of backups that a recovery code leads to: its own, and those kept beside it in the keys it opens."""
    found = {key.id: key}
    for _since, texts in keyrings(place, [key]):
        found |= vault.keys_in(texts.get("backup.json", ""))
    return found


def joined(texts: Iterable[dict[str, str]]) -> dict[str, str]:
    """The files of keys, the newest last: the newest of each, and every key of the ring any of them knew."""
    result: dict[str, str] = {}
    rings: list[dict[str, Any]] = []
    for text in texts:
        result |= text
        rings.append(json.loads(text[RING]))
    ring: dict[str, Any] = {}
    for raw in rings:
        ring = {**raw, "keys": {**ring.get("keys", {}), **raw["keys"]}, "since": {**ring.get("since", {}), **raw.get("since", {})}}
    return result | ({RING: json.dumps(ring)} if ring else {})


def follow(place: Path, second: Path, system: str) -> None:
    """Bring to the second place what the first has of a cluster's log and of the keys."""
    for source in (folder(place, system), place / "keyrings"):
        for path in sorted(source.iterdir()) if source.is_dir() else ():
            there = second / path.relative_to(place)
            if not path.name.startswith(".") and not there.exists():
                places.copy_file(path, there)


def prune(place: Path, keys: Iterable[vault.Key]) -> None:
    """Delete what no kept base needs: older bases, the log before the oldest one that stays, the logs of clusters there is no base of.
    Before the first base of a cluster its log stays."""
    found = list(bases(place, keys))
    for base in found[BASES:]:
        (base.backup.folder / "base").unlink()
    kept = found[:BASES]
    if not kept:
        return
    begin = min(base.backup.made_at for base in kept).timestamp()
    for at in (place / "log").iterdir() if (place / "log").is_dir() else ():
        mine = [base.first for base in kept if base.system == at.name]
        for name, path in held(place, at.name).items():
            piece = Segment.of(name, mine[0].size) if mine else None
            if piece < min(mine) if piece else path.stat().st_mtime < begin:
                path.unlink()
        with suppress(OSError):
            at.rmdir()


def spared(place: Path, keys: Iterable[vault.Key]) -> list[str]:
    """The backups whose bases stay."""
    return [base.backup.name for base, _count in zip(bases(place, keys), range(BASES), strict=False)]


def wanted(name: str) -> bool:
    """Is this file of the spool worth keeping? Notes about copies and half pieces are not."""
    return bool(NAME.fullmatch(name) or HISTORY.fullmatch(name))


def _seal(path: Path, raw: bytes, key: bytes, about: str) -> None:
    with places.durable(path) as out:
        sealed = vault.Writer(out, key, about)
        sealed.write(raw)
        sealed.close()


def _whole(source: Any, key: bytes, about: str, name: str) -> bytes:
    try:
        return b"".join(vault.opened(source, key, about))
    except vault.Flawed:
        raise vault.Flawed(gettext_noop("%(piece)s of the database's log was changed or cut."), piece=name) from None


def _key(known: str, keys: Iterable[vault.Key], name: str) -> vault.Key:
    for key in keys:
        if key.id == known:
            return key
    raise vault.Trouble(gettext_noop("This recovery code does not open %(piece)s of the database's log: it needs the one of key %(key)s."), piece=name, key=known)
