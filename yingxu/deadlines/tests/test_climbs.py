"""K4: what stays late climbs its ladder, each rung told once, until somebody takes it or it ends."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import translation

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM, Reach
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.deadlines import actions, current, jobs, queries
from yingxu.deadlines.events import ClockEscalated
from yingxu.deadlines.models import Climb, Clock, Told
from yingxu.matters.models import Entry
from yingxu.people.models import Department, User

from .cast import MONDAY, actor, cn, company, matter, person, start

LADDERS = {
    "default": {"rungs": [{"who": "owner", "after": "0m"}, {"who": "head", "after": "2h"}, {"who": "leader", "after": "1d"},
                          {"who": "role", "code": "boss", "after": "2d"}]},
    "urgent": {"round_the_clock": True, "rungs": [{"who": "head", "after": "15m"}, {"who": "leader", "after": "30m"}]},
    "general/first_response": {"rungs": [{"who": "department", "code": "vault", "after": "1h"}]},
    "emergency": {"round_the_clock": True, "rungs": [{"who": "leader", "after": "0m"}, {"who": "role", "code": "boss", "after": "5m"},
                                                     {"who": "above", "after": "10m"}]},
}  # fmt: skip
DUE = cn(2026, 3, 16, 14, 30)  # four working hours from nine on Monday
SECOND = timedelta(seconds=1)


def with_ladders(found: SimpleNamespace) -> SimpleNamespace:
    group = Department.objects.create(code="group", name="需求响应管理小组", response_group=True)
    found.leader = person("leader", group, acknowledge=Reach.ALL)
    found.boss = person("boss", found.vault, acknowledge=Reach.ALL)
    Department.objects.filter(pk=group.pk).update(head=found.leader)
    for user, reach in ((found.clerk, Reach.OWN), (found.head, Reach.DEPARTMENT), (found.stranger, Reach.DEPARTMENT)):
        user.grants.get().role.rules.create(rule="deadlines.acknowledge", reach=reach)
    with now_clock.at(cn(2026, 1, 2)), transaction.atomic():
        actions.install_ladders(LADDERS, by=SYSTEM)
    return found


@pytest.fixture
def rungs(firm):
    return with_ladders(firm)


@pytest.fixture
def late(rungs):
    """A need of the shop whose acceptance has just become late."""
    clock = start(matter(rungs), "acceptance")
    jobs.sweep(DUE + SECOND)
    jobs.climb(DUE + SECOND)
    return clock


def told():
    return [(t.rung, t.users, t.at) for t in Told.objects.order_by("id")]


def escalations(name="deadlines.clock_escalated"):
    return list(Entry.objects.filter(event=name).order_by("id"))


def test_the_breach_is_the_owners_rung_and_the_others_follow_in_working_time(rungs, late):
    breach = Entry.objects.get(event="deadlines.clock_breached")
    assert breach.tell == [rungs.clerk.pk]  # the head has a rung of his own
    assert told() == [(1, [rungs.clerk.pk], DUE + SECOND)] and escalations() == []
    assert jobs.climb(cn(2026, 3, 16, 16, 29)) == 0
    assert jobs.climb(cn(2026, 3, 16, 16, 30)) == 1  # two working hours later
    assert jobs.climb(cn(2026, 3, 16, 17)) == 0
    said = escalations()[0]
    assert said.tell == [rungs.head.pk] and said.matter_id == late.matter_id
    assert (said.facts["rung"], said.facts["rungs"], said.facts["late"], said.facts["names"]) == (2, 4, 120.0, ["Head"])
    assert jobs.climb(cn(2026, 3, 17, 14, 30)) == 1  # a working day later
    assert jobs.climb(cn(2026, 3, 18, 14, 30)) == 1
    assert [e.tell for e in escalations()] == [[rungs.head.pk], [rungs.leader.pk], [rungs.boss.pk]]
    assert jobs.climb(cn(2026, 5, 18, 14, 30)) == 0  # nobody stands above
    late.refresh_from_db()
    assert late.escalated == 3


def test_over_a_weekend_nobody_is_told(rungs):
    start(matter(rungs), "acceptance", at=cn(2026, 3, 20, 13, 30))  # Friday: due 17:30
    jobs.sweep(cn(2026, 3, 20, 17, 31))
    assert jobs.climb(cn(2026, 3, 22, 23)) == 0
    assert jobs.climb(cn(2026, 3, 23, 10, 29)) == 0
    assert jobs.climb(cn(2026, 3, 23, 10, 30)) == 1  # half an hour on Friday, an hour and a half on Monday


def test_over_spring_festival_and_its_make_up_days(rungs):
    """2026: off from 15 to 23 February, Saturday the 14th is worked."""
    start(matter(rungs), "acceptance", at=cn(2026, 2, 14, 13, 0))  # Saturday, from 13:30: due 17:30
    jobs.sweep(cn(2026, 2, 14, 17, 31))
    assert jobs.climb(cn(2026, 2, 24, 10, 29)) == 0
    assert jobs.climb(cn(2026, 2, 24, 10, 30)) == 1
    assert escalations()[0].tell == [rungs.head.pk]


def test_urgent_climbs_at_night(rungs):
    start(matter(rungs), "acceptance", "urgent", at=cn(2026, 3, 20, 23))  # due 23:30
    jobs.sweep(cn(2026, 3, 20, 23, 31))
    assert jobs.climb(cn(2026, 3, 20, 23, 45)) == 1
    assert jobs.climb(cn(2026, 3, 21, 0, 0)) == 1
    assert [t[1] for t in told()] == [[rungs.head.pk], [rungs.leader.pk]]


def test_a_steps_own_ladder_goes_before_its_categorys(rungs):
    Department.objects.filter(pk=rungs.vault.pk).update(head=rungs.stranger)
    start(matter(rungs), "first_response")
    jobs.sweep(cn(2026, 3, 16, 11, 1))
    assert jobs.climb(cn(2026, 3, 16, 13, 30)) == 1
    assert told()[0][1] == [rungs.stranger.pk]


def test_a_worker_that_was_away_tells_what_is_due_in_order_once(rungs):
    start(matter(rungs), "acceptance")
    back = cn(2026, 3, 17, 15)  # a day later
    assert jobs.sweep(back) == (0, 1)
    assert jobs.climb(back) == 2 and jobs.climb(back + SECOND) == 0
    assert [t[0] for t in told()] == [1, 2, 3]
    assert [e.tell for e in escalations()] == [[rungs.head.pk], [rungs.leader.pk]]


def test_history_brought_in_later_calls_nobody_at_once(rungs):
    """F20: a breach of long ago begins its ladder when it is found."""
    start(matter(rungs), "acceptance")
    found = cn(2026, 4, 13, 10)
    jobs.sweep(found)
    assert jobs.climb(found) == 0
    assert jobs.climb(cn(2026, 4, 13, 11, 59)) == 0
    assert jobs.climb(cn(2026, 4, 13, 12)) == 1


def test_time_going_back_repeats_nothing(rungs, late):
    assert jobs.climb(cn(2026, 3, 16, 17)) == 1
    assert jobs.climb(cn(2026, 3, 15, 17)) == 0
    assert jobs.climb(cn(2026, 3, 16, 17)) == 0


def test_nobody_is_told_while_two_clocks_disagree(rungs):
    from django.utils import timezone

    now = timezone.now()
    need = matter(rungs, at=now)
    start(need, "acceptance", "urgent", at=now - timedelta(minutes=31))
    jobs.sweep_now(timestamp=0)
    with now_clock.at(now + timedelta(days=1)):
        jobs.sweep_now(timestamp=0)
    assert told() == []


def test_a_rung_without_anybody_gives_way_to_the_next(rungs, late):
    Department.objects.filter(pk=rungs.shop.pk).update(head=None)
    assert jobs.climb(cn(2026, 3, 16, 16, 30)) == 2
    assert [t[1] for t in told()] == [[rungs.clerk.pk], [], [rungs.leader.pk]]
    assert jobs.climb(cn(2026, 3, 17, 16, 29)) == 0  # the boss keeps his distance of a day
    assert jobs.climb(cn(2026, 3, 17, 16, 30)) == 1


def test_who_must_not_know_of_the_matter_is_not_told(rungs):
    start(matter(rungs, secrecy=2), "acceptance")
    User.objects.filter(pk=rungs.leader.pk).update(clearance=2)
    jobs.sweep(DUE + SECOND)
    assert jobs.climb(cn(2026, 3, 16, 16, 30)) == 2  # head: not cleared
    assert [t[1] for t in told()][1:] == [[], [rungs.leader.pk]]


def test_taking_it_ends_the_climb_for_good(rungs, late):
    jobs.climb(cn(2026, 3, 16, 16, 30))
    with now_clock.at(cn(2026, 3, 16, 16, 40)):
        taken = actions.acknowledge(Climb.objects.get(), by=actor(rungs.head), words="我来催")
    assert (taken.state, taken.next_at, taken.taken_by_id) == ("taken", None, rungs.head.pk)
    assert jobs.climb(cn(2026, 4, 16, 16, 30)) == 0
    said = escalations("deadlines.escalation_taken")[0]
    assert said.tell == [rungs.clerk.pk] and said.personal == {"words": "我来催"}  # never the actor
    with pytest.raises(WrongMoment), now_clock.at(cn(2026, 3, 16, 16, 50)):
        actions.acknowledge(taken, by=actor(rungs.leader))


def test_a_promise_that_passes_goes_on_climbing_at_its_own_pace(rungs, late):
    jobs.climb(cn(2026, 3, 16, 16, 30))
    promise = cn(2026, 3, 18, 10)
    with now_clock.at(cn(2026, 3, 16, 16, 40)):
        actions.acknowledge(Climb.objects.get(), by=actor(rungs.head), promised_at=promise)
    assert jobs.climb(promise - SECOND) == 0
    assert jobs.climb(promise) == 1
    said = escalations()[-1]
    assert said.tell == [rungs.leader.pk] and said.facts["promised_by"] == "Head"
    assert jobs.climb(cn(2026, 3, 19, 9, 59)) == 0 and jobs.climb(cn(2026, 3, 19, 10)) == 1
    assert Climb.objects.get().broken_promises == 1


def test_at_the_top_a_broken_promise_tells_the_top_again(rungs, late):
    jobs.climb(cn(2026, 3, 20, 10))
    with now_clock.at(cn(2026, 3, 20, 11)):
        actions.acknowledge(Climb.objects.get(), by=actor(rungs.boss), promised_at=cn(2026, 3, 20, 15))
    assert jobs.climb(cn(2026, 3, 20, 15)) == 1
    assert jobs.climb(cn(2026, 3, 30, 15)) == 0
    assert [t[0] for t in told()] == [1, 2, 3, 4, 4]


def test_who_may_take_it(rungs, late):
    climb = Climb.objects.get()
    with pytest.raises(NotAllowed) as refused:
        actions.acknowledge(climb, by=actor(rungs.stranger))
    assert refused.value.code == "deadlines.acknowledge"
    Told.objects.update(users=[rungs.stranger.pk])
    assert queries.climbs_to_take(actor(rungs.stranger)).get() == climb
    with pytest.raises(NotAllowed):
        actions.acknowledge(climb, by=SYSTEM)
    with pytest.raises(Invalid), now_clock.at(DUE):
        actions.acknowledge(climb, by=actor(rungs.stranger), promised_at=DUE - SECOND)
    with now_clock.at(DUE):
        assert actions.acknowledge(climb, by=actor(rungs.stranger)).taken_by_id == rungs.stranger.pk


def test_done_ends_the_climb_and_a_rest_stops_it(rungs, late):
    with transaction.atomic():
        actions.pause(late.matter, at=cn(2026, 3, 16, 15, 30))
    assert Climb.objects.get().next_at is None and jobs.climb(cn(2026, 3, 17, 12)) == 0
    with transaction.atomic():
        actions.resume(late.matter, at=cn(2026, 3, 18, 9))
    assert Climb.objects.get().next_at == cn(2026, 3, 18, 10)  # one of the two hours was over
    with transaction.atomic():
        actions.stop(late.matter, "acceptance", at=cn(2026, 3, 18, 9, 30), by=SYSTEM)
    climb = Climb.objects.get()
    assert (climb.state, climb.ending, climb.next_at) == ("ended", "done", None)
    with pytest.raises(WrongMoment):
        actions.acknowledge(climb, by=actor(rungs.head))


def test_a_later_date_ends_the_climb_and_a_new_breach_begins_one(rungs):
    clock = start(matter(rungs), "handling")
    jobs.sweep(cn(2026, 3, 17, 18, 1))
    with now_clock.at(cn(2026, 3, 18, 9)), transaction.atomic():
        actions.set_target("general", "handling", by=SYSTEM, amount=4, unit="days")
    assert [(c.state, c.ending) for c in Climb.objects.all()] == [("ended", "moved")]
    move = clock.moves.get()
    assert (move.was, move.now, move.why) == (cn(2026, 3, 17, 18), cn(2026, 3, 19, 18), "targets")
    jobs.sweep(cn(2026, 3, 19, 18, 1))
    assert [c.state for c in Climb.objects.all()] == ["ended", "climbing"]


def test_another_owner_begins_anew(rungs, late):
    jobs.climb(cn(2026, 3, 16, 16, 30))
    other = person("other", rungs.vault)
    need = late.matter
    need.owner, need.department = other, rungs.vault
    need.save()
    at = cn(2026, 3, 16, 17)
    with transaction.atomic():
        assert actions.handed_over(need, at=at) == 1
    assert jobs.climb(at) == 1
    assert escalations()[-1].tell == [other.pk]
    assert [(c.ending, c.told) for c in Climb.objects.all()] == [("handed", 2), ("", 1)]


def test_changed_ladders_hold_for_who_climbs_now(rungs, late):
    with now_clock.at(cn(2026, 3, 16, 15)):
        before = Climb.objects.get()
        actions.set_ladder("default", [{"who": "owner", "after": "0m"}, {"who": "leader", "after": "30m"}], by=SYSTEM)
    climb = Climb.objects.get()
    assert climb.version_id > before.version_id and climb.next_at == cn(2026, 3, 16, 15)
    assert jobs.climb(cn(2026, 3, 16, 15)) == 1 and told()[-1][1] == [rungs.leader.pk]


# ── alarms ──


def test_an_alarm_calls_at_once_and_every_five_minutes_at_any_hour(rungs):
    need, night = matter(rungs), cn(2026, 2, 17, 3)
    Department.objects.filter(pk=rungs.shop.pk).update(parent=rungs.service)
    need.department.refresh_from_db()
    with now_clock.at(night), transaction.atomic():
        climb = actions.alarm(need, about="库房进水", by=actor(rungs.clerk))
        assert actions.alarm(need, by=actor(rungs.clerk)) == climb  # one at a time
    first = escalations("deadlines.alarm_told")
    assert [e.tell for e in first] == [[rungs.leader.pk]] and "库房进水" in first[0].personal["about"]
    assert jobs.climb(night + timedelta(minutes=4)) == 0
    assert jobs.climb(night + timedelta(minutes=5)) == 1
    assert jobs.climb(night + timedelta(minutes=10)) == 1
    assert [t[1] for t in told()] == [[rungs.leader.pk], [rungs.boss.pk], [rungs.lead.pk]]
    with now_clock.at(night + timedelta(minutes=11)):
        actions.acknowledge(climb, by=actor(rungs.boss))
    assert escalations("deadlines.alarm_taken")[0].tell == sorted([rungs.leader.pk, rungs.lead.pk, rungs.clerk.pk])
    with transaction.atomic():
        assert actions.stop_alarm(need, by=SYSTEM).ending == "stopped"
        assert actions.stop_alarm(need, by=SYSTEM) is None
    assert escalations("deadlines.alarm_stopped") == []  # it was answered


def test_an_alarm_nobody_answered_is_called_off(rungs):
    need = matter(rungs)
    with now_clock.at(MONDAY), transaction.atomic():
        actions.alarm(need, about="演练", by=SYSTEM)
        actions.stop_alarm(need, by=SYSTEM)
    assert escalations("deadlines.alarm_stopped")[0].tell == [rungs.leader.pk]
    assert jobs.climb(MONDAY + timedelta(hours=1)) == 0


def test_an_alarm_needs_its_ladder(firm):
    with pytest.raises(Invalid), transaction.atomic():
        actions.alarm(matter(firm), by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_rung_once():
    firm = with_ladders(company())
    for _n in range(20):
        start(matter(firm), "acceptance")
    at = cn(2026, 3, 17, 15)
    line, results = threading.Barrier(2), []

    def work():
        try:
            line.wait(10)
            jobs.sweep(at)
            results.append(jobs.climb(at))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(2)]
    [w.start() for w in workers]
    [w.join(60) for w in workers]
    jobs.climb(at)  # a matter the other one held is left for the next look
    assert Told.objects.count() == 60 and len(escalations()) == 40
    assert Clock.objects.filter(escalated=2).count() == 20
    current.forget()


@pytest.mark.parametrize(("who", "said"), [("role", "第 2 级（共 2 级）：陆砚秋、秦望舒"), ("head", "第 2 级（共 2 级）：部门负责人（陆砚秋、秦望舒）")])
def test_a_rung_of_a_role_is_said_by_its_names(who, said):
    rung = {"climb": 1, "rung": 2, "rungs": 2, "who": who, "code": "", "names": ["陆砚秋", "秦望舒"], "late": 60.0, "day": 480}
    with translation.override("zh-hans"):
        assert said in ClockEscalated(step="triage", round=1, due_at=None, **rung).sentence()
