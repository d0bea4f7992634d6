"""What a person or a program asks about how the product is kept."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import pgettext

from yingxu.base import clock, crypto, room

from . import resealing
from .models import Archive, Backup, Heartbeat, Plan, Proof, Resealing, Work

LATE = timedelta(hours=26)  # a backup, and its second copy
LATE_PROOF = timedelta(days=8)
LATE_LOG = timedelta(minutes=10)  # the log is behind by 4 minutes at most when all is well
BASE_EVERY = timedelta(days=7) - timedelta(hours=2)
QUIET = timedelta(hours=20)  # people are told of the same trouble once in this time
SHORTEST = 150  # seconds a loop may be silent, at least: red within three minutes
ROWS = 60
State = Work.State


@dataclass(frozen=True)
class Age:
    """When something happened last, and whether that is too long ago (`None`: never yet)."""

    at: datetime | None
    late: bool
    backup: Backup | None = None


@dataclass(frozen=True)
class Kept:
    """How backups are doing: last taken, last copied to the second place (None: there is none), last really restored."""

    taken: Age
    second: Age | None
    proved: Age
    failed: Backup | None  # the newest, when it failed

    @property
    def well(self) -> bool:
        return not (self.taken.late or self.proved.late or self.second is None or self.second.late or self.failed)


def plan() -> Plan:
    return Plan.objects.filter(pk=1).first() or Plan(pk=1)


def place_of(plan: Plan) -> Path:
    return Path(plan.place) if plan.place else settings.DATA_DIR / "backups"


def kept() -> Kept:
    """The state of backups now."""
    now = clock.now()
    done = Backup.objects.filter(state=State.DONE)
    taken = done.order_by("-begun_at").first()
    second = done.exclude(second_at=None).order_by("-begun_at").first()
    proof = Proof.objects.filter(state=State.DONE).select_related("backup").order_by("-begun_at").first()
    newest = Backup.objects.exclude(state__in=[State.ASKED, State.RUNNING]).order_by("-begun_at").first()
    return Kept(
        _age(taken.begun_at if taken else None, now, LATE, taken),
        _age(second.begun_at if second else None, now, LATE, second) if plan().second else None,
        _age(proof.begun_at if proof else None, now, LATE_PROOF, proof.backup if proof else None),
        newest if newest and newest.state == State.FAILED else None,
    )


@dataclass(frozen=True)
class Archived:
    """How far the log is kept in one place."""

    row: Archive
    late: bool


def archives() -> list[Archived]:
    """Of the first place and, when one is set, the second; empty when the database is not ours."""
    if not settings.EMBEDDED:
        return []
    rows = {row.place: row for row in Archive.objects.all()}
    found = [rows.get(number) or Archive(place=number) for number in ([1, 2] if plan().second else [1])]
    return [Archived(row, bool(row.sentence) or row.reached_at is None or clock.now() - row.reached_at > LATE_LOG) for row in found]


@dataclass(frozen=True)
class Server:
    """What a database of your own says of its archive: is it on, when did a piece go last, when did one fail last."""

    on: bool
    last: datetime | None
    failed: datetime | None

    @property
    def late(self) -> bool:
        return not self.on or self.last is None or bool(self.failed and self.failed > self.last) or clock.now() - self.last > timedelta(minutes=30)


def archiver() -> Server | None:
    """None when the database is ours: then `archives` knows."""
    if settings.EMBEDDED:
        return None
    with connection.cursor() as sql:
        sql.execute("SELECT current_setting('archive_mode') <> 'off', last_archived_time, last_failed_time FROM pg_stat_archiver")
        return Server(*sql.fetchone())


def _age(at: datetime | None, now: datetime, late: timedelta, backup: Backup | None) -> Age:
    return Age(at, at is None or now - at > late, backup)


def backups() -> list[Backup]:
    """The newest first, with `proof` when it was restored to try it."""
    rows = list(Backup.objects.select_related("asked_by").order_by("-begun_at")[:ROWS])
    proofs: dict[int, Proof] = {}
    for proof in Proof.objects.filter(backup__in=rows).order_by("begun_at"):
        proofs[proof.backup_id] = proof
    for row in rows:
        row.proof = proofs.get(row.pk)
    return rows


def under_way() -> Work | None:
    """The backup or proof that is asked for or running."""
    busy = [State.ASKED, State.RUNNING]
    return Backup.objects.filter(state__in=busy).first() or Proof.objects.filter(state__in=busy).select_related("backup").first()


def to_prove() -> Backup | None:
    """The newest backup that is still there."""
    return Backup.objects.filter(state=State.DONE, gone_at=None).order_by("-begun_at").first()


def due(now: datetime) -> bool:
    """Was the hour of today passed without a backup, or the last one more than a day ago?"""
    last = Backup.objects.filter(state=State.DONE).order_by("-begun_at").values_list("begun_at", flat=True).first()
    local = now.astimezone(clock.zone())
    hour = local.replace(hour=plan().hour, minute=0, second=0, microsecond=0)
    if hour > local:
        hour -= timedelta(days=1)
    return last is None or last < hour


def proof_due(now: datetime) -> bool:
    last = Proof.objects.filter(state=State.DONE).order_by("-begun_at").values_list("begun_at", flat=True).first()
    return to_prove() is not None and (last is None or now - last > timedelta(days=7) - timedelta(hours=2))


def silent() -> list[tuple[str, int]]:
    """(loop, seconds) of every loop that began once and has not gone round for too long, by the database's clock."""
    with connection.cursor() as sql:
        sql.execute(
            f"SELECT loop, extract(epoch FROM clock_timestamp() - at)::int FROM {Heartbeat._meta.db_table} "  # noqa: S608
            "WHERE clock_timestamp() - at > make_interval(secs => greatest(%s, 3 * every)) ORDER BY loop",
            [SHORTEST],
        )
        return sql.fetchall()


def loops() -> list[Heartbeat]:
    return list(Heartbeat.objects.order_by("loop"))


@dataclass(frozen=True)
class Key:
    """A key of what is sealed, and how many values it seals."""

    name: str
    current: bool
    since: datetime | None
    count: int


def keys() -> list[Key]:
    current, known, since = resealing.keys()
    return [Key(n, n == current, since.get(n), sum(resealing.using(column, n) for column in crypto.SEALED)) for n in reversed(known)]


def resealing_now() -> Resealing | None:
    """The newest change of the key."""
    return Resealing.objects.order_by("-id").first()


@dataclass(frozen=True)
class Volume(room.Room):
    """A disk by what it is for; on one disk the first of `events.DISKS`. `taken_in`: what we take is put there, so it may have to be refused."""

    name: str
    taken_in: bool
    also: tuple[str, ...] = ()

    def also_for(self, words: dict) -> str:
        return pgettext("list", ", ").join(str(words[name]) for name in self.also)


def volumes() -> list[Volume]:
    """Every disk something of ours lies on, each once. One that cannot be asked (not mounted) is left out: its backups say so."""
    plan_, found = plan(), {}
    targets = {"place": place_of(plan_), **({"second": Path(plan_.second)} if plan_.second else {})}
    for name, path in {**room.places(), **targets}.items():
        try:
            device, left = room.device(path), room.left(path)
        except OSError:
            continue
        before = found.get(device)
        if before is None:
            found[device] = Volume(left.total, left.free, left.share, name, name not in targets)
        else:
            found[device] = replace(before, also=(*before.also, name))
    return list(found.values())


@dataclass(frozen=True)
class Database:
    version: str
    size: int


def database() -> Database:
    with connection.cursor() as sql:
        sql.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        return Database(*sql.fetchone())
