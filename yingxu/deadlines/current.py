"""The calendar and the targets in force, kept in memory so that opening a clock asks the database nothing.

What is kept is checked every five seconds, so a change made by another process is seen by then. Settings that the reading
transaction itself is still making are used but not kept: it may yet be rolled back.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from yingxu.base.remember import forgets

from . import working
from .models import CalendarDay, CalendarVersion, Target, Unit

KEEP_SECONDS = 5.0
OFFICE: list[list[list[str]]] = [[["09:00", "12:00"], ["13:30", "18:00"]]] * 5 + [[], []]


class Measure(NamedTuple):
    """A target ready to measure with."""

    minutes: int
    round_the_clock: bool
    warn_percent: int


@dataclass(frozen=True)
class Book:
    """Everything needed to open a clock. Version ids are None before a pack is installed; then there are no targets."""

    calendar_version: int | None
    calendar: working.Calendar
    target_version: int | None
    targets: Mapping[tuple[str, str], Measure]
    always: working.Calendar

    def measured_by(self, round_the_clock: bool) -> working.Calendar:
        return self.always if round_the_clock else self.calendar


_kept: tuple[float, Book] | None = None


def book() -> Book:
    """What is in force now."""
    global _kept
    kept = _kept
    if kept and kept[0] > time.monotonic():
        return kept[1]
    calendar_version, target_version, unfinished = _versions()
    found = Book(
        calendar_version,
        calendar_of(calendar_version),
        target_version,
        _targets(target_version, calendar_version),
        always_of(calendar_version),
    )
    if not unfinished:
        _kept = (time.monotonic() + KEEP_SECONDS, found)
    return found


@forgets
def forget(**_signal: Any) -> None:
    """Ask the database again next time."""
    global _kept
    _kept = None


def content_of(version: int | None) -> dict:
    """The calendar's content at a version; office hours without any special day before a pack is installed."""
    if version is None:
        return {"zone": settings.TIME_ZONE, "week": OFFICE, "days": []}
    return CalendarVersion.objects.values_list("content", flat=True).get(pk=version)


@lru_cache(maxsize=64)
def calendar_of(version: int | None) -> working.Calendar:
    """The working calendar at a version."""
    return build(content_of(version))


@lru_cache(maxsize=64)
def always_of(version: int | None) -> working.Calendar:
    return working.nonstop(calendar_of(version).zone)


def build(content: Mapping) -> working.Calendar:
    """A calendar from its content. Raises ValueError for windows that cannot be."""
    off, makeup = set(), set()
    overrides: dict[working.date, tuple[working.Window, ...]] = {}
    for on, kind, _name, windows in content["days"]:
        day = working.date.fromisoformat(on)
        if kind == CalendarDay.Kind.HOLIDAY:
            off.add(day)
        elif kind == CalendarDay.Kind.MAKEUP:
            makeup.add(day)
        elif kind == CalendarDay.Kind.OFF:
            overrides[day] = ()
        elif windows:
            overrides[day] = read(windows)
        else:
            makeup.add(day)
    return working.Calendar(
        week=tuple(read(windows) for windows in content["week"]), zone=content["zone"],
        days_off=frozenset(off), makeup=frozenset(makeup), overrides=overrides,
    )  # fmt: skip


def read(windows: list[list[str]]) -> tuple[working.Window, ...]:
    """[["09:00", "12:00"]] as times."""
    return tuple((working.time.fromisoformat(start), working.time.fromisoformat(end)) for start, end in windows)


def minutes_of(amount: Any, unit: str, *, round_the_clock: bool, calendar: working.Calendar) -> int:
    """How many minutes a target's amount is: a day is as long as a working day, or 24 hours."""
    day = 1_440 if round_the_clock else calendar.day_minutes
    return round(amount * {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.DAYS: day}[Unit(unit)])


@lru_cache(maxsize=16)
def _targets(version: int | None, calendar_version: int | None) -> Mapping[tuple[str, str], Measure]:
    calendar = calendar_of(calendar_version)
    return {
        (row.category, row.step): Measure(
            minutes_of(row.amount, row.unit, round_the_clock=row.round_the_clock, calendar=calendar),
            row.round_the_clock, row.warn_percent,
        )
        for row in Target.objects.filter(version=version)
    } if version else {}  # fmt: skip


def _versions() -> tuple[int | None, int | None, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH here AS (SELECT pg_current_xact_id_if_assigned()::text::bigint AS tx) "
            "SELECT (SELECT max(id) FROM deadlines_calendarversion), (SELECT max(id) FROM deadlines_targetversion), "
            "EXISTS (SELECT 1 FROM deadlines_calendarversion v, here WHERE v.tx = here.tx) "
            "OR EXISTS (SELECT 1 FROM deadlines_targetversion v, here WHERE v.tx = here.tx)"
        )
        return cursor.fetchone()
