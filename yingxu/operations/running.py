"""Taking and proving backups, one at a time whichever machine does it. Called by the worker and by the command line."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM
from yingxu.base.events import Event
from yingxu.matters.actions import record
from yingxu.matters.models import Seal
from yingxu.people.queries import holders

from . import places, queries, replaying, resealing, restoring, rules, segments, shipping, taking, vault
from .events import BackupFailed, BackupMade, BackupProved, ProofFailed, SecondCopyFailed
from .models import Backup, Proof, Resealing, Work

log = logging.getLogger("yingxu.backups")
LOCK = 7_263_018_841  # of PostgreSQL
PAUSE = 2.0  # seconds between two words about how far it is
State = Work.State


def back_up(row: Backup, place: Path | None = None, second: Path | None = None) -> Backup:
    """Take the backup `row` asks for, bring it to the second place, delete what no rule keeps. What fails stands in the row and is
    told; raises nothing but what nobody foresaw."""
    plan = queries.plan()
    where = place or queries.place_of(plan)
    second = second or (Path(plan.second) if plan.second else None)
    try:
        with _alone(row):
            key, keys = vault.kept(settings.BACKUP_KEY)
            if place or not plan.place:
                places.begin(where)
            base = where == queries.place_of(plan) and shipping.base_due()
            row.begun_at = clock.now()
            taken = taking.take(where, url=taking.database(), key=key, at=row.begun_at, base=base, tell=_teller(row))
            row.name, row.place, row.papers, row.tables = taken.name, str(where), taken.papers, taken.tables
            row.size, row.written = taken.size, taken.written
            _done(row, BackupMade(backup=row.name, size=row.size))
            if base:
                shipping.carry(wait=True)  # the copy is whole with the log of the time it took
            if second is not None:
                copy_on(row, second, key)
            _prune(where, second, list(keys.values()))
    except vault.Trouble as trouble:
        _failed(row, trouble)
    except OSError as error:
        _failed(row, vault.Trouble(gettext_noop("The backup failed: %(why)s"), why=error.strerror or error))
    return row


def copy_on(row: Backup, second: Path, key: vault.Key) -> None:
    """Bring a backup to the second place; what fails stands in its row and is told once a day."""
    _step(row, Work.Stage.SECOND, 0)
    try:
        places.copy(Path(row.place) / row.name, second, key)
        taking.carry_ledger(second, key)
        row.second_at, row.second_sentence, row.second_values = clock.now(), "", {}
        row.save(update_fields=["second_at", "second_sentence", "second_values"])
    except (vault.Trouble, OSError) as error:
        trouble = error if isinstance(error, vault.Trouble) else vault.Trouble("%(why)s", why=error.strerror or error)
        told = Backup.objects.filter(begun_at__gt=clock.now() - queries.QUIET).exclude(second_sentence="").exists()
        row.second_sentence, row.second_values = trouble.sentence[:300], trouble.values
        row.save(update_fields=["second_sentence", "second_values"])
        _state(SecondCopyFailed(why=trouble.sentence, values=trouble.values), tell=not told)


def prove(row: Proof) -> Proof:
    """Restore the backup for a try and compare. What is not the same stands in the row and is told."""
    try:
        with _alone(row):
            _key, keys = vault.kept(settings.BACKUP_KEY)
            backup = places.open_(places.find(Path(row.backup.place), row.backup.name), keys.values())
            found = restoring.verify(backup, settings.DATA_DIR, _teller(row))
            row.tables, row.rows, row.papers = found.tables, found.rows, found.papers
            if (place := queries.place_of(queries.plan())) == Path(row.backup.place) and (base := next(segments.bases(place, keys.values()), None)):
                todo = replaying.plan(place, base.backup.key)
                found.differences += replaying.verify(todo, settings.DATA_DIR, _ours, _teller(row))
                row.reached_at = todo.reached
            row.differences = found.differences[:100]
            if found.differences:
                raise vault.Flawed(gettext_noop("what came back is not what was saved: %(why)s"), why=found.differences[0])
            _done(row, BackupProved(backup=row.backup.name, tables=row.tables, rows=row.rows))
    except vault.Trouble as trouble:
        _failed(row, trouble)
    except OSError as error:
        _failed(row, vault.Trouble(gettext_noop("The backup failed: %(why)s"), why=error.strerror or error))
    return row


def _ours(ledger: str, number: int, code: bytes) -> bool:
    """Has the living ledger the same seal?"""
    found = Seal.objects.filter(ledger=ledger, number=number).values_list("mac", flat=True).first()
    return found is not None and bytes(found) == code


def work_off() -> int:
    """Do what was asked for, the oldest first; returns how many."""
    count = 0
    while True:
        sealing = Resealing.objects.filter(state=State.ASKED).order_by("id").first()
        if sealing is not None:
            seal_anew(sealing)
            count += 1
            continue
        backup = Backup.objects.filter(state=State.ASKED).order_by("id").first()
        proof = None if backup else Proof.objects.filter(state=State.ASKED).select_related("backup").order_by("id").first()
        if backup is not None:
            back_up(backup)
        elif proof is not None:
            prove(proof)
        else:
            return count
        count += 1


def seal_anew(row: Resealing) -> Resealing:
    """Seal everything anew with the current key; goes on where an earlier one was interrupted."""
    try:
        with _alone(row):
            current, _known, _since = resealing.keys()
            row.key, row.total = current, resealing.waiting(current)
            row.save(update_fields=["key", "total"])
            tell = _teller(row)
            row.done = resealing.reseal(current, tell=lambda done: tell(Work.Stage.SEALING, done))
            row.state, row.ended_at, row.stage = State.DONE, clock.now(), ""
            row.save()
    except (vault.Trouble, crypto.KeyMissing, InvalidTag) as error:
        row.state, row.ended_at, row.stage = State.FAILED, clock.now(), ""
        row.sentence, row.values = "%(why)s", {"why": str(error) or gettext("a value does not open with its key")}
        row.save()
    return row


def look() -> None:
    """Every hour: take the backup that is due, try the second place again, prove once a week."""
    now = clock.now()
    _bury()
    current, known, _since = resealing.keys()
    if len(known) > 1 and not Resealing.objects.filter(state=State.ASKED).exists() and resealing.waiting(current):
        seal_anew(Resealing.objects.create(key=current, begun_at=now))
    if queries.due(now) or shipping.base_due():
        back_up(Backup.objects.create(begun_at=now))
    else:
        _second_again()
    if queries.proof_due(now) and (newest := queries.to_prove()):
        prove(Proof.objects.create(backup=newest, begun_at=now))
    work_off()


def _second_again() -> None:
    plan, newest = queries.plan(), queries.to_prove()
    if not plan.second or newest is None or newest.second_at is not None:
        return
    try:
        with _alone(None):
            copy_on(newest, Path(plan.second), vault.kept(settings.BACKUP_KEY)[0])
    except vault.Trouble as trouble:
        log.error("second place: %s", trouble)


def _prune(place: Path, second: Path | None, keys: list[vault.Key]) -> None:
    """What is spared: the backup that was last proved."""
    proof = Proof.objects.filter(state=State.DONE).select_related("backup").order_by("-begun_at").first()
    spared = [proof.backup.name] if proof else []
    gone = _prune_one(place, keys, spared)
    Backup.objects.filter(name__in=gone, place=str(place)).update(gone_at=clock.now())
    if second is not None and (second / places.MARK).exists():
        _prune_one(second, keys, spared)


def _prune_one(place: Path, keys: list[vault.Key], spared: list[str]) -> list[str]:
    """With the copies that stay, stay the log since and the papers that came since."""
    bases = segments.spared(place, keys)
    gone = places.prune(place, keys, [*spared, *bases], places.moment(bases[-1]) if bases else None)
    segments.prune(place, keys)
    return gone


@contextmanager
def _alone(row: Work | None) -> Iterator[None]:
    """One backup or proof at a time in this company; `row` is under way inside. Raises Trouble when another one is."""
    with psycopg.connect(taking.database(), autocommit=True) as held:
        held.execute("SET idle_in_transaction_session_timeout = 0")
        if not held.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            raise vault.Trouble(gettext_noop("A backup of this company is already under way."))
        if row is not None:
            row.state = State.RUNNING
            row.save()
        yield


def _bury() -> None:
    """Rows that say they are under way while nobody is: their process was killed."""
    with psycopg.connect(taking.database(), autocommit=True) as held:
        if held.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            for model in (Backup, Proof):
                for row in model.objects.filter(state=State.RUNNING):
                    _failed(row, vault.Trouble(gettext_noop("It was interrupted; the next one begins where it ended.")))
            Resealing.objects.filter(state=State.RUNNING).update(state=State.ASKED)


def _done(row: Work, event: Event) -> None:
    row.state, row.ended_at, row.stage, row.sentence, row.values = State.DONE, clock.now(), "", "", {}
    with transaction.atomic():
        row.save()
        record(event, on=None, by=SYSTEM)


def _failed(row: Backup | Proof, trouble: vault.Trouble) -> None:
    log.error("%s", trouble)
    told = type(row).objects.filter(state=State.FAILED, ended_at__gt=clock.now() - queries.QUIET).exists()
    row.state, row.ended_at, row.stage = State.FAILED, clock.now(), ""
    row.sentence, row.values = trouble.sentence[:300], trouble.values
    row.save()
    if isinstance(row, Backup):
        _state(BackupFailed(why=trouble.sentence, values=trouble.values), tell=not told)
    else:
        _state(ProofFailed(backup=row.backup.name, why=trouble.sentence, values=trouble.values), tell=not told)


def _state(event: Event, *, tell: bool) -> None:
    with transaction.atomic():
        record(event, on=None, by=SYSTEM, tell=[user.pk for user in holders(rules.MANAGE)] if tell else ())


def _teller(row: Work) -> taking.Tell:
    at, before = 0.0, ""

    def tell(stage: str, done: int) -> None:
        nonlocal at, before
        if stage != before or time.monotonic() - at > PAUSE:
            at, before = time.monotonic(), stage
            _step(row, stage, done)

    return tell


def _step(row: Work, stage: str, done: int) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(stage=stage, done=done)
