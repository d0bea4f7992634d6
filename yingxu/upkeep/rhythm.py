"""When rounds and reports begin and are due, by the working calendar. Pure: a calendar says which days are worked and until when."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

DAY = timedelta(days=1)
FAR = 60  # days: no company rests longer


def week(day: date) -> tuple[date, date]:
    """Monday and Sunday around the day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - DAY


def quarter(day: date) -> tuple[date, date]:
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return first, month(first + timedelta(days=70))[1]


def year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


SPANS = {"week": week, "month": month, "quarter": quarter, "year": year}


def before(kind: str, first: date) -> tuple[date, date]:
    """The span of this kind before the one that begins on this day."""
    return SPANS[kind](first - DAY)


def worked_from(day: date, calendar: Any) -> date:
    """The day itself when it is worked (a make-up day is), else the next one that is."""
    return next(_worked(day, calendar))


def worked_until(first: date, last: date, calendar: Any) -> date | None:
    """The last worked day of a span; None when nobody works in it."""
    while last >= first:
        if calendar.is_working_day(last):
            return last
        last -= DAY
    return None


def plus(day: date, days: int, calendar: Any) -> date:
    """So many worked days after this day, which itself does not count."""
    found = _worked(day + DAY, calendar)
    for _ in range(days - 1):
        next(found)
    return next(found)


def nth(first: date, days: int, calendar: Any) -> date:
    """The so-many-th worked day from this day on."""
    return plus(first - DAY, days, calendar)


def first_monday(of: date, calendar: Any) -> date:
    """When the report on the month before is due: the first Monday of the month `of` lies in, and when that is not worked, the next day
    that is."""
    first = of.replace(day=1)
    return worked_from(first + timedelta(days=-first.weekday() % 7), calendar)


def end_of(day: date, calendar: Any, zone: Any) -> datetime:
    """When work ends on this day; midnight where the calendar has no hours for it."""
    windows = calendar.windows(day)
    last = windows[-1][1] if windows else time(0)
    return datetime.combine(day + DAY if last == time(0) else day, last, tzinfo=zone)


def begins(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone)


def _worked(day: date, calendar: Any) -> Iterator[date]:
    while True:
        for _ in range(FAR):
            if calendar.is_working_day(day):
                break
            day += DAY
        yield day
        day += DAY
