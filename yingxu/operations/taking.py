"""How a backup is taken while the product runs: one snapshot of the database, then the papers, each copied once for all backups.

Papers are on the disk before their row is committed, so every row of the snapshot has its paper. Nothing is stopped, nothing waits.
"""

import errno
import hashlib
import json
import os
import platform
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import physical, postgres

from . import counting, places, vault

MADE_ANEW = {"postgres", "static", "cache", "keys", "lost+found"}  # keys go into a part of their own
KEYS = ("secret", "keyring.json", "backup.json")
VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE", "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "connect_timeout": "PGCONNECT_TIMEOUT",
}  # fmt: skip
Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Taken:
    """What a backup became. `size` is what it holds in the clear, `written` what was new on the disk (bytes)."""

    name: str
    papers: int
    size: int
    written: int
    database: int
    tables: int


def database() -> str:
    """How to reach this company's database without Django."""
    given = connection.settings_dict
    options = {k: v for k, v in given["OPTIONS"].items() if k in VARIABLES}
    named = {"dbname": given["NAME"], "user": given["USER"], "password": given["PASSWORD"], "host": given["HOST"], "port": given["PORT"]}
    return make_conninfo("", **{k: v for k, v in {**named, **options}.items() if v})


def take(place: Path, *, url: str, key: vault.Key, at: datetime, base: bool = False, tell: Tell = lambda what, done: None) -> Taken:
    """Take a backup into `place`, with a physical copy (`base`) that the database's log goes on from. Raises Trouble with a sentence; then
    nothing that could be taken for a backup is left there."""
    try:
        places.require(place)
        with places.alone(place):
            places.clear_halves(place)
            name = places.stamp(at)
            half = place / f".half-{name}"
            half.mkdir(mode=0o700)
            try:
                return _take(place, half, name, url, key, base, tell)
            except BaseException:
                shutil.rmtree(half, ignore_errors=True)
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise vault.Trouble(gettext_noop("There is no room for a backup in %(place)s."), place=place) from error
        raise vault.Trouble(gettext_noop("The backup failed: %(why)s"), why=error.strerror or error) from error
    except psycopg.Error as error:
        raise vault.Trouble(gettext_noop("The backup failed: the database says %(why)s"), why=str(error).splitlines()[0]) from error


def _take(place: Path, half: Path, name: str, url: str, key: vault.Key, base: bool, tell: Tell) -> Taken:
    inner = secrets.token_bytes(32)
    with psycopg.connect(url, autocommit=True) as server:
        counting.settle(server)
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot, version = server.execute("SELECT pg_export_snapshot(), current_setting('server_version')").fetchone()
        head = {
            "name": name, "server": version, "journal": counting.journal(server),
            "transaction": counting.highest_transaction(server),
        }  # fmt: skip
        found = {}
        for table, count, total in counting.tables(server):
            found[table] = [count, total]
            tell("counting", len(found))
        dumped = _dump(half / "database", url, snapshot, inner, tell)
    head |= {"tables": found, "database": {"sha256": dumped.digest.hexdigest(), "size": dumped.size}}
    with places.durable(half / "keys") as out:
        sealed = vault.Writer(out, inner, "keys")
        sealed.write(json.dumps(keys_of(settings.DATA_DIR)).encode())
        sealed.close()
    if base:
        head["base"] = _base(half / "base", url, inner, tell)
    count, size, written = _papers(place, half, head, key, inner, tell)
    carry_ledger(place, key)
    places.write_seal(half, name, key, inner)
    own = sum(part.stat().st_size for part in half.iterdir())
    places.settle(half, place / name)
    return Taken(name, count, size + dumped.size, written + own, dumped.size, len(found))


def _dump(path: Path, url: str, snapshot: str, inner: bytes, tell: Tell) -> vault.Writer:
    words = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges", "--no-comments", "--no-unlogged-table-data", "--no-sync"]
    process = subprocess.Popen(
        [postgres.client("pg_dump"), *words, f"--snapshot={snapshot}"], env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/"
    )
    try:
        with places.durable(path) as out:
            sealed = vault.Writer(out, inner, "database")
            while piece := process.stdout.read(1 << 20):
                sealed.write(piece)
                tell("database", sealed.size)
            sealed.close()
            said = process.stderr.read().decode(errors="replace").strip()
            if process.wait():
                raise vault.Trouble(gettext_noop("The database could not be read: %(why)s"), why=said.splitlines()[-1] if said else process.returncode)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    return sealed


def keys_of(data: Path) -> dict[str, str]:
    """The files of keys in a data directory, by their names."""
    return {part: (data / "keys" / part).read_text() for part in KEYS if (data / "keys" / part).exists()}


def _base(path: Path, url: str, inner: bytes, tell: Tell) -> dict[str, Any]:
    """Copy the server as it is, file by file; what the log needs to go on from there (`segments.Base`)."""
    with psycopg.connect(url, autocommit=True) as server, places.durable(path) as out:
        before = physical.standing(server)
        sealed = vault.Writer(out, inner, "base")

        def put(piece: bytes) -> None:
            sealed.write(piece)
            tell("base", sealed.size)

        try:
            physical.base(environment(url), put)
        except postgres.Trouble as trouble:
            raise vault.Trouble(gettext_noop("The database could not be copied: %(why)s"), why=trouble) from trouble
        sealed.close()
        after = physical.standing(server)
        ended, version = server.execute("SELECT clock_timestamp(), current_setting('server_version')").fetchone()
    return {
        "system": before.system, "timeline": before.writes.timeline, "size": before.size, "first": before.writes.number,
        "whole": after.writes.number - 1, "ended": ended.isoformat(), "server": version, "machine": platform.machine(), "sha256": sealed.digest.hexdigest(),
    }  # fmt: skip


def _papers(place: Path, half: Path, head: dict, key: vault.Key, inner: bytes, tell: Tell) -> tuple[int, int, int]:
    """Write the manifest, copying each paper on the way: (how many, their bytes, bytes newly written)."""
    count = size = written = 0
    with places.durable(half / "manifest") as out:
        manifest = vault.Writer(out, inner, "manifest")
        manifest.write(json.dumps(head).encode() + b"\n")
        earlier = _Earlier(place, key)
        for path in walk(settings.DATA_DIR):
            try:
                digest, new, length, changed = _paper(place, path, key, earlier)
            except FileNotFoundError:
                continue  # thrown away meanwhile; no row names it
            row = [path.relative_to(settings.DATA_DIR).as_posix(), length, changed, digest]
            manifest.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            count, size, written = count + 1, size + length, written + new
            tell("papers", count)
        manifest.close()
    return count, size, written


def _paper(place: Path, path: Path, key: vault.Key, earlier: "_Earlier") -> tuple[str, int, int, int]:
    """(SHA-256, bytes newly written, size, changed in ns) of a paper that now lies in the place."""
    about = path.stat()
    digest = earlier.same(path.relative_to(settings.DATA_DIR).as_posix(), about.st_size, about.st_mtime_ns) or _digest(path)
    return digest, lay_in(place, path, digest, key), about.st_size, about.st_mtime_ns


def lay_in(place: Path, path: Path, digest: str, key: vault.Key) -> int:
    """Seal a paper into a place unless it lies there already; returns the bytes newly written. Raises Trouble when its SHA-256 is another."""
    mark = key.mark(digest)
    there = place / "papers" / mark[:2] / mark
    if there.exists():
        return 0
    with path.open("rb") as source, places.durable(there) as out:
        sealed = vault.Writer(out, key.derived("papers"), mark)
        while piece := source.read(1 << 20):
            sealed.write(piece)
        sealed.close()
        if sealed.digest.hexdigest() != digest:
            raise vault.Trouble(gettext_noop("%(paper)s changed while it was copied; the backup will be tried again."), paper=path.name)
    return there.stat().st_size


class _Earlier:
    """What the newest backup in the place says of papers, walked along with the walk of the disk (both in the order of paths)."""

    def __init__(self, place: Path, key: vault.Key) -> None:
        self._rows: Iterator[tuple[str, int, int, str]] = iter(())
        self._now: tuple[str, int, int, str] | None = None
        if known := places.names(place):
            try:
                self._rows = places.open_(place / known[-1], [key]).papers()
            except vault.Trouble:
                return  # of another key, or damaged: everything is read again
            self._step()

    def same(self, path: str, size: int, changed: int) -> str:
        """Its SHA-256 when it is as it was, else ""."""
        while self._now and self._now[0].split("/") < path.split("/"):
            self._step()
        return self._now[3] if self._now and self._now[:3] == (path, size, changed) else ""

    def _step(self) -> None:
        try:
            self._now = next(self._rows, None)
        except vault.Trouble:
            self._now = None


def walk(data: Path) -> Iterator[Path]:
    """Every paper in the data directory but what is made anew and the backups themselves, in the order of their paths."""
    for path in sorted(data.iterdir()):
        top = path.parent == settings.DATA_DIR
        if path.is_symlink() or (top and (path.name.split(".")[0] in MADE_ANEW or path.name.startswith("verify-"))):
            continue
        if path.is_dir():
            if path.name != "tmp" and not (path / places.MARK).exists():
                yield from walk(path)
        elif path.is_file():
            yield path


def carry_ledger(place: Path, key: vault.Key) -> None:
    """Put the newest ledger of erasures beside the backups, so that whichever is restored, what was erased since is erased again."""
    if settings.ERASURES.exists():
        with places.durable(place / "erasures") as out:
            sealed = vault.Writer(out, key.derived("erasures"), "erasures")
            sealed.write(settings.ERASURES.read_bytes())
            sealed.close()


def environment(url: str) -> dict[str, str]:
    """The environment that lets PostgreSQL's programs reach a database; a password never stands on a command line."""
    given: dict[str, Any] = conninfo_to_dict(url)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return plain | {VARIABLES[name]: str(value) for name, value in given.items() if name in VARIABLES and value is not None}


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
