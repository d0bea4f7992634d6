"""A clock's moments, worked out from its start, its allowance and its pauses. Nothing is saved here."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from . import current, working
from .models import Category, Clock, Outcome

FIXED_WARN = 80  # percent, for steps that have a date and no target


class ClockRow(NamedTuple):
    """A running clock as columns of `deadlines_clock`, all but `matter_id`; the other columns have defaults in the database."""

    step: str
    round: int
    category: str
    target_minutes: float
    warn_percent: int
    round_the_clock: bool
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    calendar_version_id: int
    target_version_id: int | None


def plan_one(book: current.Book, category: str, step: str, at: datetime, round: int = 1) -> ClockRow | None:
    """The clock a step gets when it begins at `at`; None when the category has no target for it."""
    name = category or Category.UNSET
    measure = book.targets.get((name, step))
    if measure is None or book.calendar_version is None or book.target_version is None:
        return None
    calendar = book.measured_by(measure.round_the_clock)
    return ClockRow(
        str(step), round, str(name), measure.minutes, measure.warn_percent, measure.round_the_clock, at,
        calendar.add(at, measure.minutes), calendar.add(at, measure.minutes * measure.warn_percent / 100),
        book.calendar_version, book.target_version,
    )  # fmt: skip


def plan_until(book: current.Book, step: str, day: date, at: datetime, round: int = 1) -> ClockRow | None:
    """The clock of a step that has a date instead of a target: due when work ends on that day, at midnight on a day off or when
    that is over. It runs round the clock and no change of settings moves it. None before a pack is installed."""
    if book.calendar_version is None:
        return None
    windows = book.calendar.windows(day)
    zone = ZoneInfo(book.calendar.zone)
    midnight = datetime.combine(day + timedelta(days=1), time(0), zone)
    due = datetime.combine(day, windows[-1][1], zone) if windows and windows[-1][1] != time(0) else midnight
    due = (due if due > at else midnight).astimezone(UTC)
    minutes = max(book.always.between(at, due), 1)
    measure = book.targets.get((Category.UNSET, step))
    percent = measure.warn_percent if measure else FIXED_WARN
    return ClockRow(
        str(step), round, Category.UNSET.value, minutes, percent, True, at, book.always.add(at, minutes),
        book.always.add(at, minutes * percent / 100), book.calendar_version, None,
    )  # fmt: skip


class Measured(NamedTuple):
    """A clock that was over before it was written down: `row` and the columns of its end."""

    row: ClockRow
    outcome: str
    stopped_at: datetime
    elapsed_minutes: float
    breached_at: datetime | None


def over(book: current.Book, category: str, step: str, start: datetime, end: datetime) -> Measured | None:
    """A step that began and ended in the past; None when the category has no target for it."""
    row = plan_one(book, category, step, start)
    if row is None:
        return None
    late = end > row.due_at
    elapsed = max(0.0, book.measured_by(row.round_the_clock).between(start, end))
    return Measured(row, (Outcome.BREACHED if late else Outcome.MET).value, end, elapsed, end if late else None)


def calendar_for(clock: Clock) -> working.Calendar:
    """The calendar this clock is measured with."""
    version = clock.calendar_version_id
    return current.always_of(version) if clock.round_the_clock else current.calendar_of(version)


def measure(clock: Clock, now: datetime) -> None:
    """Work out due_at, warn_at and the paused minutes. A warning or breach that no longer stands may come again."""
    calendar, spans = calendar_for(clock), clock.spans
    clock.due_at = working.due(calendar, clock.started_at, clock.allowance, spans)
    clock.warn_at = working.due(calendar, clock.started_at, clock.allowance * clock.warn_percent / 100, spans)
    clock.paused_minutes = working.paused(calendar, now, spans)
    paused = clock.outcome == Outcome.PAUSED
    clock.remaining_minutes = clock.allowance - elapsed(clock, now) if paused else None
    if clock.warned_at and (clock.warn_at is None or clock.warn_at > now):
        clock.warned_at = None
    if clock.breached_at and (clock.due_at is None or clock.due_at > now):
        clock.breached_at = None


def elapsed(clock: Clock, until: datetime) -> float:
    """Minutes used up to a moment, pauses left out."""
    return working.elapsed(calendar_for(clock), clock.started_at, max(until, clock.started_at), clock.spans)
