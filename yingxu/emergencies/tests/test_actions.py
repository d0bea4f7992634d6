"""Declaring, acknowledging, leading, ending (E1, E2): done, refused, at the wrong moment."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.deadlines import jobs as deadlines
from yingxu.deadlines.models import Climb
from yingxu.emergencies import actions, events, rules
from yingxu.emergencies.actions.finish import Improvement
from yingxu.emergencies.models import Call, Emergency
from yingxu.emergencies.states import State
from yingxu.matters.models import Entry
from yingxu.tasks.models import Origin, Task

pytestmark = pytest.mark.django_db


def stated(emergency, event) -> list[Entry]:
    return list(Entry.objects.filter(matter=emergency.matter, event=event.NAME).order_by("id"))


def test_declaring_calls_the_leader_by_every_way_and_the_alarm_climbs(fire, then):
    with then(0):
        found = fire.declare(fire.need(), by="许清和")
    leader = fire.world.user("秦望舒")
    assert found.matter.owner == leader and found.state == State.DECLARED and found.number.startswith("YJ-2026-")
    assert events.EmergencyDeclared.URGENT and leader.pk in stated(found, events.EmergencyDeclared)[0].tell
    climb = Climb.objects.get(matter=found.matter)
    assert climb.state == Climb.State.CLIMBING and climb.told == 1
    with then(6):
        deadlines.climb(clock.now())
    with then(11):
        deadlines.climb(clock.now())
    assert Climb.objects.get(matter=found.matter).told >= 3
    assert Call.objects.filter(emergency=found, user=fire.world.user("陆砚秋")).exists(), "the executive was reached and must acknowledge"


def test_the_heads_and_owners_of_the_needs_are_called(fire):
    need = fire.need()
    need.matter.department = fire.world.department("pawn")
    need.matter.save()
    called = set(fire.declare(need).calls.values_list("user__name", flat=True))
    assert {"秦望舒", "江听雨"} <= called


def test_acknowledging_takes_it_in_hand_and_ends_the_climb(fire, then):
    with then(0):
        found = fire.declare(fire.need())
    with then(2):
        actions.acknowledge(found, by=fire.by("秦望舒"))
    found = fire.fresh(found)
    assert found.state == State.RUNNING and found.acknowledged_at is not None
    assert Climb.objects.get(matter=found.matter).taken_by == fire.world.user("秦望舒")
    assert stated(found, events.CallAcknowledged)[0].facts["minutes"] == 2.0
    with pytest.raises(WrongMoment):
        actions.acknowledge(found, by=fire.by("秦望舒"))


def test_who_does_not_lead_acknowledges_only_for_themselves(fire):
    need = fire.need()
    need.matter.owner = fire.world.user("顾一鸣")
    need.matter.save()
    found = fire.declare(need)
    actions.acknowledge(found, by=fire.by("顾一鸣"))
    assert fire.fresh(found).state == State.DECLARED
    assert Climb.objects.get(matter=found.matter).state == Climb.State.CLIMBING


def test_the_executive_the_ladder_reached_may_take_it(fire, then):
    with then(0):
        found = fire.declare(fire.need())
    with then(11):
        deadlines.climb(clock.now())
        actions.acknowledge(found, by=fire.by("陆砚秋"))
    assert fire.fresh(found).state == State.RUNNING


def test_taking_the_alarm_from_the_list_of_escalations_is_acknowledging(fire):
    from yingxu.deadlines import actions as climbs

    found = fire.declare(fire.need())
    climbs.acknowledge(Climb.objects.get(matter=found.matter), by=fire.by("秦望舒"))
    assert fire.fresh(found).state == State.RUNNING
    assert Call.objects.get(emergency=found, user=fire.world.user("秦望舒")).acknowledged_at is not None


def test_a_leader_must_be_able_to_lead_and_see(fire):
    with pytest.raises(Invalid) as refusal:
        fire.declare(lead=fire.world.user("顾一鸣"))
    assert "leader" in refusal.value.fields
    with pytest.raises(Invalid):
        fire.declare(secrecy=3, by="许清和")


def test_needs_nobody_may_see_are_not_brought_in(fire):
    with pytest.raises(NotAllowed):
        actions.declare(by=fire.by("方屿"), title="x", happened="y", needs=[fire.need()])


def test_calling_off_needs_a_reason_and_ends_everything(fire):
    found = fire.at(State.RUNNING)
    with pytest.raises(Invalid):
        actions.call_off(found, by=fire.by("秦望舒"), reason=" ")
    with pytest.raises(NotAllowed):
        actions.call_off(found, by=fire.by("沈岚"), reason="误报")
    actions.call_off(found, by=fire.by("秦望舒"), reason="误报")
    found = fire.fresh(found)
    assert found.state == State.CALLED_OFF and found.matter.closed_at
    assert not found.affected.filter(due_at__isnull=False).exists()
    with pytest.raises(WrongMoment):
        actions.write(found, by=fire.by("沈岚"), text="迟到的一笔")


def test_handing_over_calls_the_next_leader(fire):
    found = fire.at(State.RUNNING)
    with pytest.raises(Invalid):
        actions.hand_over(found, by=fire.by("秦望舒"), to=fire.world.user("顾一鸣"))
    actions.hand_over(found, by=fire.by("秦望舒"), to=fire.world.user("陆砚秋"), reason="我在路上")
    found = fire.fresh(found)
    assert found.matter.owner == fire.world.user("陆砚秋")
    assert Climb.objects.filter(matter=found.matter, state=Climb.State.CLIMBING).exists()
    actions.acknowledge(found, by=fire.by("陆砚秋"))
    assert not Climb.objects.filter(matter=found.matter, state=Climb.State.CLIMBING).exists()


def test_closing_waits_for_the_customers_and_the_review(fire):
    """E2: refused until each affected customer has been told of the end and the after-action review is written."""
    lead, found = fire.by("秦望舒"), fire.at(State.SOLVED)
    with pytest.raises(WrongMoment, match="review|复盘"):
        actions.close(found, by=lead)
    actions.review(found, by=lead, well="快", badly="慢", causes="旧", improvements=[Improvement("换新")])
    with pytest.raises(WrongMoment, match="季棠"):
        actions.close(found, by=lead)
    actions.tell(found, by=fire.by("沈岚"), text="已经解除。", end=True)
    actions.close(found, by=lead)
    found = fire.fresh(found)
    assert found.state == State.CLOSED and found.matter.closed_at is not None


def test_a_review_names_improvements(fire):
    found = fire.at(State.SOLVED)
    with pytest.raises(Invalid) as refusal:
        actions.review(found, by=fire.by("秦望舒"), well="快", badly="慢", causes="旧", improvements=[])
    assert "improvements" in refusal.value.fields
    with pytest.raises(WrongMoment):
        actions.review(fire.at(State.RUNNING), by=fire.by("秦望舒"), well="快", badly="慢", causes="旧", improvements=[Improvement("换新")])


def test_it_may_break_out_again(fire):
    found = fire.at(State.SOLVED)
    actions.tell(found, by=fire.by("沈岚"), text="好了。", end=True)
    actions.break_out_again(found, by=fire.by("秦望舒"), reason="温度又升")
    found = fire.fresh(found)
    assert found.state == State.RUNNING and found.solved_at is None
    assert found.affected.get().due_at is not None and found.affected.get().told_end_at is None


def test_the_log_keeps_the_order_of_the_server_and_the_old_words(fire):
    found = fire.at(State.RUNNING)
    first = actions.write(found, by=fire.by("沈岚"), text="库温 27.4 度")
    actions.write(found, by=fire.by("秦望舒"), text="字画先转 1 号库房", kind="decision")
    actions.correct(found, by=fire.by("沈岚"), line=first.pk, text="库温 26.4 度")
    from yingxu.emergencies import queries

    lines = queries.log(found, fire.by("沈岚"))
    assert [line.words for line in lines[:2]] == ["字画先转 1 号库房", "库温 26.4 度"]
    assert lines[1].old[0][0] == "库温 27.4 度" and lines[0].kind == "key"
    with pytest.raises(NotAllowed):
        actions.correct(found, by=fire.by("苏慕青"), line=first.pk, text="不是我写的")
    with pytest.raises(Invalid):
        actions.write(found, by=fire.by("沈岚"), text="我来决定", kind="decision")
    with pytest.raises(Invalid):
        actions.write(found, by=fire.by("沈岚"), text="   ")


def test_plan_standing_and_cadence(fire, then):
    with then(0):
        found = fire.at(State.RUNNING)
        actions.plan(found, by=fire.by("秦望舒"), measures="一、租空调")
        assert actions.plan(found, by=fire.by("秦望舒"), measures="二、转移").version == 2
        actions.set_standing(found, by=fire.by("沈岚"), standing="目前库温 27.4℃")
        actions.set_cadence(found, by=fire.by("秦望舒"), minutes=15)
    found = fire.fresh(found)
    assert found.standing == "目前库温 27.4℃" and found.cadence_minutes == 15
    one = found.affected.get()
    assert (one.due_at - one.joined_at).total_seconds() == 900
    with pytest.raises(Invalid):
        actions.set_cadence(found, by=fire.by("秦望舒"), minutes=0)
    with pytest.raises(NotAllowed):
        actions.plan(found, by=fire.by("沈岚"), measures="三")


def test_a_drill_is_marked_everywhere_and_numbered_apart(fire):
    found = fire.declare(fire.need(), drill=True)
    assert found.number.startswith("YL-") and "演练" in found.title
    for entry in Entry.objects.filter(matter=found.matter, event__startswith="emergencies."):
        assert entry.facts["drill"] is True
    assert fire.declare().number.endswith("-000001"), "a drill takes no number of the emergencies"
    assert Emergency.objects.filter(drill=True).count() == 1


def test_tasks_and_the_meeting_hang_on_it(fire):
    found, lead = fire.at(State.RUNNING), fire.by("秦望舒")
    fang, soon = fire.world.user("方屿"), clock.now() + timedelta(minutes=20)
    task = actions.give_task(found, by=lead, title="9 件当物转库", owner=fang, due_at=soon)
    assert task.origin == Origin.EMERGENCY and rules.VIEW.allows(fire.by("方屿"), found), "who has a task sees the emergency"
    actions.write(found, by=fire.by("方屿"), text="已转 3 件")
    for wrong in ({"title": "没有人"}, {"title": "晚了", "owner": fang, "due_at": clock.now() - timedelta(minutes=1)}, {"title": " ", "owner": fang}):
        with pytest.raises(Invalid):
            actions.give_task(found, by=lead, **wrong)
    with pytest.raises(NotAllowed):
        actions.give_task(found, by=fire.by("沈岚"), title="x", owner=fang)
    meeting = actions.call_meeting(found, by=lead, title="应急会议", starts_at=soon, place="小会议室", people=[fang])
    assert meeting.about == found.matter and meeting.purpose == "emergency"
    with pytest.raises(Invalid):
        actions.call_meeting(found, by=lead, title="在哪里", starts_at=soon)


def test_improvements_become_tasks(fire):
    found = fire.at(State.CLOSED)
    task = Task.objects.get(matter=found.matter, origin=Origin.IMPROVEMENT)
    assert task.title == "每月试一次备机" and task.owner == fire.world.user("许清和")
