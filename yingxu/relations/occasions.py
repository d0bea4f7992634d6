"""On which day of a year an occasion falls. The Chinese calendar is the library's (lunardate, 1900 to 2099, from the Hong Kong Observatory's tables).

Birthdays in the Chinese calendar: who was born in a leap month celebrates in that leap month when the year has it, else in the plain month of the same
number; who was born on the 30th celebrates on the 29th when the month has no 30th. Birthdays on 29 February fall on the 28th in
common years. So every birthday comes once in every year.
"""

from collections.abc import Iterator
from datetime import date

from lunardate import LunarDate

FESTIVALS = {
    "spring_festival": (1, 1), "lantern": (1, 15), "dragon_boat": (5, 5), "qixi": (7, 7), "mid_autumn": (8, 15), "double_ninth": (9, 9), "laba": (12, 8),
}  # fmt: skip  # month and day of the Chinese calendar
FIRST, LAST = 1900, 2099


def lunar(year: int, month: int, day: int, leap: bool = False) -> date:
    """The day of a date of the Chinese year that begins in `year`, by the rules above."""
    leap = leap and LunarDate.leap_month_for_year(year) == month
    try:
        return LunarDate(year, month, day, leap).to_solar_date()
    except ValueError:
        if day != 30:
            raise
        return LunarDate(year, month, 29, leap).to_solar_date()


def solar(year: int, month: int, day: int) -> date:
    """The day in a year; 29 February is the 28th in common years."""
    try:
        return date(year, month, day)
    except ValueError:
        if (month, day) != (2, 29):
            raise
        return date(year, 2, 28)


def _near(start: date, end: date) -> range:
    """The years whose dates may fall between two days; a Chinese year ends in the next one."""
    return range(max(start.year - 1, FIRST), min(end.year, LAST) + 1)


def birthdays(start: date, end: date, *, month: int, day: int, is_lunar: bool, leap: bool = False) -> Iterator[date]:
    """The birthdays from `start` to `end`, both included."""
    for year in _near(start, end):
        on = lunar(year, month, day, leap) if is_lunar else solar(year, month, day)
        if start <= on <= end:
            yield on


def festival(start: date, end: date, code: str) -> Iterator[date]:
    """The days of a festival from `start` to `end`, both included."""
    month, day = FESTIVALS[code]
    return birthdays(start, end, month=month, day=day, is_lunar=True)


def yearly(start: date, end: date, month_day: str) -> Iterator[date]:
    """A day of every year ("MM-DD") from `start` to `end`, both included."""
    month, day = (int(part) for part in month_day.split("-"))
    return birthdays(start, end, month=month, day=day, is_lunar=False)
