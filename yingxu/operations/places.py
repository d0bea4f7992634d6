"""A place backups lie in: a directory with one folder for each backup and, shared by them, the papers by their content.

    yingxu-backups        the mark of a place; a place without it is not there (a disk that is not mounted)
    20261124T030000Z/     one whole backup: `seal` (readable: format, key, when), `manifest`, `database`, `keys`, sometimes `base`
    papers/ab/abcd…       a paper, sealed, once however many backups hold it
    erasures              what was erased, sealed; the newest, whatever backup is restored
    log/, keyrings/       what happened since a base, and the keys of those days (`segments`)

A backup is written under another name and renamed when everything in it is on the disk, so a half one is never taken for a whole one.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_noop

from . import vault

FORMAT = 1
NAME = re.compile(r"\d{8}T\d{6}Z")
MARK = "yingxu-backups"
LAST, DAYS, WEEKS, MONTHS = 3, 7, 4, 12
LEAST_FREE = 0.05  # of a disk: below it nothing is begun


@dataclass(frozen=True)
class Backup:
    """One whole backup in a place, opened with its key."""

    folder: Path
    key: vault.Key
    inner: bytes

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def made_at(self) -> datetime:
        return moment(self.name)

    def part(self, name: str) -> Iterator[bytes]:
        """The pieces of a part in the clear. Raises Flawed."""
        try:
            with (self.folder / name).open("rb") as source:
                yield from vault.opened(source, self.inner, name)
        except FileNotFoundError:
            raise vault.Flawed(gettext_noop("The backup %(backup)s has no %(part)s: it was not copied whole."), backup=self.name, part=name) from None

    def head(self) -> dict:
        """What the manifest says of the whole: database, tables, journal."""
        for line in vault.lines(self.part("manifest")):
            return json.loads(line)
        raise vault.Flawed(gettext_noop("The backup %(backup)s has an empty manifest."), backup=self.name)

    def papers(self) -> Iterator[tuple[str, int, int, str]]:
        """(path, bytes, changed in ns, SHA-256) of each paper, in the order of their paths."""
        rows = vault.lines(self.part("manifest"))
        next(rows)
        for row in rows:
            path, size, changed, digest = json.loads(row)
            yield path, size, changed, digest

    def paper(self, digest: str) -> Iterator[bytes]:
        """The pieces of a paper in the clear. Raises Flawed when it is missing or not as it was."""
        mark = self.key.mark(digest)
        try:
            with (self.folder.parent / "papers" / mark[:2] / mark).open("rb") as source:
                yield from vault.opened(source, self.key.derived("papers"), mark)
        except FileNotFoundError:
            raise vault.Flawed(gettext_noop("A paper of the backup is missing in its place.")) from None


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def moment(name: str) -> datetime:
    return datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def begin(place: Path) -> None:
    """Make this directory a place of backups. Raises Trouble for one that holds something else."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (place / MARK).exists():
        return
    if any(place.iterdir()):
        raise vault.Trouble(gettext_noop("%(place)s holds something else; choose an empty directory for backups."), place=place)
    (place / MARK).write_text(f"{FORMAT}\n")


def require(place: Path) -> None:
    """Raises Trouble unless this is a place of backups with room on its disk."""
    if not (place / MARK).exists():
        raise vault.Trouble(gettext_noop("%(place)s is not there, or is no place of backups any more. Is its disk mounted?"), place=place)
    usage = shutil.disk_usage(place)
    if usage.free < LEAST_FREE * usage.total:
        raise vault.Trouble(gettext_noop("The disk of %(place)s is full (%(free)s %% free); no backup was begun."), place=place, free=100 * usage.free // usage.total)


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """One at a time writes in a place. Raises Trouble when somebody does."""
    with (place / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise vault.Trouble(gettext_noop("A backup in %(place)s is already under way."), place=place) from None
        yield


def names(place: Path) -> list[str]:
    """The whole backups in a place, oldest first."""
    return sorted(p.name for p in place.iterdir() if NAME.fullmatch(p.name) and (p / "seal").exists()) if place.is_dir() else []


def find(source: Path, name: str = "") -> Path:
    """The folder of a backup: `source` is one, or a place whose newest (or named) one is taken. Raises Trouble."""
    if (source / "seal").exists():
        return source
    known = names(source)
    if not known:
        raise vault.Trouble(gettext_noop("There is no whole backup in %(place)s."), place=source)
    if name and name not in known:
        raise vault.Trouble(gettext_noop("There is no backup %(backup)s in %(place)s."), backup=name, place=source)
    return source / (name or known[-1])


def seal_of(folder: Path) -> dict:
    """What may be read without a key. Raises Flawed."""
    try:
        seal = json.loads((folder / "seal").read_text())
        if seal["format"] != FORMAT:
            raise vault.Flawed(gettext_noop("The backup %(backup)s has format %(format)s; this program reads %(ours)s."), backup=folder.name, format=seal["format"], ours=FORMAT)
        return {"key": str(seal["key"]), "wrapped": str(seal["wrapped"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise vault.Flawed(gettext_noop("The backup %(backup)s is damaged: its seal cannot be read."), backup=folder.name) from None


def open_(folder: Path, keys: Iterable[vault.Key]) -> Backup:
    """The backup, opened. Raises Trouble when none of the keys is its own, Flawed when it was changed."""
    seal = seal_of(folder)
    key = next((key for key in keys if key.id == seal["key"]), None)
    if key is None:
        raise vault.Trouble(gettext_noop("This is not the recovery code of the backup %(backup)s: it needs the one of key %(key)s."), backup=folder.name, key=seal["key"])
    return Backup(folder, key, key.unwrap(seal["wrapped"], folder.name))


def write_seal(folder: Path, name: str, key: vault.Key, inner: bytes) -> None:
    with durable(folder / "seal") as out:
        out.write(json.dumps({"format": FORMAT, "key": key.id, "wrapped": key.wrap(inner, name)}).encode())


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole and on the disk, or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def settle(folder: Path, at: Path) -> None:
    """Give a finished folder its name, for good."""
    for part in (folder, folder.parent):
        _sync(part)
    folder.rename(at)
    _sync(at.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy(folder: Path, other: Path, key: vault.Key) -> None:
    """Bring a whole backup, and the papers it needs, to another place. Raises OSError, Trouble."""
    require(other)
    with alone(other):
        clear_halves(other)
        if (other / folder.name / "seal").exists():
            return
        half = other / f".half-{folder.name}"
        half.mkdir(mode=0o700)
        for part in sorted(folder.iterdir()):
            copy_file(part, half / part.name)
        for _path, _size, _changed, digest in open_(folder, [key]).papers():
            mark = key.mark(digest)
            there = other / "papers" / mark[:2] / mark
            if not there.exists():
                copy_file(folder.parent / "papers" / mark[:2] / mark, there)
        settle(half, other / folder.name)


def copy_file(one: Path, to: Path) -> None:
    """Copy a file, whole and on the disk, or not at all."""
    with one.open("rb") as source, durable(to) as out:
        shutil.copyfileobj(source, out, 1 << 20)


def clear_halves(place: Path) -> None:
    """Throw away what a killed backup left; its papers stay and are found again by their content."""
    for left in [*place.glob(".half-*"), *place.glob(".gone-*")]:
        shutil.rmtree(left, ignore_errors=True)
    for left in [*place.glob("papers/*/.*"), *place.glob("log/*/.*")]:
        if not _writes(left.suffix[1:]):
            left.unlink(missing_ok=True)


def _writes(number: str) -> bool:
    """Does the process still live that began a file? Papers and the log are also brought while a backup is taken."""
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def due_to_go(found: Iterable[str], spared: Iterable[str]) -> list[str]:
    """Backups no rule keeps: the newest of each of the last 7 days, 4 weeks and 12 months stay, the last three, and what is spared."""
    newest = sorted(found, reverse=True)
    stay = {*newest[:LAST], *spared}
    for count, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        firsts: dict[str, str] = {}
        for name in newest:
            firsts.setdefault(moment(name).strftime(period), name)
        stay |= set(list(firsts.values())[:count])
    return [name for name in reversed(newest) if name not in stay]


def prune(place: Path, keys: Iterable[vault.Key], spared: Iterable[str], since: datetime | None = None) -> list[str]:
    """Delete the backups no rule keeps, and papers no backup holds any more; returns their names. A backup that does not open keeps
    every paper: what it holds is not known. Papers that came since `since` belong to the log."""
    keys = list(keys)
    with alone(place):
        gone = due_to_go(names(place), spared)
        for name in gone:
            (place / name).rename(place / f".gone-{name}")
        clear_halves(place)
        with suppress(vault.Trouble):
            held = {bytes.fromhex(mark) for name in names(place) for mark in _marks(open_(place / name, keys))} if gone else set()
            for paper in place.glob("papers/*/*") if gone else ():
                if not paper.name.startswith(".") and bytes.fromhex(paper.name) not in held and (since is None or paper.stat().st_mtime < since.timestamp()):
                    paper.unlink()
    return gone


def _marks(backup: Backup) -> Iterator[str]:
    return (backup.key.mark(digest) for _path, _size, _changed, digest in backup.papers())
