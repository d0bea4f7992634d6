"""The archive of the database's log: what the embedded server finishes is sealed into both places within a minute, with the papers and the
keys that belong to it. So the loss of this machine costs a few minutes (R7), and the company can be brought back as of any moment.

The order matters: keys, then papers, then the log. Whatever the log brings back, its papers and its keys are there already.
"""

import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils.translation import gettext_noop

from config import physical
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.files.models import File
from yingxu.matters.actions import record
from yingxu.people.queries import holders

from . import actions, places, queries, rules, segments, taking, vault
from .events import LogSilent
from .models import Archive, Backup

log = logging.getLogger("yingxu.backups")
EVERY = 20  # seconds between two looks
BEGUN = timedelta(minutes=3)  # so often a worker looks whether a base is due
OVERLAP = timedelta(hours=1)  # papers are looked at again for so long: their rows may be committed late
LEAST_FREE = 0.10  # of our own disk: below it what waits is let go rather than that nothing can be written any more
KEPT = ["segment", "reached_at", "papers_at", "at", "sentence", "values"]
Beat = Callable[[], bool]


def run_forever(stop: Beat) -> None:
    """Carry what waits, until told to stop. With a database of your own there is nothing to do: its operator archives its log."""
    begun = looked = clock.now()
    while not stop():
        try:
            if settings.EMBEDDED and settings.BACKUP_KEY.exists():
                carry(stop)
                if clock.now() - begun > queries.LATE_LOG:
                    tell()
                if clock.now() - looked > BEGUN:
                    looked = clock.now()
                    if base_due():
                        ask_base()
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("archive of the log")
        finally:
            close_old_connections()
        for _second in range(EVERY):
            if not stop():
                time.sleep(1)


def ask_base() -> None:
    """The log has no copy to go on from, after a restore above all: a backup with one is taken now, and again tried hourly (`running.look`)."""
    recent = Backup.objects.filter(begun_at__gt=clock.now() - timedelta(hours=1)).exists()
    if not recent and queries.under_way() is None:
        Backup.objects.create(begun_at=clock.now())
        actions.wake()


def carry(beat: Beat = lambda: False, *, switch: bool = False, wait: bool = False) -> list[Archive]:
    """Bring what waits in the spool to the places; with `switch` also what is not finished yet, with `wait` even if somebody else is at
    it. What fails stands in the rows returned, one for each place; raises only what nobody foresaw."""
    plan = queries.plan()
    targets = [(1, queries.place_of(plan)), *([(2, Path(plan.second))] if plan.second else [])]
    rows = [Archive.objects.get_or_create(place=number)[0] for number, _place in targets]
    with _alone(wait) as mine:
        if not mine:
            return rows
        key, _keys = vault.kept(settings.BACKUP_KEY)
        with psycopg.connect(taking.database(), autocommit=True) as server:
            if switch:
                _switch(server)
            system = physical.standing(server).system
        waiting = _waiting()
        for row, (number, place) in zip(rows, targets, strict=True):
            try:
                if number == 1 and not plan.place:
                    places.begin(place)
                _bring(row, place, system, waiting, key, beat)
                if number == 2 and not rows[0].sentence:
                    segments.follow(targets[0][1], place, system)
                row.sentence, row.values, row.at = "", {}, clock.now()
            except vault.Trouble as trouble:
                row.sentence, row.values = trouble.sentence[:300], trouble.values
            except OSError as error:
                row.sentence, row.values = gettext_noop("The log could not be brought to %(place)s: %(why)s"), {"place": str(place), "why": error.strerror or str(error)}
            row.save(update_fields=KEPT)
        if not rows[0].sentence:  # the second place takes from the first what it missed
            for path in waiting:
                path.unlink(missing_ok=True)
        else:
            _make_room(waiting)
    return rows


def _bring(row: Archive, place: Path, system: str, waiting: list[Path], key: vault.Key, beat: Beat) -> None:
    if not (place / places.MARK).exists():
        raise vault.Trouble(gettext_noop("%(place)s is not there, or is no place of backups any more. Is its disk mounted?"), place=place)
    texts = taking.keys_of(settings.DATA_DIR)
    if segments.keys_now(place, key) != texts:
        segments.put_keys(place, texts, clock.now(), key)
    _papers(row, place, key, beat)
    there = segments.held(place, system)
    for path in waiting:
        beat()
        finished = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if path.name not in there:
            segments.put(place, system, path.name, path.read_bytes(), finished, key)
        if physical.NAME.fullmatch(path.name):
            row.segment, row.reached_at = path.name, max(finished, row.reached_at or finished)


def _papers(row: Archive, place: Path, key: vault.Key, beat: Beat) -> None:
    """The papers that came since the last look, before the log that names them."""
    until = clock.now()
    found = File.objects.order_by("at") if row.papers_at is None else File.objects.filter(at__gt=row.papers_at - OVERLAP)
    for stored, digest in found.values_list("stored", "sha256").iterator():
        beat()
        path = settings.FILES_DIR / stored[:2] / stored
        try:
            taking.lay_in(place, path, digest, key)
        except FileNotFoundError:
            continue  # erased meanwhile
    row.papers_at = until


def _waiting() -> list[Path]:
    """The finished pieces in the spool, the oldest first; what is no piece is thrown away."""
    found = sorted(path for path in settings.SPOOL.glob("[!.]*")) if settings.SPOOL.is_dir() else []
    for path in found:
        if not segments.wanted(path.name):
            path.unlink(missing_ok=True)
    return [path for path in found if segments.wanted(path.name)]


def _make_room(waiting: list[Path]) -> None:
    """The product goes on rather than its log: with little room left, what waits is let go. The hole is found, and a new base closes it."""
    usage = shutil.disk_usage(settings.SPOOL)
    if waiting and usage.free < LEAST_FREE * usage.total:
        log.error("%s pieces of the log were let go: the disk is nearly full and no place takes them", len(waiting))
        for path in waiting:
            path.unlink(missing_ok=True)


def _switch(server: psycopg.Connection) -> None:
    """Finish the piece that is being written, and wait until the server has put it into the spool. When nothing was written since the last
    one, there is nothing to finish."""
    before = physical.standing(server).writes
    server.execute("SELECT pg_switch_wal()")
    until = time.monotonic() + 60
    while physical.standing(server).writes > before and not _archived(server, before):
        if time.monotonic() > until:
            raise vault.Trouble(gettext_noop("The database does not hand out its log; see its own log, postgres/cluster/server.log."))
        time.sleep(0.2)


def _archived(server: psycopg.Connection, piece: physical.Segment) -> bool:
    (last,) = server.execute("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver").fetchone()  # type: ignore[misc]
    return bool(physical.NAME.match(last)) and physical.Segment.of(last[:24], piece.size).number >= piece.number


def base_due() -> bool:
    """Is a physical copy due: there is none of this cluster, it is a week old, of another code, or the log behind it has a hole?"""
    if not settings.EMBEDDED:
        return False
    plan = queries.plan()
    key, _keys = vault.kept(settings.BACKUP_KEY)
    with psycopg.connect(taking.database(), autocommit=True) as server:
        here = physical.standing(server)
    for place in filter(None, (queries.place_of(plan), Path(plan.second) if plan.second else None)):
        if place != queries.place_of(plan) and not (place / places.MARK).exists():
            continue  # it is told elsewhere that it is away
        base = next(segments.bases(place, [key]), None)
        if base is None or base.system != here.system or base.first.timeline != here.writes.timeline or clock.now() - base.ended > queries.BASE_EVERY:
            return True
        if segments.reach(place, base).missing is not None:
            return True
    return False


def tell() -> None:
    """People are told once a day that the log does not reach a place any more (F28)."""
    for state in queries.archives():
        if not state.late:
            Archive.objects.filter(place=state.row.place).exclude(told_at=None).update(told_at=None)
        elif state.row.told_at is None or clock.now() - state.row.told_at > queries.QUIET:
            with transaction.atomic():
                Archive.objects.filter(place=state.row.place).update(told_at=clock.now())
                record(LogSilent(second=state.row.place == 2, why=state.row.sentence, values=state.row.values), on=None, by=SYSTEM, tell=[user.pk for user in holders(rules.MANAGE)])


@contextmanager
def _alone(wait: bool) -> Iterator[bool]:
    """One at a time empties the spool; False when another does and we do not `wait`."""
    settings.SPOOL.parent.mkdir(parents=True, exist_ok=True)
    with (settings.SPOOL.parent / "carrying").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
