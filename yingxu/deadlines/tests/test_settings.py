"""Calendar and targets change in versions; open clocks move, closed ones keep theirs (K1, K2)."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.deadlines import actions, current, official, queries
from yingxu.deadlines.models import CalendarDay, CalendarVersion, Clock, Target, TargetVersion
from yingxu.matters.models import Entry

from .cast import CALENDAR, MONDAY, TARGETS, actor, cn, matter, start

MORNINGS = [[(time(9), time(12))]] * 5 + [[], []]


@pytest.fixture(autouse=True)
def in_march():
    """These settings are made on the first morning of the story."""
    with now_clock.at(MONDAY):
        yield


@pytest.fixture
def manager(firm):
    return actor(firm.manager)


def test_new_hours_move_open_clocks_and_no_closed_one(firm, manager):
    busy, done = matter(firm), matter(firm)
    open_clock, closed = start(busy, "handling"), start(done, "acceptance")
    with transaction.atomic():
        actions.stop(done, "acceptance", at=cn(2026, 3, 16, 10), by=SYSTEM)
    closed.refresh_from_db()
    figures = (closed.elapsed_minutes, closed.due_at, closed.calendar_version_id)

    change = actions.set_windows(MORNINGS, by=manager)

    assert (change.made, change.moved) == (True, 1)
    open_clock.refresh_from_db()
    assert open_clock.calendar_version_id == change.version
    assert open_clock.target_minutes == 360  # two working days are shorter now
    assert open_clock.due_at == cn(2026, 3, 17, 12)
    busy.refresh_from_db()
    assert busy.due_at == open_clock.due_at
    closed.refresh_from_db()
    assert (closed.elapsed_minutes, closed.due_at, closed.calendar_version_id) == figures
    stated = Entry.objects.get(event="deadlines.calendar_changed", actor_id=firm.manager.pk)
    assert stated.facts == {"version": change.version, "moved": 1}


def test_the_same_again_makes_no_version(firm, manager):
    first = actions.set_windows(MORNINGS, by=manager)
    again = actions.set_windows(MORNINGS, by=manager)
    assert (again.version, again.made, again.moved) == (first.version, False, 0)


def test_a_company_day_off_and_back(firm, manager):
    tuesday = date(2026, 3, 17)
    clock = start(matter(firm), "handling")
    assert actions.set_day(tuesday, "off", name="店庆", by=manager).moved == 1
    clock.refresh_from_db()
    assert clock.due_at == cn(2026, 3, 18, 18)
    assert actions.remove_day(tuesday, by=manager).moved == 1
    clock.refresh_from_db()
    assert clock.due_at == cn(2026, 3, 17, 18)


def test_a_company_working_day_with_its_own_hours(firm, manager):
    sunday = date(2026, 3, 22)
    actions.set_day(sunday, "working", name="盘点", windows=[(time(10), time(12))], by=manager)
    assert queries.calendar().windows(sunday) == ((time(10), time(12)),)
    actions.set_day(sunday, "working", name="盘点", by=manager)
    assert len(queries.calendar().windows(sunday)) == 2


def test_the_company_stands_above_the_official_word(firm, manager):
    holiday = date(2026, 10, 1)
    assert not queries.calendar().is_working_day(holiday)
    actions.set_day(holiday, "working", by=manager)
    assert queries.calendar().is_working_day(holiday)
    actions.import_official(2026, by=manager)
    assert queries.calendar().is_working_day(holiday)
    actions.remove_day(holiday, by=manager)
    assert not queries.calendar().is_working_day(holiday)


def test_a_year_nobody_announced_is_said_clearly(firm, manager):
    year = max(official.known_years()) + 1
    with pytest.raises(Invalid) as refused:
        actions.import_official(year, by=manager)
    assert str(year) in str(refused.value.fields["year"][0])


def test_official_days_come_by_name(firm, manager):
    CalendarDay.objects.all().delete()
    assert actions.import_official(2025, by=manager).made
    eve = CalendarDay.objects.get(date=date(2025, 1, 28))
    assert (eve.kind, eve.source, eve.name) == ("holiday", "official", "春节")
    assert CalendarDay.objects.get(date=date(2025, 1, 26)).kind == "makeup"


def test_a_missing_year_is_noticed(firm):
    known = max(official.known_years())
    assert queries.years_without_official_data(date(known, 10, 31)) == []
    assert queries.years_without_official_data(date(known, 11, 1)) == [known + 1]
    assert queries.years_without_official_data(date(known + 1, 3, 1)) == [known + 1]
    assert queries.importable(known) and not queries.importable(known + 1)


@pytest.mark.parametrize(
    "week", [[[]] * 7, [[(time(9), time(8))]] + [[]] * 6, [[(time(9), time(12)), (time(11), time(13))]] + [[]] * 6]
)
def test_impossible_hours_are_refused_and_nothing_changes(firm, manager, week):
    before = CalendarVersion.objects.count()
    with pytest.raises(Invalid) as refused:
        actions.set_windows(week, by=manager)
    assert "windows" in refused.value.fields
    assert CalendarVersion.objects.count() == before
    assert queries.calendar().day_minutes == 450


def test_a_company_day_has_two_kinds(firm, manager):
    with pytest.raises(Invalid):
        actions.set_day(date(2026, 3, 17), "holiday", by=manager)


def test_a_target_changes_in_a_new_version(firm, manager):
    need = matter(firm)
    clock = start(need, "handling")
    old = clock.target_version_id
    change = actions.set_target("general", "handling", amount=Decimal(4), unit="hours", warn_percent=50, by=manager)
    assert (change.made, change.moved) == (True, 1)
    clock.refresh_from_db()
    assert (clock.target_minutes, clock.warn_at, clock.due_at) == (240, cn(2026, 3, 16, 11), cn(2026, 3, 16, 14, 30))
    assert Target.objects.get(version=old, category="general", step="handling").amount == 2  # history stays
    assert queries.targets("general")["handling"].minutes == 240
    assert Entry.objects.filter(event="deadlines.targets_changed", facts__version=change.version).exists()


def test_a_target_taken_away_ends_its_clocks(firm, manager):
    need = matter(firm)
    clock = start(need, "acceptance")
    assert actions.set_target("general", "acceptance", amount=None, by=manager).moved == 1
    clock.refresh_from_db()
    need.refresh_from_db()
    assert (clock.outcome, need.due_at) == ("cancelled", None)
    assert "acceptance" not in queries.targets("general")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("amount", {"amount": Decimal(0)}),
        ("amount", {"amount": Decimal(-3)}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": Decimal(9_999), "unit": "days"}),
        ("unit", {"amount": Decimal(1), "unit": "weeks"}),
        ("warn_percent", {"amount": Decimal(1), "warn_percent": 0}),
        ("warn_percent", {"amount": Decimal(1), "warn_percent": 101}),
    ],
)
def test_impossible_targets_are_refused(firm, manager, field, given):
    before = TargetVersion.objects.count()
    with pytest.raises(Invalid) as refused:
        actions.set_target("general", "handling", by=manager, **given)
    assert field in refused.value.fields
    assert TargetVersion.objects.count() == before


def test_unknown_category_and_step_are_refused(firm, manager):
    with pytest.raises(Invalid):
        actions.set_target("sometime", "handling", amount=Decimal(1), by=manager)
    with pytest.raises(Invalid):
        actions.set_target("general", "dreaming", amount=Decimal(1), by=manager)


def test_only_who_holds_the_rule_changes_settings(firm):
    by = actor(firm.clerk)
    for refused in (
        lambda: actions.set_windows(MORNINGS, by=by),
        lambda: actions.set_day(date(2026, 3, 17), "off", by=by),
        lambda: actions.remove_day(date(2026, 3, 17), by=by),
        lambda: actions.import_official(2026, by=by),
        lambda: actions.set_target("general", "handling", amount=Decimal(1), by=by),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_paused_clock_is_measured_anew_too(firm, manager):
    need = matter(firm)
    clock = start(need, "handling")
    with transaction.atomic():
        actions.pause(need, at=cn(2026, 3, 16, 11))
    with now_clock.at(cn(2026, 3, 16, 15)):
        actions.set_target("general", "handling", amount=Decimal(3), unit="hours", by=manager)
    clock.refresh_from_db()
    assert (clock.outcome, clock.remaining_minutes, clock.due_at) == ("paused", 60, None)


def test_installing_twice_changes_nothing(firm):
    before = (CalendarVersion.objects.count(), TargetVersion.objects.count())
    with transaction.atomic():
        change = actions.install(by=SYSTEM, calendar=CALENDAR, targets=TARGETS)
    assert not change.made
    assert (CalendarVersion.objects.count(), TargetVersion.objects.count()) == before


def test_a_pack_may_say_everything(firm):
    with transaction.atomic():
        actions.install(
            by=SYSTEM,
            calendar={
                "zone": "Asia/Urumqi",
                "windows": {"mon-thu": ["09:30-12:00", "13:00-17:30"], "sat": ["10:00-24:00"]},
                "official": True,
                "days": [{"date": date(2026, 6, 1), "kind": "off", "name": "店庆"}],
            },
            targets=[{"category": "urgent", "step": "progress", "within": "30m", "round_the_clock": True, "warn_percent": 60}],
        )
    calendar = queries.calendar()
    assert (calendar.zone, calendar.day_minutes) == ("Asia/Urumqi", 420)
    assert calendar.windows(date(2026, 3, 21)) == ((time(10), time(0)),)
    assert not calendar.is_working_day(date(2026, 6, 1))
    assert queries.targets("urgent") == {"progress": current.Measure(30, True, 60)}


@pytest.mark.parametrize(
    "given",
    [
        {"calendar": {"windows": {"someday": ["09:00-12:00"]}}},
        {"calendar": {"windows": {"mon": ["morning"]}}},
        {"calendar": {"windows": {"mon": ["25:00-26:00"]}}},
        {"calendar": {"zone": "Asia/Nowhere"}},
        {"targets": [{"category": "urgent", "step": "plan", "within": "soon"}]},
        {"targets": [{"category": "urgent", "step": "nothing", "within": "1h"}]},
    ],
)
def test_a_pack_with_nonsense_is_refused(firm, given):
    with pytest.raises(Invalid), transaction.atomic():
        actions.install(by=SYSTEM, **given)


def test_the_calendar_of_an_earlier_time_can_be_asked(firm, manager):
    with now_clock.at(cn(2026, 5, 4, 9)):
        actions.set_windows(MORNINGS, by=manager)
    assert queries.calendar().day_minutes == 180
    assert queries.calendar(cn(2026, 4, 1)).day_minutes == 450
    assert queries.calendar(cn(2020, 1, 1)).day_minutes == 450


def test_the_database_refuses_what_the_code_should_not_do(firm):
    clock = start(matter(firm), "handling")
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(outcome="met")
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(matter=clock.matter, step="handling", round=2, category="general", target_minutes=1,
                             warn_percent=80, round_the_clock=False, started_at=MONDAY, due_at=MONDAY, warn_at=MONDAY,
                             calendar_version=clock.calendar_version)  # fmt: skip


def test_unfinished_settings_are_not_kept_in_memory(firm, manager, django_assert_num_queries):
    """Settings made in this transaction may be rolled back, so every reading asks again (and sees them)."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.set_target("general", "handling", amount=Decimal(1), by=manager)
        assert queries.targets("general")["handling"].minutes == 60
        raise ZeroDivisionError
    assert queries.targets("general")["handling"].minutes == 900


@pytest.mark.django_db(transaction=True)
def test_opening_a_clock_asks_nothing_while_settings_are_in_memory(django_assert_num_queries):
    from .cast import company

    company()
    actions.plan("", ["first_response"], MONDAY)
    with django_assert_num_queries(0):
        assert len(actions.plan("", ["first_response", "triage"], MONDAY)) == 2
    current.forget()
