"""Public holidays and make-up working days of mainland China, as announced each autumn by the State Council.

The `chinesecalendar` package carries them and knows announced years only; a year it does not know has no rows at all.
"""

from datetime import date
from typing import NamedTuple

from chinese_calendar import constants


class Day(NamedTuple):
    date: date
    kind: str  # holiday or makeup
    name: str


def known_years() -> set[int]:
    """Years with announced days."""
    return {day.year for day in constants.holidays}


def days(year: int) -> list[Day]:
    """The year's holidays and make-up days in order; empty for a year that is not announced."""
    off = [Day(day, "holiday", _name(name)) for day, name in constants.holidays.items() if day.year == year]
    makeup = [Day(day, "makeup", _name(name)) for day, name in constants.workdays.items() if day.year == year]
    return sorted(off + makeup) if off else []


def _name(english: str) -> str:
    return constants.Holiday(english).chinese
