"""Clocks begin, rest, go on and end (K1, K3), and the matter knows its nearest date."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM
from yingxu.deadlines import actions, current, queries
from yingxu.deadlines.models import Clock, Outcome
from yingxu.matters.models import Entry

from .cast import MONDAY, actor, cn, matter, start


def run(verb, *args, **kwargs):
    with transaction.atomic():
        return verb(*args, **kwargs)


def test_a_clock_counts_working_time(firm):
    need = matter(firm)
    clock = start(need, "handling")
    assert clock.target_minutes == 2 * 450  # two working days of seven and a half hours
    assert clock.due_at == cn(2026, 3, 17, 18)
    assert clock.warn_at == cn(2026, 3, 17, 15)
    assert need.due_at == clock.due_at


def test_round_the_clock_runs_through_the_night(firm):
    clock = start(matter(firm), "acceptance", "urgent", cn(2026, 3, 16, 23, 50))
    assert clock.due_at == cn(2026, 3, 17, 0, 20)
    assert clock.warn_at == cn(2026, 3, 17, 0, 5)


def test_before_triage_the_default_targets_hold(firm):
    clock = start(matter(firm), "triage", "")
    assert (clock.category, clock.target_minutes) == ("unset", 60)


def test_a_step_without_target_has_no_clock(firm):
    need = matter(firm)
    assert start(need, "plan") is None
    assert run(actions.stop, need, "plan", at=MONDAY, by=SYSTEM) is None
    assert need.due_at is None


def test_starting_twice_goes_on(firm):
    need = matter(firm)
    first = start(need, "handling")
    assert start(need, "handling", at=MONDAY + timedelta(hours=1)).pk == first.pk
    assert Clock.objects.count() == 1


def test_the_nearest_due_date_stands_on_the_matter(firm):
    need = matter(firm)
    start(need, "handling")
    start(need, "acceptance")
    assert need.due_at == cn(2026, 3, 16, 14, 30)
    run(actions.stop, need, "acceptance", at=cn(2026, 3, 16, 10), by=SYSTEM)
    need.refresh_from_db()
    assert need.due_at == cn(2026, 3, 17, 18)
    run(actions.cancel, need, at=cn(2026, 3, 16, 11))
    need.refresh_from_db()
    assert need.due_at is None


def test_met_keeps_what_it_took(firm):
    need = matter(firm)
    start(need, "acceptance")
    clock = run(actions.stop, need, "acceptance", at=cn(2026, 3, 16, 14), by=actor(firm.clerk))
    clock.refresh_from_db()
    assert (clock.outcome, clock.elapsed_minutes, clock.stopped_by_id) == (Outcome.MET, 210, firm.clerk.pk)
    assert not Entry.objects.filter(event="deadlines.clock_breached").exists()


def test_late_is_stated_even_when_the_worker_did_not_see_it(firm):
    need = matter(firm)
    start(need, "acceptance")
    clock = run(actions.stop, need, "acceptance", at=cn(2026, 3, 16, 15), by=SYSTEM)
    assert (clock.outcome, clock.elapsed_minutes) == (Outcome.BREACHED, 270)
    stated = Entry.objects.get(event="deadlines.clock_breached", matter=need)
    assert stated.facts["step"] == "acceptance"
    assert (stated.facts["user_id"], stated.facts["department_id"]) == (firm.clerk.pk, firm.shop.pk)
    assert stated.tell == []


def test_done_at_the_last_moment_is_in_time(firm):
    need = matter(firm)
    due = start(need, "acceptance").due_at
    assert run(actions.stop, need, "acceptance", at=due, by=SYSTEM).outcome == Outcome.MET


def test_a_pause_does_not_count(firm):
    """K3: the pause is visible and counted, the due date moves by it."""
    need = matter(firm)
    start(need, "handling")
    start(need, "acceptance")
    paused = run(actions.pause, need, ["handling"], at=cn(2026, 3, 16, 11))
    assert [c.step for c in paused] == ["handling"]
    assert (paused[0].outcome, paused[0].remaining_minutes, paused[0].due_at) == (Outcome.PAUSED, 780, None)
    assert need.due_at == cn(2026, 3, 16, 14, 30)  # the other clock goes on
    resumed = run(actions.resume, need, at=cn(2026, 3, 17, 10))[0]
    assert resumed.paused_minutes == 60 + 270 + 60
    assert resumed.due_at == cn(2026, 3, 18, 17)
    assert (resumed.outcome, resumed.remaining_minutes, resumed.paused_at) == (Outcome.RUNNING, None, None)
    done = run(actions.stop, need, "handling", at=cn(2026, 3, 17, 11), by=SYSTEM)
    assert done.elapsed_minutes == 120 + 60


def test_all_paused_leaves_no_due_date(firm):
    need = matter(firm)
    start(need, "handling")
    run(actions.pause, need, at=MONDAY)
    need.refresh_from_db()
    assert need.due_at is None
    assert run(actions.pause, need, at=MONDAY) == []  # nothing left to pause


def test_a_pause_after_the_due_date_does_not_repair_it(firm):
    need = matter(firm)
    start(need, "acceptance")
    late = run(actions.pause, need, ["acceptance"], at=cn(2026, 3, 16, 15))[0]
    assert late.due_at == cn(2026, 3, 16, 14, 30) and late.breached_at and late.remaining_minutes == -30
    resumed = run(actions.resume, need, at=cn(2026, 3, 18, 9))[0]
    assert resumed.due_at == cn(2026, 3, 16, 14, 30)
    assert Entry.objects.filter(event="deadlines.clock_breached").count() == 1


def test_stopping_a_paused_clock_ends_the_pause(firm):
    need = matter(firm)
    start(need, "handling")
    run(actions.pause, need, at=cn(2026, 3, 16, 10))
    done = run(actions.stop, need, "handling", at=cn(2026, 3, 20, 10), by=SYSTEM)
    assert (done.outcome, done.elapsed_minutes) == (Outcome.MET, 60)
    assert done.pauses[0][1] is not None


def test_another_category_measures_from_the_start(firm):
    need = matter(firm)
    start(need, "first_response", "")
    start(need, "triage", "")
    run(actions.pause, need, ["first_response"], at=cn(2026, 3, 16, 9, 10))
    run(actions.resume, need, at=cn(2026, 3, 16, 9, 20))
    clocks = {c.step: c for c in run(actions.retarget, need, "general", at=cn(2026, 3, 16, 9, 25))}
    assert clocks["first_response"].due_at == cn(2026, 3, 16, 11, 10)  # two hours and the ten minutes it rested
    assert clocks["first_response"].category == "general"
    assert clocks["triage"].outcome == Outcome.CANCELLED  # no triage target for a triaged need
    assert need.due_at == cn(2026, 3, 16, 11, 10)


def test_a_longer_target_takes_a_warning_back(firm):
    need = matter(firm)
    clock = start(need, "first_response", "urgent")
    Clock.objects.filter(pk=clock.pk).update(warned_at=cn(2026, 3, 16, 9, 8), breached_at=cn(2026, 3, 16, 9, 11))
    clock = run(actions.retarget, need, "general", at=cn(2026, 3, 16, 9, 30))[0]
    assert (clock.warned_at, clock.breached_at) == (None, None)


def test_a_chosen_day_is_due_when_work_ends(firm):
    need = matter(firm)
    with transaction.atomic():
        visit = actions.start_until(need, "follow_up", cn(2026, 3, 20).date(), at=MONDAY)
        saturday = actions.start_until(need, "watch_review", cn(2026, 3, 21).date(), at=MONDAY)
    assert (visit.due_at, saturday.due_at) == (cn(2026, 3, 20, 18), cn(2026, 3, 22))
    assert need.due_at == visit.due_at
    with transaction.atomic():
        actions.set_target("unset", "follow_up", by=SYSTEM, amount=1, unit="hours")
    visit.refresh_from_db()
    assert visit.due_at == cn(2026, 3, 20, 18)  # a date somebody chose stays
    assert run(actions.stop, need, "follow_up", at=cn(2026, 3, 20, 11), by=SYSTEM).outcome == Outcome.MET


def test_today_after_closing_time_lasts_until_midnight(firm):
    with transaction.atomic():
        clock = actions.start_until(matter(firm), "follow_up", MONDAY.date(), at=cn(2026, 3, 16, 20))
    assert clock.due_at == cn(2026, 3, 17)


def test_is_due_when_the_time_is_over_or_not_measured(firm):
    need = matter(firm)
    assert actions.is_due(need, "handling", at=MONDAY)
    start(need, "handling")
    assert not actions.is_due(need, "handling", at=cn(2026, 3, 17, 17))
    assert actions.is_due(need, "handling", at=cn(2026, 3, 17, 18))


def test_steps_need_a_verb_around_them(firm):
    need = matter(firm)
    transaction.get_connection().in_atomic_block = False
    try:
        with pytest.raises(RuntimeError):
            actions.start(need, "handling", category="general", at=MONDAY, by=SYSTEM)
    finally:
        transaction.get_connection().in_atomic_block = True


def test_plan_gives_rows_to_insert(firm):
    rows = actions.plan("", ["first_response", "plan", "triage"], MONDAY)
    assert [row.step for row in rows] == ["first_response", "triage"]
    clock = Clock.objects.create(matter=matter(firm), **rows[0]._asdict())
    clock.refresh_from_db()
    assert (clock.outcome, clock.pauses, clock.paused_minutes, clock.look_at) == ("running", [], 0, clock.warn_at)
    assert clock.due_at == cn(2026, 3, 16, 9, 30)


def test_measured_is_over_already(firm):
    with transaction.atomic():
        actions.set_target("unset", "registration", by=SYSTEM, amount=30, unit="minutes")
    early, late = cn(2026, 3, 16, 9, 20), cn(2026, 3, 16, 10)
    assert actions.measured("", "registration", MONDAY, early)[0].outcome == "met"
    found = actions.measured("", "registration", MONDAY, late)[0]
    assert (found.outcome, found.elapsed_minutes, found.breached_at) == ("breached", 60, late)
    assert actions.measured("", "plan", MONDAY, late) == []


@pytest.mark.django_db
def test_nothing_is_measured_before_a_pack_is_installed(django_assert_num_queries):
    current.forget()
    assert actions.plan("", ["first_response"], MONDAY) == []
    assert queries.calendar().day_minutes == 450


def test_now_is_only_the_clocks_business(firm):
    """A clock's figures come from the moments it is given, whatever the time is."""
    need = matter(firm)
    with now_clock.at(cn(2030, 1, 1)):
        start(need, "acceptance")
        done = run(actions.stop, need, "acceptance", at=cn(2026, 3, 16, 10), by=SYSTEM)
    assert (done.outcome, done.elapsed_minutes) == (Outcome.MET, 60)
