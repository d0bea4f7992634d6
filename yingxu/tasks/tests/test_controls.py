"""What tasks prove (V3): applied, kept, broken, with the records."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.tasks import actions

pytestmark = pytest.mark.django_db


def tally(name, *, hours=48):
    now = clock.now()
    return controls()[name].tally(now - timedelta(hours=hours), now + timedelta(hours=hours), None)


def test_done_in_time(desk):
    early, late, open_late = desk.give(owner="周予安", hours=1), desk.give(owner="周予安", hours=1), desk.give(owner="方屿", hours=1)
    actions.withdraw(desk.give(owner="方屿", hours=1), by=desk.by("顾一鸣"), reason="不用了")
    desk.give(owner="方屿", hours=30)
    actions.finish(early, by=desk.by("周予安"))
    with clock.at(clock.now() + timedelta(hours=2)):
        actions.finish(late, by=desk.by("周予安"))
        found = tally("tasks.done_in_time")
    assert (found.applied, found.kept, found.failed) == (4, 1, 2)
    assert [e.matter_id for e in found.broken] == [desk.matter.pk] * 2 and open_late.open
    assert controls()["tasks.done_in_time"].tally(clock.now(), clock.now() + timedelta(days=3), []).applied == 0


def test_another_date_has_a_reason_and_another_person(desk):
    task = desk.give(owner="周予安")
    actions.postpone(task, by=desk.by("周予安"), until=clock.now() + timedelta(days=3), reason="排期")
    actions.decide(task, by=desk.by("顾一鸣"), granted=True)
    found = tally("tasks.postponed_with_reason")
    assert (found.applied, found.kept, found.failed) == (1, 1, 0)
    task.postponements.update(decided_by=desk.user("周予安"), decided_at=clock.now() + timedelta(minutes=5))
    assert tally("tasks.postponed_with_reason").failed == 1, "by a hand on the database it would show"
