"""The one work list, and what a matter's pages show of its tasks. Everything a person asks starts from `visible_to(by)`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.events import Event, revive
from yingxu.base.kept import Text, kept, text
from yingxu.base.web import Slice, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import seen_by, visible_matters

from . import rules
from .models import Postponement, State, Task

WHOSE = ("mine", "department", "given", "late", "all")
SORTS: dict[str, tuple[str, ...]] = {
    "due": ("due_at", "id"), "-due": ("-due_at", "-id"), "-given": ("-given_at", "-id"), "given": ("given_at", "id"),
}  # fmt: skip
CAP = 99


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. `whose`: mine, department, given, late, all; `state` "" means every state."""

    whose: str = "mine"
    state: str = State.OPEN
    origin: str = ""
    q: str = ""
    sort: str = "due"
    department: int | None = None
    owner: int | None = None


def visible_to(by: Actor) -> QuerySet[Task]:
    """The tasks this actor may know about."""
    return Task.objects.filter(rules.VIEW.where(by))


def find(pk: int, by: Actor) -> Task:
    """One task with what its page shows. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "owner", "department", "given_by", "done_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def postponements(task: Task) -> list[Postponement]:
    return list(task.postponements.select_related("asked_by", "decided_by"))


def story(task: Task) -> list[tuple[Entry, Event]]:
    """What was stated about this task, oldest first."""
    rows = Entry.objects.filter(matter_id=task.matter_id, event__startswith="tasks.", facts__task=task.pk).order_by("at", "id")
    return [(entry, event) for entry in rows if (event := revive(entry.event, entry.facts, entry.personal)) is not None]


def mine(by: Actor) -> Q:
    """What this person has to do or to give somebody: their own, and what nobody has in a department they head."""
    if by.user_id is None:
        return Q(pk__in=[])
    return Q(owner_id=by.user_id) | Q(owner=None, department__head_id=by.user_id)


def late(now: datetime | None = None) -> Q:
    return Q(state=State.OPEN, due_at__lt=now or clock.now())


def _whose(by: Actor, whose: str) -> Q:
    if whose == "mine":
        return mine(by)
    if whose == "department":
        return Q(department_id__in=sorted(by.subtree)) if by.subtree else Q(pk__in=[])
    if whose == "given":
        return Q(given_by_id=by.user_id) if by.user_id is not None else Q(pk__in=[])
    if whose == "late":
        return late() & (mine(by) | Q(given_by_id=by.user_id) | Q(department_id__in=sorted(by.subtree)))
    return Q()


def matching(by: Actor, wish: Wish) -> QuerySet[Task]:
    rows = visible_to(by).filter(_whose(by, wish.whose))
    if wish.state == "late":
        rows = rows.filter(late())
    elif wish.state:
        rows = rows.filter(state=wish.state)
    if wish.origin:
        rows = rows.filter(origin=wish.origin)
    if wish.department:
        rows = rows.filter(department_id=wish.department)
    if wish.owner:
        rows = rows.filter(owner_id=wish.owner)
    if text := wish.q.strip()[:100]:
        rows = rows.filter(Q(title__icontains=text) | Q(details__icontains=text) | Q(matter__number=text) | (Q(matter__title__icontains=text) & seen_by(by, "matter_id")))
    return rows


def listed(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """One page of the list."""
    rows = matching(by, wish).select_related("matter", "owner", "department", "given_by")
    return keyset(rows, SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Task]:
    keys = SORTS[wish.sort]
    order = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys]
    return matching(by, wish).select_related("matter", "owner", "department", "given_by", "done_by").order_by(*order)


def seen_matters(by: Actor, tasks: Iterable[Task]) -> set[int]:
    """Of these tasks' matters, those this actor may see: seeing a task does not open its matter. One query."""
    return set(visible_matters(by).filter(pk__in={task.matter_id for task in tasks}).values_list("pk", flat=True))


def counts(by: Actor, parts: Iterable[str] = WHOSE[:-1]) -> dict[str, int]:
    """How many are open in each part of the list, at most a hundred each. One query a part."""
    return {whose: len(_part(by, whose=whose)) for whose in parts}


@kept
def _part(by: Actor, *, whose: str) -> Any:
    return matching(by, Wish(whose=whose)).order_by().values_list("pk")[: CAP + 1]


def any_late(by: Actor) -> Text:
    """What asks whether something of this person's own is late, for the mark in the rail."""
    return text(_any_late, by)


@kept
def _any_late(by: Actor) -> Any:
    return Task.objects.filter(late(), mine(by)).values("pk")[:1]


def nearest(by: Actor, many: int = 6) -> list[Task]:
    """One's own open tasks, the nearest date first, those without a date last."""
    return _nearest(by, many=many)


@kept
def _nearest(by: Actor, *, many: int) -> QuerySet[Task]:
    rows = visible_to(by).filter(mine(by), state=State.OPEN).select_related("matter", "owner", "department").defer("matter__search")
    return rows.order_by(F("due_at").asc(nulls_last=True), "id")[:many]


# ── of one matter ──


def on(matter: Matter) -> list[Task]:
    """Every task on the matter that was not withdrawn, in the order it was given."""
    return _on(matter.pk)


@kept
def _on(matter: int) -> QuerySet[Task]:
    rows = Task.objects.filter(matter_id=matter).exclude(state=State.WITHDRAWN)
    return rows.select_related("owner", "department", "given_by", "done_by").order_by("id")


def open_on(matter: Matter) -> list[Task]:
    """What is still to be done, the nearest date first."""
    rows = Task.objects.filter(matter=matter, state=State.OPEN).select_related("owner", "department")
    return list(rows.order_by(F("due_at").asc(nulls_last=True), "id"))


class Left(NamedTuple):
    """How many tasks of a matter are open, and how many of them late."""

    open: int
    late: int


def left_on(matter_ids: Iterable[int]) -> dict[int, Left]:
    """For the rows of a list, in one query; matters with nothing open are not in it."""
    return {row["matter_id"]: Left(row["n"], row["late"]) for row in _left_on(list(matter_ids))}


@kept
def _left_on(matter_ids: list[int]) -> Any:
    rows = Task.objects.filter(matter_id__in=matter_ids, state=State.OPEN).order_by().values("matter_id")
    return rows.annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=clock.now())))


def due_to_state(now: datetime, many: int) -> QuerySet[Task]:
    """Open tasks whose date is over and nobody was told yet; those somebody holds are left for the next round."""
    rows = Task.objects.filter(state=State.OPEN, late_at=None, due_at__lt=now).select_related("matter", "owner", "department")
    return rows.select_for_update(skip_locked=True, of=("self", "matter")).order_by("due_at")[:many]


# ── how a date is drawn ──


@dataclass(frozen=True)
class Face:
    """A task's date as a clock: state ok, soon, late, met, broken; minutes of working time left, over, early or late."""

    state: str
    minutes: float
    total: float | None
    day: int


def face(task: Task, now: datetime | None = None, calendar: Any = None) -> Face | None:
    """None for a task without a date, or withdrawn. `calendar`, when it was already asked for."""
    if task.due_at is None or task.state == State.WITHDRAWN:
        return None
    return span(task.given_at, task.due_at, task.done_at, now, calendar)


def span(given_at: datetime, due_at: datetime, done_at: datetime | None, now: datetime | None = None, calendar: Any = None) -> Face:
    """The same for anything that began, is due, and perhaps is done."""
    calendar, now = calendar or deadlines.calendar(), now or clock.now()
    if done_at is not None:
        on_time = done_at <= due_at
        a, b = (done_at, due_at) if on_time else (due_at, done_at)
        return Face("met" if on_time else "broken", calendar.between(a, b), None, calendar.day_minutes)
    if due_at < now:
        return Face("late", calendar.between(due_at, now), None, calendar.day_minutes)
    minutes = calendar.between(now, due_at)
    soon = due_at - now < timedelta(days=1) and minutes < calendar.day_minutes
    return Face("soon" if soon else "ok", minutes, calendar.between(given_at, due_at) or None, calendar.day_minutes)


def looks(tasks: Iterable[Task], now: datetime | None = None) -> list[tuple[Task, dict[str, Any] | None]]:
    """Each task with the keywords of ui.clock, the calendar asked for once."""
    tasks = list(tasks)
    if not tasks:
        return []
    calendar, now = deadlines.calendar(), now or clock.now()
    faces = [(task, face(task, now, calendar)) for task in tasks]
    return [(task, None if f is None else drawn(f)) for task, f in faces]


def drawn(face: Face) -> dict[str, Any]:
    """The keywords of ui.clock."""
    return {"state": face.state, "minutes": face.minutes, "total": face.total, "day": face.day}
