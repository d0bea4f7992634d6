"""What meetings prove (V3)."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.meetings import actions
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Task

from .conftest import AT

pytestmark = pytest.mark.django_db


def tally(name):
    return controls()[name].tally(AT - timedelta(days=1), AT + timedelta(days=2), None)


def test_meetings_leave_minutes(room):
    written, forgotten = room.call(), room.call(title="没有纪要的会")
    actions.cancel(room.call(title="取消的会"), by=room.by("顾一鸣"), reason="重复")
    assert tally("meetings.minutes_kept").applied == 0, "not held yet"
    with clock.at(AT + timedelta(hours=2)):
        actions.record_minutes(written, by=room.by("顾一鸣"), text="议定。")
        found = tally("meetings.minutes_kept")
    assert (found.applied, found.kept, found.failed) == (2, 1, 1) and found.broken[0].matter_id == forgotten.pk


def test_decisions_have_somebody_and_a_date(room):
    meeting = room.call()
    with clock.at(AT + timedelta(minutes=5)):
        actions.decide(meeting, by=room.by("顾一鸣"), nodes=[Node(title="送检", due_at=AT + timedelta(days=1), owner=room.user("周予安"))])
    assert (tally("meetings.decisions_assigned").applied, tally("meetings.decisions_assigned").failed) == (1, 0)
    Task.objects.update(due_at=None)
    assert tally("meetings.decisions_assigned").failed == 1
