"""Which ladder, whom a rung tells, and when the next one is due. Nothing is saved here."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import Q

from yingxu.base.remember import forgets
from yingxu.matters import circles
from yingxu.matters.models import Matter
from yingxu.people.models import Department, User
from yingxu.people.queries import open_grants, service_department

from . import current, measuring, working
from .models import SERVICE_STEPS, Climb, Clock, LadderVersion, Outcome, Rung, Who

EMERGENCY = "emergency"
USUAL = "default"
APPROVAL = "approval"  # for signatures that are late; approvals climbs it
SINGLE = (USUAL, EMERGENCY, APPROVAL)  # ladders of no category
Ladders = Mapping[str, tuple[Rung, ...]]


def version_now() -> int | None:
    """The version of the ladders in force; None before a pack brought one."""
    return LadderVersion.objects.order_by("-id").values_list("id", flat=True).first()


@lru_cache(maxsize=16)
def ladders_of(version: int | None) -> Ladders:
    """name → rungs, lowest first."""
    found: dict[str, tuple[Rung, ...]] = {}
    for rung in Rung.objects.filter(version=version).order_by("ladder", "place") if version else []:
        found[rung.ladder] = (*found.get(rung.ladder, ()), rung)
    return found


@forgets
def forget() -> None:
    ladders_of.cache_clear()


def name_for(ladders: Ladders, category: str, step: str) -> str:
    """The name of the ladder this step of this category climbs: its own, its category's, the usual one; "" when there is none."""
    return next((name for name in (f"{category}/{step}", category, USUAL) if name in ladders), "")


def rungs(climb: Climb) -> tuple[Rung, ...]:
    return ladders_of(climb.version_id).get(climb.ladder, ())


def minutes(rung: Rung, calendar: working.Calendar) -> float:
    return current.minutes_of(rung.amount, rung.unit, round_the_clock=rung.round_the_clock, calendar=calendar)


def _calendars(clock: Clock | None, version: int | None) -> tuple[working.Calendar, working.Calendar]:
    """The working calendar and the one that knows no night."""
    version = clock.calendar_version_id if clock else version
    return current.calendar_of(version), current.always_of(version)


def after(climb: Climb, rung: Rung) -> float:
    """Minutes from the breach to this rung."""
    return minutes(rung, _calendars(climb.clock, current.book().calendar_version)[0])


def due(climb: Climb, rung: Rung) -> datetime | None:
    """When this rung is due; None while the clock rests before that."""
    usual, always = _calendars(climb.clock, current.book().calendar_version)
    calendar = always if rung.round_the_clock else usual
    left = max(0.0, minutes(rung, usual) - climb.base_minutes)
    spans = [] if climb.clock is None else [
        (max(begun, climb.base_at), ended) for begun, ended in climb.clock.spans if ended is None or ended > climb.base_at
    ]  # fmt: skip
    return working.due(calendar, climb.base_at, left, spans)


def look_at(climb: Climb) -> datetime | None:
    """When the worker must look at this climb next."""
    if not climb.open or (climb.clock is not None and climb.clock.outcome == Outcome.PAUSED):
        return None
    if climb.state == Climb.State.TAKEN:
        return climb.promised_at
    found = rungs(climb)
    return due(climb, found[climb.told]) if climb.told < len(found) else None


def people(rung: Rung, climb: Climb) -> list[int]:
    """The users a rung tells: active, and allowed to know of the matter."""
    ids = _people(rung, climb.matter, climb.clock)
    found = User.objects.filter(circles.may_know(climb.matter), pk__in=ids)
    return sorted(found.values_list("pk", flat=True))


def _people(rung: Rung, matter: Matter, clock: Clock | None) -> list[int | None]:
    service = service_department() if clock is not None and clock.step in SERVICE_STEPS else None
    asked = clock.asked if clock is not None and clock.asked_id is not None else None  # put to somebody by name
    department = asked.department if asked else service or matter.department
    if rung.who == Who.OWNER:
        owner = asked.pk if asked else service.head_id if service else matter.owner_id
        return [owner or (department.head_id if department else None)]
    if rung.who == Who.HEAD:
        return [department.head_id if department else None]
    if rung.who == Who.ABOVE:
        return [department.parent.head_id if department and department.parent else None]
    return named_by(rung)


def named_by(rung: Rung) -> list[int | None]:
    """Whom a rung means that names a role, a department or the response group."""
    if rung.who == Who.ROLE:
        return list(open_grants().filter(role__code=rung.code).values_list("user_id", flat=True))
    which = Q(code=rung.code) if rung.who == Who.DEPARTMENT else Q(response_group=True)
    return list(Department.objects.filter(which, active=True).values_list("head_id", flat=True)[:1])


def late(climb: Climb, now: datetime) -> float:
    """Minutes since the clock was due, or since the alarm was raised, as the clock counts them."""
    if climb.clock is None or climb.clock.due_at is None:
        return (now - climb.begun_at).total_seconds() / 60
    return max(0.0, measuring.calendar_for(climb.clock).between(climb.clock.due_at, now))


def day_of(climb: Climb) -> int:
    """How many minutes a day has in this climb's words."""
    return 1_440 if climb.clock is None or climb.clock.round_the_clock else measuring.calendar_for(climb.clock).day_minutes
