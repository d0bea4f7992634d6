"""K4: every warning and breach is stated once, by one worker or two, whatever the time does."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from yingxu.base import clock as now_clock
from yingxu.deadlines import actions, current, jobs
from yingxu.deadlines.models import Clock
from yingxu.matters.models import Entry, Matter

from .cast import MONDAY, cn, company, matter, start

WARN, DUE = cn(2026, 3, 16, 13, 42), cn(2026, 3, 16, 14, 30)  # four hours from nine, with a lunch break


def stated(name):
    return list(Entry.objects.filter(event=f"deadlines.{name}").order_by("id"))


def test_warned_then_late_each_once(firm):
    clock = start(matter(firm), "acceptance")
    assert clock.warn_at == WARN
    assert jobs.sweep(WARN - timedelta(seconds=1)) == (0, 0)
    assert jobs.sweep(WARN + timedelta(seconds=1)) == (1, 0)
    assert jobs.sweep(WARN + timedelta(seconds=16)) == (0, 0)
    assert jobs.sweep(DUE) == (0, 0)  # the last moment is in time
    assert jobs.sweep(DUE + timedelta(seconds=1)) == (0, 1)
    assert jobs.sweep(DUE + timedelta(days=3)) == (0, 0)
    warning, late = stated("clock_warned")[0], stated("clock_breached")[0]
    assert warning.at == WARN + timedelta(seconds=1)
    assert warning.tell == [firm.clerk.pk]
    assert late.tell == sorted([firm.clerk.pk, firm.head.pk])
    assert late.facts["step"] == "acceptance" and late.facts["user_id"] == firm.clerk.pk
    clock.refresh_from_db()
    assert clock.outcome == "running" and clock.breached_at and clock.warned_at


def test_after_a_long_stop_the_warning_is_left_out(firm):
    start(matter(firm), "acceptance")
    assert jobs.sweep(DUE + timedelta(hours=1)) == (0, 1)
    assert stated("clock_warned") == []


def test_a_warning_at_the_very_end_does_not_go_round_for_ever(firm):
    with transaction.atomic():
        actions.set_target("general", "acceptance", by=jobs.SYSTEM, amount=4, unit="hours", warn_percent=100)
    start(matter(firm), "acceptance")
    assert jobs.sweep(DUE) == (0, 0)
    assert jobs.sweep(DUE + timedelta(microseconds=1)) == (0, 1)


def test_customer_service_answers_for_its_own_steps(firm):
    start(matter(firm), "first_response")
    jobs.sweep(cn(2026, 3, 17, 9))
    late = stated("clock_breached")[0]
    assert (late.facts["user_id"], late.facts["department_id"]) == (firm.lead.pk, firm.service.pk)
    assert late.tell == [firm.lead.pk]


def test_resting_and_ended_clocks_are_left_alone(firm):
    resting, ended = matter(firm), matter(firm)
    start(resting, "acceptance")
    start(ended, "acceptance")
    with transaction.atomic():
        actions.pause(resting, at=MONDAY)
        actions.stop(ended, "acceptance", at=MONDAY, by=jobs.SYSTEM)
    assert jobs.sweep(DUE + timedelta(days=10)) == (0, 0)


def test_time_going_back_repeats_nothing(firm):
    start(matter(firm), "acceptance")
    assert jobs.sweep(DUE + timedelta(days=1)) == (0, 1)
    assert jobs.sweep(DUE - timedelta(days=1)) == (0, 0)
    assert jobs.sweep(DUE + timedelta(days=1)) == (0, 0)


def test_nothing_is_late_while_two_clocks_disagree(firm):
    """The worker's machine jumped ahead of the database: no storm of breaches (F20)."""
    from django.utils import timezone

    now = timezone.now()
    start(matter(firm, at=now), "acceptance", "urgent", at=now)  # round the clock, half an hour
    with now_clock.at(now + timedelta(days=1)):
        jobs.sweep_now(timestamp=0)
    assert stated("clock_breached") == []
    start(matter(firm, at=now), "acceptance", "urgent", at=now - timedelta(hours=1))
    jobs.sweep_now(timestamp=0)
    assert len(stated("clock_breached")) == 1


def test_many_are_done_in_batches(firm, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(jobs, "BATCH", 3)
    for _n in range(7):
        start(matter(firm), "acceptance")
    assert jobs.sweep(DUE + timedelta(seconds=1)) == (0, 7)


def test_clocks_opened_with_replaced_settings_are_measured_anew(firm):
    need = matter(firm)
    clock = start(need, "handling")
    stale = clock.target_version_id
    with transaction.atomic():
        actions.set_target("general", "handling", by=jobs.SYSTEM, amount=4, unit="hours")
    Clock.objects.filter(pk=clock.pk).update(target_version=stale, target_minutes=900, due_at=cn(2026, 3, 17, 18))
    with now_clock.at(MONDAY):
        jobs.realign(timestamp=0)
    clock.refresh_from_db()
    need.refresh_from_db()
    assert clock.due_at == need.due_at == cn(2026, 3, 16, 14, 30)


@pytest.mark.django_db(transaction=True)
def test_two_workers_state_everything_once():
    firm = company()
    for _n in range(40):
        start(matter(firm), "acceptance")
    start_line, results = threading.Barrier(2), []

    def work():
        try:
            start_line.wait(10)
            results.append(jobs.sweep(DUE + timedelta(minutes=1)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(2)]
    [w.start() for w in workers]
    [w.join(30) for w in workers]
    assert sum(r.breached for r in results) == 40
    assert Entry.objects.filter(event="deadlines.clock_breached").count() == 40
    current.forget()


@pytest.mark.django_db(transaction=True)
def test_a_matter_somebody_holds_waits_for_the_next_sweep():
    firm = company()
    need = matter(firm)
    start(need, "acceptance")
    found = []

    def work():
        try:
            found.append(jobs.sweep(DUE + timedelta(minutes=1)))
        finally:
            connection.close()

    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=need.pk)
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(20)
    assert found == [(0, 0)]
    assert jobs.sweep(DUE + timedelta(minutes=1)) == (0, 1)
    current.forget()
