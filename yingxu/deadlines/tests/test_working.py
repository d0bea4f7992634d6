"""Working time against a minute-by-minute brute force (K2) and against the official days of 2023–2026."""

import csv
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingxu.deadlines import official, working

OFFICE = ((time(9), time(12)), (time(13, 30), time(18)))
WEEK = (OFFICE,) * 5 + ((), ())
OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "calendar" / "cn_days_2023_2026.csv"
CN = ZoneInfo("Asia/Shanghai")
ZONES = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "UTC"]


def cn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CN)


def brute(calendar: working.Calendar, start: datetime, end: datetime) -> int:
    """Whole minutes whose local clock falls inside a window."""
    zone, count, here = ZoneInfo(calendar.zone), 0, start.astimezone(UTC)
    while here < end:
        local = here.astimezone(zone)
        clock = local.time().replace(tzinfo=None)
        count += any(a <= clock and (clock < b or b == time(0)) for a, b in calendar.windows(local.date()))
        here += timedelta(minutes=1)
    return count


@st.composite
def windows(draw):
    marks = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    marks = marks[: len(marks) // 2 * 2]
    return tuple(
        (time(a // 60, a % 60), time(b // 60 % 24, b % 60)) for a, b in zip(marks[::2], marks[1::2], strict=True)
    )


@st.composite
def calendars(draw):
    week = [draw(st.one_of(st.just(()), windows())) for _ in range(7)]
    if sum(map(working.length, week)) < 60:
        week[draw(st.integers(0, 6))] = OFFICE
    near = st.dates(date(2024, 10, 25), date(2024, 11, 12))
    return working.Calendar(
        week=tuple(week),
        zone=draw(st.sampled_from(ZONES)),
        days_off=draw(st.frozensets(near, max_size=4)),
        makeup=draw(st.frozensets(near, max_size=2)),
        overrides=draw(st.dictionaries(near, st.one_of(st.just(()), windows()), max_size=2)),
    )


# around the end of summer time in New York and St John's (3 November 2024), Lord Howe's is in April and October
minutes = st.integers(0, 9 * 1440).map(lambda n: datetime(2024, 10, 27, 22, tzinfo=UTC) + timedelta(minutes=n))
turns = st.sampled_from([datetime(2024, 3, 9, tzinfo=UTC), datetime(2024, 4, 6, tzinfo=UTC), datetime(2024, 10, 5, tzinfo=UTC)])


@settings(max_examples=40, deadline=None)
@given(calendars(), minutes, minutes)
def test_between_equals_the_brute_force(calendar, a, b):
    start, end = sorted((a, b))
    assert calendar.between(start, end) == brute(calendar, start, end)
    assert calendar.between(end, start) == -calendar.between(start, end)


@settings(max_examples=40, deadline=None)
@given(calendars(), turns, st.integers(0, 1440), st.integers(0, 2 * 1440))
def test_between_is_right_where_clocks_change(calendar, day, offset, span):
    start = day + timedelta(minutes=offset)
    assert calendar.between(start, start + timedelta(minutes=span)) == brute(calendar, start, start + timedelta(minutes=span))


@settings(max_examples=100, deadline=None)
@given(calendars(), minutes, st.integers(0, 12_000))
def test_add_is_the_earliest_moment_that_far_away(calendar, start, span):
    end = calendar.add(start, span)
    assert calendar.between(start, end) == span
    if span:
        assert calendar.between(start, end - timedelta(microseconds=1)) < span


@settings(max_examples=80, deadline=None)
@given(calendars(), minutes, st.lists(st.integers(0, 3000), max_size=6), st.integers(1, 4000))
def test_due_is_when_the_unpaused_time_is_used_up(calendar, start, cuts, span):
    """K3: at the due moment exactly the target has elapsed, whatever was paused before."""
    moments, here = [], start
    for cut in cuts:
        here += timedelta(minutes=cut)
        moments.append(here)
    pauses = list(zip(moments[::2], moments[1::2], strict=False))
    found = working.due(calendar, start, span, pauses)
    assert working.elapsed(calendar, start, found, pauses) == pytest.approx(span, abs=1e-6)
    if pauses and working.elapsed(calendar, start, pauses[-1][0], pauses[:-1]) < span:
        assert working.due(calendar, start, span, [*pauses[:-1], (pauses[-1][0], None)]) is None


@settings(max_examples=40, deadline=None)
@given(calendars(), minutes, minutes)
def test_the_days_add_up(calendar, a, b):
    start, end = sorted((a, b))
    rows = list(calendar.days(start, end))
    assert sum(row.minutes for row in rows) == pytest.approx(calendar.between(start, end))
    assert [row.day for row in rows] == sorted({row.day for row in rows})


def test_several_windows_a_day():
    calendar = working.Calendar(week=WEEK)
    assert calendar.between(cn(2026, 3, 16, 11), cn(2026, 3, 16, 14)) == 90
    assert calendar.add(cn(2026, 3, 16, 11), 90) == cn(2026, 3, 16, 14)
    assert calendar.add(cn(2026, 3, 20, 17, 30), 60) == cn(2026, 3, 23, 9, 30)  # over the weekend
    assert calendar.add(cn(2026, 3, 16, 17), 60) == cn(2026, 3, 16, 18)  # the end of the day, not the next morning
    assert calendar.day_minutes == 450


def test_seconds_are_kept():
    calendar = working.Calendar(week=WEEK)
    assert calendar.between(cn(2026, 3, 16, 9, 0, 0), cn(2026, 3, 16, 9, 0, 20)) == pytest.approx(1 / 3)


def test_make_up_days_take_the_windows_of_a_working_day():
    saturday = date(2026, 2, 14)
    calendar = working.Calendar(week=WEEK, days_off=frozenset({date(2026, 2, 16)}), makeup=frozenset({saturday}))
    assert calendar.is_working_day(saturday) and not calendar.is_working_day(date(2026, 2, 16))
    assert calendar.windows(saturday) == OFFICE
    short = working.Calendar(week=WEEK[:5] + (((time(10), time(16)),), ()), makeup=frozenset({saturday}))
    assert short.windows(saturday) == ((time(10), time(16)),)


def test_an_override_wins():
    eve = date(2026, 2, 13)
    calendar = working.Calendar(week=WEEK, overrides={eve: ((time(9), time(12)),)}, days_off=frozenset({eve}))
    assert calendar.between(cn(2026, 2, 13), cn(2026, 2, 14)) == 180


def test_round_the_clock():
    always = working.nonstop()
    assert always.round_the_clock
    assert always.between(cn(2026, 2, 14), cn(2026, 2, 16, 0, 30)) == 2 * 1440 + 30
    assert always.add(cn(2026, 2, 14), 90) == cn(2026, 2, 14, 1, 30)
    assert [row.minutes for row in always.days(cn(2026, 2, 14, 23), cn(2026, 2, 15, 1))] == [60, 60]


def test_a_full_day_of_changing_clocks_has_its_true_length():
    newyork = working.Calendar(week=(((time(0), time(0)),),) * 7, zone="America/New_York")
    zone = ZoneInfo("America/New_York")
    assert newyork.between(datetime(2024, 3, 10, tzinfo=zone), datetime(2024, 3, 11, tzinfo=zone)) == 23 * 60
    assert newyork.between(datetime(2024, 11, 3, tzinfo=zone), datetime(2024, 11, 4, tzinfo=zone)) == 25 * 60


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (OFFICE,) * 6,
        ((((time(22), time(6)),),) + ((),) * 6),
        ((((time(9), time(9)),),) + ((),) * 6),
        ((((time(9), time(13)), (time(12), time(18))),) + ((),) * 6),
        ((((time(9), time(0)), (time(12), time(18))),) + ((),) * 6),
    ],
)
def test_impossible_weeks_are_refused(week):
    with pytest.raises(ValueError):
        working.Calendar(week=week)


def test_naive_moments_and_negative_spans_are_refused():
    calendar = working.Calendar(week=WEEK)
    with pytest.raises(ValueError):
        calendar.between(datetime(2026, 3, 16), cn(2026, 3, 17))
    with pytest.raises(ValueError):
        calendar.add(cn(2026, 3, 16), -1)
    with pytest.raises(ValueError):
        calendar.add(cn(2026, 3, 16), 10**8)


def test_it_is_quick_enough_to_be_called_for_every_row():
    """Hundreds of calls a second must not be felt: well under 0.2 ms each, once the year is built."""
    calendar = working.Calendar(week=WEEK)
    start = cn(2026, 3, 16, 10)
    calendar.add(start, 1)
    begun = stopwatch.perf_counter()
    for n in range(2_000):
        calendar.between(start, calendar.add(start, n))
    assert stopwatch.perf_counter() - begun < 0.8


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official days of 2023–2026 are not beside this checkout")
def test_official_days_agree_with_the_published_calendar():
    """K2: every one of 1,461 days."""
    off, makeup = set(), set()
    for year in range(2023, 2027):
        for day in official.days(year):
            (makeup if day.kind == "makeup" else off).add(day.date)
    calendar = working.Calendar(week=WEEK, days_off=frozenset(off), makeup=frozenset(makeup))
    with OFFICIAL.open(encoding="utf-8") as rows:
        found = [(row["date"], row["is_workday"] == "1") for row in csv.DictReader(rows)]
    assert len(found) == 1_461
    assert [day for day, works in found if calendar.is_working_day(date.fromisoformat(day)) != works] == []
