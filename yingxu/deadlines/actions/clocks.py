"""Steps of other rooms' verbs: a clock begins, rests, goes on, ends. The calling verb holds the matter's lock."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import connection

from yingxu.base import clock as time
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step as part
from yingxu.matters.actions import record
from yingxu.matters.models import Matter
from yingxu.people.queries import service_department

from .. import current, measuring
from ..events import ClockBreached
from ..measuring import ClockRow, Measured
from ..models import OPEN, Category, Clock, ClockMove, Outcome
from ..queries import responsible, stated
from . import climbs


def plan(category: str, steps: Iterable[str], at: datetime, *, round: int = 1) -> list[ClockRow]:
    """The clocks these steps get when they begin at `at`, ready to be inserted with the need; none for steps without a target.

    Asks the database nothing while the settings are in memory.
    """
    book = current.book()
    rows = (measuring.plan_one(book, category, step, at, round) for step in steps)
    return [row for row in rows if row is not None]


def measured(category: str, step: str, start: datetime, end: datetime, *, round: int = 1) -> list[Measured]:
    """A step that is over when it is written down, as the time it took to register a need: one row, or none without a target."""
    found = measuring.over(current.book(), category, step, start, end)
    return [] if found is None else [found._replace(row=found.row._replace(round=round))]


@part
def start(
    matter: Matter, step: str, *, category: str, round: int = 1, at: datetime, by: Actor, asked_id: int | None = None
) -> Clock | None:
    """Begin to measure a step; one that is being measured already goes on as it is. None when it has no target. `asked_id` is
    who has to act, where that is neither the owner nor customer service."""
    running = _open(matter, [step])
    if running:
        return running[0]
    row = measuring.plan_one(current.book(), category, step, at, round)
    if row is None:
        return None
    clock = Clock.objects.create(matter=matter, asked_id=asked_id, **row._asdict())
    keep_due(matter)
    return clock


@part
def start_until(
    matter: Matter, step: str, day: date, *, round: int = 1, at: datetime, asked_id: int | None = None
) -> Clock | None:
    """Begin to measure a step that must be done by a day somebody chose; one that is being measured already goes on as it is.
    None before a pack is installed."""
    running = _open(matter, [step])
    if running:
        return running[0]
    row = measuring.plan_until(current.book(), step, day, at, round)
    if row is None:
        return None
    clock = Clock.objects.create(matter=matter, asked_id=asked_id, **row._asdict())
    keep_due(matter)
    return clock


@part
def stop(matter: Matter, step: str, *, at: datetime, by: Actor) -> Clock | None:
    """The step is done: met or late, with what it took. None when it was not being measured."""
    running = _open(matter, [step])
    if not running:
        return None
    clock, climbing = running[0], _late(running)
    _close_pause(clock, at)
    clock.outcome = Outcome.RUNNING
    measuring.measure(clock, at)
    late = _state_breach(clock, matter, at)
    _end(clock, Outcome.BREACHED if late else Outcome.MET, at)
    clock.stopped_by_id = by.user_id
    clock.save()
    climbs.follow(climbing, at)
    keep_due(matter)
    return clock


@part
def cancel(matter: Matter, steps: Iterable[str] | None = None, *, at: datetime, keep: Iterable[str] = ()) -> list[Clock]:
    """These steps (all but those to `keep`, when none are named) will not be done: their clocks end and count as nothing."""
    clocks = [clock for clock in _open(matter, steps) if clock.step not in set(keep)]
    late = _late(clocks)
    for clock in clocks:
        _close_pause(clock, at)
        _end(clock, Outcome.CANCELLED, at)
        clock.save()
    climbs.follow(late, at)
    keep_due(matter)
    return clocks


@part
def pause(matter: Matter, steps: Iterable[str] | None = None, *, at: datetime) -> list[Clock]:
    """Stop counting these steps (all, when none are named), as while the customer is asked; returns those that now rest."""
    clocks = [clock for clock in _open(matter, steps) if clock.outcome == Outcome.RUNNING]
    late = _late(clocks)
    for clock in clocks:
        clock.spans = [*clock.spans, (at, None)]
        clock.outcome, clock.paused_at = Outcome.PAUSED, at
        measuring.measure(clock, at)
        _state_breach(clock, matter, at)
        clock.save()
    climbs.follow(late, at)
    keep_due(matter)
    return clocks


@part
def resume(matter: Matter, steps: Iterable[str] | None = None, *, at: datetime) -> list[Clock]:
    """Go on counting what rests; the time paused is added to the due date."""
    clocks = [clock for clock in _open(matter, steps) if clock.outcome == Outcome.PAUSED]
    late = _late(clocks)
    for clock in clocks:
        _close_pause(clock, at)
        clock.outcome = Outcome.RUNNING
        measuring.measure(clock, at)
        clock.save()
    climbs.follow(late, at)
    keep_due(matter)
    return clocks


@part
def retarget(matter: Matter, category: str, *, at: datetime, by: Actor | None = None) -> list[Clock]:
    """The category changed: open clocks are measured anew from their start; pauses and extensions stay. A step that has no
    target in the new category is no longer measured."""
    book, clocks = current.book(), _open(matter)
    late = _late(clocks)
    was = {clock.pk: clock.due_at for clock in clocks}
    for clock in clocks:
        aim(clock, book, category or Category.UNSET, at)
        clock.save()
    climbs.follow(late, at)
    note_moves(clocks, was, ClockMove.Why.CATEGORY, by=by, version=None)
    keep_due(matter)
    return clocks


def note_moves(clocks: Iterable[Clock], was: Mapping[int, datetime | None], why: str, *, by: Actor | None, version: int | None) -> None:
    """Keep which clocks got another due date, from when to when and why, for whoever works by it."""
    at = time.now()
    ClockMove.objects.bulk_create(
        ClockMove(matter_id=clock.matter_id, clock=clock, at=at, was=was[clock.pk], now=clock.due_at if clock.open else None,
                  why=why, version=version, by_id=by.user_id if by else None)
        for clock in clocks if was[clock.pk] != (clock.due_at if clock.open else None)
    )  # fmt: skip


def is_due(matter: Matter, step: str, *, at: datetime) -> bool:
    """Whether the time for a step is over; also when it is not measured, since then nothing gives it more."""
    return all(clock.due_at is not None and at >= clock.due_at for clock in _open(matter, [step]))


def aim(clock: Clock, book: current.Book, category: str, at: datetime) -> None:
    """Measure an open clock by what is in force now (not saved). A chosen date stays."""
    if clock.target_version_id is None:
        clock.calendar_version_id = book.calendar_version
        return
    measure = book.targets.get((category, clock.step))
    if measure is None:
        _close_pause(clock, at)
        _end(clock, Outcome.CANCELLED, at)
        return
    clock.category, clock.target_minutes = category, measure.minutes
    clock.round_the_clock, clock.warn_percent = measure.round_the_clock, measure.warn_percent
    clock.calendar_version_id, clock.target_version_id = book.calendar_version, book.target_version
    measuring.measure(clock, at)


def keep_due(matter: Matter) -> None:
    """`matter.due_at` is the nearest date a running clock is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matters_matter SET due_at = (SELECT min(due_at) FROM deadlines_clock WHERE matter_id = %s "
            "AND outcome = 'running') WHERE id = %s RETURNING due_at",
            [matter.pk, matter.pk],
        )
        row = cursor.fetchone()
    matter.due_at = row[0] if row else None


def _late(clocks: Iterable[Clock]) -> list[Clock]:
    """Those whose breach was stated: only they may be on a ladder."""
    return [clock for clock in clocks if clock.breached_at]


def _open(matter: Matter, steps: Iterable[str] | None = None) -> list[Clock]:
    clocks = Clock.objects.filter(matter=matter, outcome__in=OPEN).order_by("id")
    return list(clocks if steps is None else clocks.filter(step__in=list(steps)))


def _state_breach(clock: Clock, matter: Matter, at: datetime) -> bool:
    """Whether the clock is late at this moment; says so in the journal if the worker has not yet."""
    late = clock.due_at is not None and at > clock.due_at
    if late and clock.breached_at is None:
        clock.breached_at = at
        user_id, department = responsible(clock, matter, service_department())
        record(stated(ClockBreached, clock, user_id, department), on=matter, by=SYSTEM)
    return late


def _close_pause(clock: Clock, at: datetime) -> None:
    if clock.paused_at is not None:
        clock.spans = [*clock.spans[:-1], (clock.paused_at, max(at, clock.paused_at))]
        clock.paused_at = None


def _end(clock: Clock, outcome: str, at: datetime) -> None:
    clock.outcome, clock.stopped_at, clock.remaining_minutes = outcome, at, None
    clock.elapsed_minutes = measuring.elapsed(clock, at)
    clock.paused_minutes = measuring.working.paused(measuring.calendar_for(clock), at, clock.spans)
