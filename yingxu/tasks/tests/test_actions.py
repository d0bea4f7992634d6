"""Giving, doing, handing on, putting off, taking back (N14): done, refused, wrong moment, stated once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.kept import sizes
from yingxu.matters.models import Entry
from yingxu.tasks import actions, jobs, queries, rules
from yingxu.tasks.models import Origin, Postponement, State, Task

pytestmark = pytest.mark.django_db


def stated(task, last=True):
    names = list(Entry.objects.filter(matter=task.matter, event__startswith="tasks.").order_by("id").values_list("event", flat=True))
    return names[-1] if last else names


def told(task) -> set[int]:
    """Who had to know of the newest fact about it."""
    return set(Entry.objects.filter(matter=task.matter, event__startswith="tasks.").latest("id").tell)


def test_a_task_is_given_on_a_matter(desk):
    task = desk.give(owner="周予安")
    assert (task.state, task.origin, task.department.code, task.given_by.name) == (State.OPEN, Origin.REQUEST, "appraisal", "顾一鸣")
    assert stated(task) == "tasks.task_given" and told(task) == {desk.user("周予安").pk}


def test_a_task_for_a_department_is_told_its_head(desk):
    task = desk.give(department="vault")
    assert task.owner is None and told(task) == {desk.world.department("vault").head_id}


def test_giving_is_refused(desk):
    with pytest.raises(NotAllowed, match=str(rules.GIVE.title)):
        desk.give(by="方屿", owner="方屿")
    for wrong in ({"title": " "}, {"title": "长" * 201}, {"due_at": clock.now()}, {"owner": None}):
        with pytest.raises(Invalid):
            desk.give(**{"owner": "周予安", **wrong})
    gone = desk.user("周予安")
    gone.is_active = False
    gone.save()
    with pytest.raises(Invalid):
        desk.give(owner="周予安")
    desk.matter.closed_at = clock.now()
    desk.matter.save()
    with pytest.raises(WrongMoment):
        desk.give(owner="顾一鸣")


def test_finished_with_its_result(desk):
    task = desk.give(owner="周予安")
    done = actions.finish(task, by=desk.by("周予安"), result="检测结论与店内一致")
    assert (done.state, done.done_by, done.result) == (State.DONE, desk.user("周予安"), "检测结论与店内一致")
    assert told(task) == {desk.user("顾一鸣").pk}, "who gave it is told"
    with pytest.raises(WrongMoment):
        actions.finish(task, by=desk.by("周予安"))
    with pytest.raises(NotAllowed):
        actions.finish(desk.give(owner="周予安"), by=desk.by("方屿"))


def test_late_work_is_said_to_be_late(desk):
    task = desk.give(owner="周予安", hours=2)
    with clock.at(clock.now() + timedelta(hours=3)):
        actions.finish(task, by=desk.by("周予安"))
    assert Entry.objects.get(event="tasks.task_finished").facts["late"] is True


def test_taken_up_again(desk):
    task = actions.finish(desk.give(owner="周予安"), by=desk.by("周予安"), result="好了")
    again = actions.reopen(task, by=desk.by("顾一鸣"), reason="少一页")
    assert (again.state, again.done_at, again.result) == (State.OPEN, None, "")
    assert told(task) == {desk.user("周予安").pk}
    with pytest.raises(WrongMoment):
        actions.reopen(task, by=desk.by("顾一鸣"))
    with pytest.raises(NotAllowed):
        actions.reopen(actions.finish(task, by=desk.by("周予安")), by=desk.by("方屿"))


def test_handed_over_with_a_reason(desk):
    task = desk.give(owner="周予安")
    with pytest.raises(Invalid):
        actions.hand_over(task, by=desk.by("周予安"), owner=desk.user("方屿"), reason=" ")
    with pytest.raises(Invalid):
        actions.hand_over(task, by=desk.by("周予安"), reason="谁都行")
    moved = actions.hand_over(task, by=desk.by("周予安"), owner=desk.user("方屿"), reason="要出库")
    assert (moved.owner.name, moved.department.code) == ("方屿", "vault")
    assert told(task) == {desk.user("方屿").pk, desk.user("顾一鸣").pk}
    with pytest.raises(Invalid):
        actions.hand_over(task, by=desk.by("顾一鸣"), owner=desk.user("方屿"), reason="已经是他")
    actions.finish(task, by=desk.by("方屿"))
    with pytest.raises(WrongMoment):
        actions.hand_over(task, by=desk.by("方屿"), owner=desk.user("周予安"), reason="太晚")
    with pytest.raises(NotAllowed):
        actions.hand_over(desk.give(owner="周予安"), by=desk.by("方屿"), owner=desk.user("方屿"), reason="我要")


def test_withdrawn_by_who_gave_it(desk):
    task = desk.give(owner="周予安")
    with pytest.raises(NotAllowed):
        actions.withdraw(task, by=desk.by("周予安"), reason="不想做")
    with pytest.raises(Invalid):
        actions.withdraw(task, by=desk.by("顾一鸣"), reason="")
    gone = actions.withdraw(task, by=desk.by("顾一鸣"), reason="客户不要了")
    assert (gone.state, gone.reason) == (State.WITHDRAWN, "客户不要了") and told(task) == {desk.user("周予安").pk}
    with pytest.raises(WrongMoment):
        actions.withdraw(task, by=desk.by("顾一鸣"), reason="再一次")


def test_another_date_is_asked_for_and_decided_by_another(desk):
    task, until = desk.give(owner="周予安"), clock.now() + timedelta(days=4)
    first = task.due_at
    asked = actions.postpone(task, by=desk.by("周予安"), until=until, reason="机构排期")
    task.refresh_from_db()
    assert asked.decision == "waiting" and task.due_at == first, "nothing moves before it is decided"
    with pytest.raises(WrongMoment):
        actions.postpone(task, by=desk.by("周予安"), until=until + timedelta(days=1), reason="再多一天")
    with pytest.raises(NotAllowed):
        actions.decide(task, by=desk.by("周予安"), granted=True)
    actions.decide(task, by=desk.by("顾一鸣"), granted=True)
    task.refresh_from_db()
    kept = task.postponements.get()
    assert task.due_at == until and (kept.due_before, kept.due_asked, kept.decided_by) == (first, until, desk.user("顾一鸣"))


def test_a_refused_date_stays_and_says_why(desk):
    task = desk.give(owner="周予安")
    actions.postpone(task, by=desk.by("周予安"), until=clock.now() + timedelta(days=4), reason="机构排期")
    with pytest.raises(Invalid):
        actions.decide(task, by=desk.by("顾一鸣"), granted=False)
    decided = actions.decide(task, by=desk.by("顾一鸣"), granted=False, note="客户周五要")
    assert decided.due_at == task.due_at and told(task) == {desk.user("周予安").pk}
    with pytest.raises(WrongMoment):
        actions.decide(task, by=desk.by("顾一鸣"), granted=True)


def test_who_gave_it_puts_it_off_at_once(desk):
    task, until = desk.give(owner="周予安"), clock.now() + timedelta(days=4)
    asked = actions.postpone(task, by=desk.by("顾一鸣"), until=until, reason="客户改了日子")
    task.refresh_from_db()
    assert asked.decision == "granted" and task.due_at == until and stated(task) == "tasks.task_postponed"
    for wrong in (clock.now() - timedelta(days=1), until):
        with pytest.raises(Invalid):
            actions.postpone(task, by=desk.by("顾一鸣"), until=wrong, reason="不行")
    with pytest.raises(NotAllowed):
        actions.postpone(task, by=desk.by("方屿"), until=until + timedelta(days=1), reason="我来")
    actions.finish(task, by=desk.by("周予安"))
    with pytest.raises(WrongMoment):
        actions.postpone(task, by=desk.by("顾一鸣"), until=until + timedelta(days=1), reason="太晚")


def test_a_wish_lapses_when_the_work_is_done(desk):
    task = desk.give(owner="周予安")
    actions.postpone(task, by=desk.by("周予安"), until=clock.now() + timedelta(days=4), reason="机构排期")
    actions.finish(task, by=desk.by("周予安"))
    assert task.postponements.get().decision == Postponement.Decision.LAPSED


def test_what_became_late_is_stated_once(desk):
    """Owner, head of the department and who gave it are told; a second worker and a second minute say nothing more."""
    task = desk.give(owner="周予安", hours=2)
    later = clock.now() + timedelta(hours=3)
    assert jobs.sweep(clock.now()) == 0
    assert (jobs.sweep(later), jobs.sweep(later), jobs.sweep(later + timedelta(days=1))) == (1, 0, 0)
    head = desk.world.department("appraisal").head_id
    assert told(task) == {desk.user("周予安").pk, desk.user("顾一鸣").pk, head}
    entry = Entry.objects.get(event="tasks.task_late")
    assert entry.actor_kind == "system"
    with clock.at(later):
        actions.postpone(task, by=desk.by("顾一鸣"), until=later + timedelta(hours=1), reason="再给一小时")
    assert jobs.sweep(later + timedelta(hours=2)) == 1, "a new date can be missed, too"


def test_the_rail_knows_what_burns(desk):
    task = desk.give(owner="周予安", hours=2)
    assert sizes([queries.any_late(desk.by("周予安"))]) == [0]
    with clock.at(task.due_at + timedelta(hours=1)):
        assert sizes([queries.any_late(desk.by("周予安")), queries.any_late(desk.by("方屿"))]) == [1, 0]


def test_the_list_leaves_the_house_with_a_trace(desk):
    desk.give(owner="叶知秋")
    assert [t.title for t in actions.export(by=desk.by("江听雨"), wish=queries.Wish(whose="department"))] == ["第三方检测"]
    assert Entry.objects.get(event="tasks.tasks_exported").facts == {"count": 1}
    with pytest.raises(NotAllowed):
        actions.export(by=desk.by("方屿"), wish=queries.Wish())


def test_steps_want_a_verb_around_them(desk, transactional_db):
    for step in (actions.add, actions.change, actions.conclude, actions.take_up, actions.take_back, actions.state_late):
        with pytest.raises(RuntimeError):
            step(None)
    assert Task.objects.count() == 0


def test_a_clock_that_is_wrong_declares_nothing_late(desk):
    now = timezone.now()
    with clock.at(now):
        task = desk.give(owner="周予安", hours=1)
    with clock.at(now + timedelta(days=1)):
        jobs.sweep_now(timestamp=0)
    assert stated(task) == "tasks.task_given"
    Task.objects.filter(pk=task.pk).update(due_at=now - timedelta(hours=1))
    with clock.at(now):
        jobs.sweep_now(timestamp=0)
    assert stated(task) == "tasks.task_late"
