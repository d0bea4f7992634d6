"""The clock ticks: warned, late, one rung after another, lapsed; each said once (K2–K4 for signatures)."""

from datetime import timedelta

import pytest

from yingxu.approvals import actions, jobs
from yingxu.approvals.models import Request, State, Step
from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.deadlines import queries as deadlines
from yingxu.matters.models import Entry
from yingxu.people.models import Grant

from .test_actions import stated

pytestmark = pytest.mark.django_db


def later(**span):
    """The worker looks in, so much later; the moment."""
    now = clock.now() + timedelta(**span)
    jobs.sweep(now)
    return now


def said(request, event):
    rows = Entry.objects.filter(event=f"approvals.{event}", facts__request=request.pk).order_by("id")
    return [(row.facts, set(row.tell)) for row in rows]


def test_warned_late_and_up_the_ladder(desk):
    """A working day for the clerk's head: warned at 80 %, late to the signer, then the rungs of the ladder."""
    desk.chain("t.one", {**desk.person("周予安"), "within": "4h"})
    request = desk.ask("t.one", by="顾一鸣")
    step = Step.objects.get(round__request=request)
    assert deadlines.calendar().between(clock.now(), step.due_at) == 240, "by the working calendar, lunch left out"
    later(hours=1)
    assert stated(request) == ["approval_asked"]
    later(hours=4, minutes=43)
    later(hours=4, minutes=43)
    assert [tell for _facts, tell in said(request, "approval_due")] == [{desk.user("周予安").pk}]
    jobs.sweep(step.due_at)
    jobs.sweep(step.due_at)
    [(facts, tell)] = said(request, "approval_late")
    assert (facts["rung"], facts["waiting"], tell) == (0, ["周予安"], {desk.user("周予安").pk})
    jobs.sweep(step.due_at + timedelta(days=1))
    assert [(f["rung"], f["told"]) for f, _t in said(request, "approval_late")][1:] == [(2, ["程可"])], "the head of the signer's department"
    jobs.sweep(step.due_at + timedelta(days=10))
    assert said(request, "approval_late")[-1][1] == {desk.user("陆砚秋").pk} and Step.objects.get(pk=step.pk).look_at is None
    desk.approve(request, "周予安")
    assert Request.objects.get(pk=request.pk).state == State.GRANTED, "late is late, not void"


def test_who_may_not_see_the_matter_is_told_nothing(desk):
    desk.chain("t.one", {**desk.person("秦望舒"), "within": "1h"})
    desk.matter.secrecy = 3
    desk.matter.save()
    request = desk.ask("t.one", by="陆砚秋")
    jobs.sweep(clock.now() + timedelta(days=20))
    told = {pk for _facts, tell in said(request, "approval_late") for pk in tell}
    cleared = {user.pk for user in desk.world.people.values() if user.clearance == 3}
    assert told and told <= cleared


def test_signed_in_time_nothing_is_said(desk):
    desk.chain("t.one", {**desk.person("周予安"), "within": "4h"})
    request = desk.ask("t.one", by="顾一鸣")
    desk.approve(request, "周予安")
    later(days=5)
    assert stated(request) == ["approval_asked", "approval_signed", "approval_granted"]


def test_lapsed_when_nobody_finishes_it(desk):
    desk.chain("t.one", desk.person("周予安"), lapse_days=3)
    request, back = desk.ask("t.one", by="顾一鸣"), desk.ask("t.one", by="顾一鸣")
    actions.send_back(back, by=desk.by("周予安"), reason="写清楚")
    later(days=2)
    assert Request.objects.get(pk=request.pk).open
    later(days=3, hours=1)
    assert {Request.objects.get(pk=r.pk).state for r in (request, back)} == {State.LAPSED}
    assert stated(request)[-1] == "approval_lapsed"


def test_a_vacant_step_is_looked_at_again(desk):
    Grant.objects.filter(role__code="response-lead").update(ends_at=clock.now())
    request = desk.ask()
    later(minutes=11)
    assert not request.seats.exists() and stated(request).count("approval_vacant") == 1
    desk.role("苏慕青", "response-lead")
    later(minutes=22)
    assert request.seats.get().user.name == "苏慕青" and stated(request)[-1] == "approval_asked"


def test_who_left_is_let_go(desk):
    request = desk.ask()
    user = desk.user("秦望舒")
    user.is_active = False
    user.save()
    jobs.look_over(clock.now())
    assert "signer_left" in stated(request) and Request.objects.get(pk=request.pk).open


def tally(name):
    now = clock.now()
    return controls()[name].tally(now - timedelta(days=12), now + timedelta(days=30), None)


def test_controls(desk):
    first, second, third = desk.ask(), desk.ask(), desk.ask()
    desk.approve(first, "秦望舒")
    actions.refuse(second, by=desk.by("秦望舒"), reason="不同意", proof=desk.proof("秦望舒"))
    found = tally("approvals.distinct_people")
    assert (found.applied, found.kept, found.failed) == (1, 1, 0)
    first.seats.update(signed_by=desk.user("沈岚"))
    assert tally("approvals.distinct_people").failed == 1, "by a hand on the database it would show"
    with clock.at(clock.now() + timedelta(days=9)):
        found = tally("approvals.in_time")
        assert (found.applied, found.kept, found.failed) == (3, 2, 1) and found.broken[0].matter_id == third.matter_id
    found = tally("approvals.reasons")
    assert (found.applied, found.failed) == (1, 0)
    second.seats.update(words="")
    assert tally("approvals.reasons").failed == 1
    assert controls()["approvals.in_time"].tally(clock.now(), clock.now() + timedelta(days=9), []).applied == 0
