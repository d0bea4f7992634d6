"""To and from the customer: words, feedback, verdict, another round, the end, the visit (N8, N9): done, refused, wrong moment."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.needs import actions
from yingxu.needs.models import Link, Need
from yingxu.needs.states import Outcome, State

pytestmark = pytest.mark.django_db


def test_the_first_reply_stops_the_first_response_clock(story):
    need = story.register()
    actions.reply(need, by=story.by("沈岚"), text="请问什么时候方便？", channel="sms", question=True)
    assert need.matter.clocks.get(step="first_response").outcome == "met"
    actions.listen(need, by=story.by("沈岚"), text="周六上午", channel="phone")
    assert need.matter.notes.get(question=True).answered_at


@pytest.mark.parametrize("verb", [actions.reply, actions.listen])
def test_words_refuse(story, verb):
    with pytest.raises(Invalid):
        verb(story.register(), by=story.by("沈岚"), text=" ", channel="phone")
    with pytest.raises(NotAllowed):
        verb(story.register(), by=story.by("方屿"), text="好", channel="phone")
    with pytest.raises(WrongMoment):
        verb(story.at(State.VOID), by=story.by("沈岚"), text="好", channel="phone")


def test_reply_knows_the_channels(story):
    with pytest.raises(Invalid):
        actions.reply(story.register(), by=story.by("沈岚"), text="好", channel="pigeon")


def test_feedback_asks_the_customer(story):
    need = actions.feed_back(story.at(State.FEEDBACK), by=story.by("沈岚"), text="维持 36 万元。", channel="wechat")
    assert need.state == State.CONFIRMATION and need.results.get().told_at
    assert need.matter.clocks.filter(step="confirmation", outcome="running").exists()
    with pytest.raises(WrongMoment):
        actions.feed_back(need, by=story.by("沈岚"))
    with pytest.raises(NotAllowed):
        actions.feed_back(story.at(State.FEEDBACK), by=story.by("顾一鸣"))


def test_reminders_are_counted(story):
    need = story.at(State.CONFIRMATION)
    for _time in range(2):
        actions.remind(need, by=story.by("沈岚"))
    assert need.matter.entries.filter(event="needs.customer_reminded").last().facts["count"] == 2
    with pytest.raises(WrongMoment):
        actions.remind(story.at(State.REVIEW), by=story.by("沈岚"))
    with pytest.raises(NotAllowed):
        actions.remind(need, by=story.by("顾一鸣"))


def test_satisfied_means_resolved_and_visited_later(story):
    """N8, N9"""
    need = actions.confirm(story.at(State.CONFIRMATION), by=story.by("沈岚"), rating=4, comment="很快", channel="phone")
    assert (need.state, need.outcome, need.rating) == (State.VISIT, Outcome.SATISFIED, 4) and need.resolved_at
    assert need.visits.get().assignee.name == "沈岚"
    with pytest.raises(WrongMoment):
        actions.confirm(need, by=story.by("沈岚"))
    with pytest.raises(Invalid):
        actions.confirm(story.at(State.CONFIRMATION), by=story.by("沈岚"), rating=6, channel="phone")
    with pytest.raises(NotAllowed):
        actions.confirm(story.at(State.CONFIRMATION), by=story.by("顾一鸣"), channel="phone")


def test_not_satisfied_begins_another_round_and_keeps_the_first(story):
    """N8"""
    need = actions.reject(story.at(State.CONFIRMATION), by=story.by("沈岚"), reason="没换人", rating=2, channel="phone")
    assert (need.state, need.round, need.accepted_by) == (State.REOPENED, 2, None)
    assert need.rounds.get().reason == "没换人" and need.results.get().round == 1 and need.plans.get().round == 1
    assert not need.confirmations.get().satisfied
    with pytest.raises(WrongMoment):
        actions.reject(need, by=story.by("沈岚"), reason="还是不行", channel="phone")
    with pytest.raises(Invalid):
        actions.reject(story.at(State.CONFIRMATION), by=story.by("沈岚"), reason="", channel="phone")
    with pytest.raises(NotAllowed):
        actions.reject(story.at(State.CONFIRMATION), by=story.by("顾一鸣"), reason="不行", channel="phone")


def test_silence_closes_only_when_the_time_is_over(story):
    need = story.at(State.CONFIRMATION)
    with pytest.raises(WrongMoment):
        actions.close(need, by=story.by("沈岚"), outcome=Outcome.SILENT, reason="没回")
    with clock.at(clock.now() + timedelta(days=30)):
        need = actions.close(need, by=story.by("沈岚"), outcome=Outcome.SILENT, reason="三次没接电话")
    assert (need.state, need.outcome) == (State.CLOSED, Outcome.SILENT) and need.matter.closed_at


def test_close_by_decision(story):
    need = actions.close(story.register(), by=story.by("沈岚"), outcome=Outcome.DECLINED, reason="不收这类当物")
    assert need.state == State.CLOSED and not need.matter.clocks.filter(outcome="running").exists()
    watched = actions.close(story.at(State.WATCHING), by=story.by("沈岚"), outcome=Outcome.NOT_PURSUED, reason="没有后续")
    assert watched.outcome == Outcome.NOT_PURSUED
    with pytest.raises(Invalid):
        actions.close(story.register(), by=story.by("沈岚"), outcome="whatever", reason="算了")
    with pytest.raises(Invalid):
        actions.close(story.register(), by=story.by("沈岚"), outcome=Outcome.DECLINED, reason="")
    with pytest.raises(WrongMoment):
        actions.close(story.at(State.HANDLING), by=story.by("沈岚"), outcome=Outcome.DECLINED, reason="算了")
    with pytest.raises(NotAllowed):
        actions.close(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), outcome=Outcome.DECLINED, reason="算了")


def test_a_visit_finds_a_new_problem(story):
    """N9: a new problem becomes a new linked need."""
    need = story.at(State.VISIT)
    problem = actions.Intake(kind=need.kind, body="封签有破损", channel="visit", customer=need.customer, origin=need, backfill=True)
    need = actions.record_visit(need, by=story.by("沈岚"), satisfied=False, notes="还有问题", problem=problem)
    found = need.visits.get().found
    assert need.state == State.CLOSED and found.body == "封签有破损"
    assert Link.objects.filter(a=need, b=found, type=Link.Type.FOLLOW_UP).exists()


def test_a_visit_has_its_moment(story):
    with pytest.raises(WrongMoment):
        actions.record_visit(story.at(State.CONFIRMATION), by=story.by("沈岚"), satisfied=True, notes="")
    with pytest.raises(NotAllowed):
        actions.record_visit(story.at(State.VISIT), by=story.by("顾一鸣"), satisfied=True, notes="")


def test_a_visit_moves_to_another_day(story):
    need, day = story.at(State.VISIT), clock.today() + timedelta(days=20)
    actions.reschedule_visit(need, by=story.by("沈岚"), due_on=day, assignee=story.world.user("林小满"))
    visit = need.visits.get()
    assert (visit.due_on, visit.assignee.name) == (day, "林小满")
    with pytest.raises(Invalid):
        actions.reschedule_visit(need, by=story.by("沈岚"), due_on=clock.today() - timedelta(days=1))
    with pytest.raises(WrongMoment):
        actions.reschedule_visit(story.at(State.CLOSED), by=story.by("沈岚"), due_on=day)
    with pytest.raises(NotAllowed):
        actions.reschedule_visit(need, by=story.by("顾一鸣"), due_on=day)


def test_a_complaint_about_the_handling_goes_to_others(story):
    """L6: to the response group, linked, and never to the department it is about."""
    need = story.at(State.HANDLING)
    actions.complain_about_handling(need, by=story.by("沈岚"), text="一周没人回话")
    made = Need.objects.get(origin=need)
    assert made.matter.department.response_group and made.body == "一周没人回话"
    with pytest.raises(Invalid):
        actions.complain_about_handling(need, by=story.by("沈岚"), text="")
    with pytest.raises(NotAllowed):
        actions.complain_about_handling(need, by=story.by("方屿"), text="不满意")
