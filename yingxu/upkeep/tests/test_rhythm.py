"""When rounds and reports begin and are due, by the real calendar of China with its holidays and make-up days (A5, A7)."""

from datetime import date, time

import pytest

from yingxu.base import clock
from yingxu.deadlines import official
from yingxu.deadlines.working import Calendar
from yingxu.upkeep import rhythm

DAY = ((time(9), time(12)), (time(13), time(18)))


@pytest.fixture(scope="module")
def calendar():
    known = [day for year in (2024, 2025, 2026) if year in official.known_years() for day in official.days(year)]
    return Calendar(
        (DAY,) * 5 + ((), ()), days_off=frozenset(d.date for d in known if d.kind == "holiday"), makeup=frozenset(d.date for d in known if d.kind == "makeup")
    )


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ((2025, 3), (2025, 3, 3)),  # an ordinary first Monday
        ((2025, 10), (2025, 10, 9)),  # 6 October lies in the long holiday until the 8th
        ((2024, 4), (2024, 4, 1)),
        ((2024, 2), (2024, 2, 5)),
        ((2025, 5), (2025, 5, 6)),  # Labour Day until the 5th
        ((2024, 10), (2024, 10, 8)),  # 7 October is the last day off
        ((2026, 1), (2026, 1, 5)),
    ],
)
def test_the_report_is_due_on_the_first_monday_or_the_next_day_that_is_worked(calendar, month, due):
    assert rhythm.first_monday(date(*month, 17), calendar) == date(*due)


def test_a_saturday_made_up_for_is_a_working_day(calendar):
    assert rhythm.worked_from(date(2025, 10, 11), calendar) == date(2025, 10, 11)  # a Saturday
    assert rhythm.worked_until(date(2025, 10, 6), date(2025, 10, 12), calendar) == date(2025, 10, 11)
    assert rhythm.plus(date(2025, 9, 30), 3, calendar) == date(2025, 10, 11)


def test_a_week_in_which_nobody_works_has_no_round(calendar):
    assert rhythm.worked_until(date(2024, 2, 12), date(2024, 2, 16), calendar) is None


def test_quarters_and_years():
    assert rhythm.quarter(date(2026, 11, 24)) == (date(2026, 10, 1), date(2026, 12, 31))
    assert rhythm.quarter(date(2024, 2, 29)) == (date(2024, 1, 1), date(2024, 3, 31))
    assert rhythm.before("quarter", date(2026, 1, 1)) == (date(2025, 10, 1), date(2025, 12, 31))
    assert rhythm.week(date(2026, 1, 1)) == (date(2025, 12, 29), date(2026, 1, 4))
    assert rhythm.year(date(2026, 6, 1)) == (date(2026, 1, 1), date(2026, 12, 31))


def test_the_fifteenth_working_day_of_a_quarter_steps_over_the_holiday(calendar):
    assert rhythm.nth(date(2025, 10, 1), 1, calendar) == date(2025, 10, 9)
    assert rhythm.nth(date(2025, 10, 1), 4, calendar) == date(2025, 10, 13)


def test_work_ends_with_the_last_window(calendar):
    end = rhythm.end_of(date(2025, 10, 11), calendar, clock.zone())
    assert (end.hour, end.day) == (18, 11)
