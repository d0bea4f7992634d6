"""How a company comes back as of a moment: a physical copy, the log that followed it, the papers its rows name, the keys of that day.

What is missing or flawed is found before anything stands where the product looks; a hole in the log is found before anything is begun.
"""

import json
import os
import platform
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from django.utils.translation import gettext_noop

from config import physical, postgres, standing

from . import counting, places, restoring, segments, vault
from .taking import Tell

QUICK = "fsync = off\nfull_page_writes = off\n"


@dataclass(frozen=True)
class Plan:
    """From which base, with which keys, up to which piece; `until` None: as far as the log goes. `reached`: everything committed before is there."""

    base: segments.Base
    place: Path
    keys: dict[str, vault.Key]
    last: physical.Segment
    reached: datetime
    until: datetime | None


def plan(place: Path, key: vault.Key, until: datetime | None = None) -> Plan:
    """How to come to a moment, or to the newest there is. Raises Trouble, Flawed with a sentence that names what can be had."""
    keys = segments.every_key(place, key)
    known = list(segments.bases(place, keys.values()))
    if not known:
        raise vault.Trouble(gettext_noop("There is no physical copy in %(place)s that this recovery code opens, so no moment can be restored. Leave out --at to restore a backup."), place=place)
    base = next((base for base in known if until is None or base.ended <= until), None)
    if base is None:
        raise vault.Trouble(gettext_noop("The log in %(place)s begins at %(at)s; an earlier moment cannot be restored. Restore a backup with --name."), place=place, at=_said(known[-1].ended))
    _require_machine(base)
    reach, held = segments.reach(place, base), segments.held(place, base.system)
    if reach.last is None:
        missing = reach.missing or base.first
        raise vault.Flawed(gettext_noop("The log behind the copy %(backup)s has a hole: %(piece)s is missing, and without it the copy is not whole. Restore a backup with --name."), backup=base.backup.name, piece=missing.name)
    reached = segments.closed(held[reach.last.name], keys.values())
    if reach.missing is not None and (until is None or until > reached):
        raise vault.Flawed(gettext_noop("The log has a hole: %(piece)s is missing. It leads up to %(at)s: restore that moment with --at, or a backup with --name."), piece=reach.missing.name, at=_said(reached))
    if until is not None and until > reached:
        raise vault.Trouble(gettext_noop("The log leads up to %(at)s, not further. Leave out --at to restore all there is."), at=_said(reached))
    return Plan(base, place, keys, reach.last, reached, until)


def _require_machine(base: segments.Base) -> None:
    """A copy of files is read by the same version on the same kind of machine only."""
    mine = (postgres.carried().split(".")[0], platform.machine())
    if (base.server.split(".")[0], base.machine) != mine:
        raise vault.Trouble(
            gettext_noop("The physical copy is of PostgreSQL %(theirs)s, this machine has %(ours)s: no moment can be restored here. Restore a backup with --name."),
            theirs=f"{base.server} ({base.machine})", ours=f"{mine[0]} ({mine[1]})",
        )  # fmt: skip


def replay(plan: Plan, data: Path, tell: Tell = lambda what, done: None, *, extra: str = "", archive: bool = False) -> int:
    """Make the database in `data` (…/postgres) and replay the log; returns how many pieces. Raises Flawed, Trouble."""
    held, count = segments.held(plan.place, plan.base.system), 0

    def give(name: str) -> bytes | None:
        nonlocal count
        if name not in held or (physical.NAME.fullmatch(name) and physical.Segment.of(name, plan.last.size) > plan.last):
            return None
        try:
            raw = segments.read(held[name], plan.keys.values())[1]
        except FileNotFoundError:
            raise vault.Flawed(gettext_noop("The log has a hole: %(piece)s is missing."), piece=name) from None
        except (zlib.error, ValueError):
            raise vault.Flawed(gettext_noop("%(piece)s of the database's log was changed or cut."), piece=name) from None
        count += 1
        tell("log", count)
        return raw

    until = plan.until.isoformat(sep=" ") if plan.until else ""
    try:
        physical.recover(data, plan.base.backup.part("base"), give, plan.last.size, until=until, extra=extra, archive=archive)
    except postgres.Trouble as trouble:
        if "before configured recovery target was reached" in str(trouble):
            raise vault.Trouble(gettext_noop("Nothing is written in the log at or after this moment; leave out --at to restore all there is.")) from trouble
        raise vault.Trouble(gettext_noop("The log could not be replayed: %(why)s"), why=trouble) from trouble
    return count


def lay_out_keys(plan: Plan, data: Path) -> None:
    """Write the keys: those of the copy and every later one, for what was sealed in between."""
    first = json.loads(b"".join(plan.base.backup.part("keys")))
    later = [texts for since, texts in segments.keyrings(plan.place, plan.keys.values()) if since >= plan.base.backup.name]
    restoring.write_keys(segments.joined([first, *later]), data)


def lay_out_papers(plan: Plan, data: Path, url: str, tell: Tell = lambda what, done: None) -> restoring.Compared:
    """Write the papers: what the restored rows name, and of the backup with the copy all that is not an attachment. Raises Flawed."""
    result = restoring.Compared()
    backup = plan.base.backup
    for path, size, changed, digest in backup.papers():
        if not path.startswith("files/"):
            restoring.lay_out_paper(backup, data, path, size, changed, digest)
            result.papers += 1
    for path, size, digest in _named(url):
        restoring.lay_out_paper(_with(plan, digest), data, path, size, None, digest)
        result.papers, result.size = result.papers + 1, result.size + size
        tell("papers", result.papers)
    restoring.lay_out_ledger(plan.place, plan.keys.values(), data)
    with psycopg.connect(url, autocommit=True) as connection:
        counting.settle(connection)
        for _table, count, _total in counting.tables(connection):
            result.tables, result.rows = result.tables + 1, result.rows + count
    return result


def _named(url: str) -> Iterator[tuple[str, int, str]]:
    """(path, bytes, SHA-256) of the attachments a restored database names."""
    with psycopg.connect(url) as connection, connection.cursor("papers") as cursor:
        cursor.execute("SELECT 'files/' || left(stored, 2) || '/' || stored, size, sha256 FROM files_file ORDER BY id")
        yield from cursor


def _with(plan: Plan, digest: str) -> places.Backup:
    """The backup through whose key a paper is found: after a change of the recovery code newer papers lie under the new key."""
    for key in plan.keys.values():
        mark = key.mark(digest)
        if (plan.place / "papers" / mark[:2] / mark).exists():
            return places.Backup(plan.base.backup.folder, key, b"")
    return plan.base.backup


def verify(todo: Plan, near: Path, ours: Callable[[str, int, bytes], bool], tell: Tell = lambda what, done: None) -> list[str]:
    """Really replay the log to its end in a scratch database in `near`, read every row, open every attachment they name, and see that the
    ledgers are ours: `ours` is asked for (ledger, number, code) of their last seals. Returns the differences. Raises Flawed, Trouble."""
    differences = []
    scratch = Path(tempfile.mkdtemp(prefix=restoring.LEFT, dir=near))
    scratch.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        replay(todo, scratch / "postgres", tell, extra=QUICK)
        with postgres.serving(scratch / "postgres", extra=QUICK) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                counting.settle(connection)
                for count, _table in enumerate(counting.tables(connection), 1):  # reads, and so checks, every page
                    tell("comparing", count)
                writes = physical.standing(connection).writes
                seals = connection.execute("SELECT DISTINCT ON (ledger) ledger, number, mac FROM matters_seal ORDER BY ledger, number DESC").fetchall()
            if writes.number < todo.last.number:
                differences.append(f"The log led to {writes.name} only; it goes to {todo.last.name}.")
            differences += [f"The ledger {name} is another one in the log." for name, number, code in seals if not ours(name, number, bytes(code))]
            for path, size, digest in _named(url):
                try:
                    restoring.look_at(_with(todo, digest), digest, size)
                except vault.Flawed as flaw:
                    differences.append(f"{path}: {flaw}")
    except postgres.Trouble as trouble:
        raise vault.Trouble(gettext_noop("The scratch database did not run: %(why)s"), why=trouble) from trouble
    finally:
        restoring.remove(scratch)
    return differences


def _said(at: datetime) -> str:
    return at.astimezone(standing.zone()).strftime("%Y-%m-%d %H:%M:%S")
