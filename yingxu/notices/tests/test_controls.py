"""What notices can prove (V3, E1)."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.notices.models import Delivery, Notice

from .facts import Asked
from .test_actions import state
from .test_outbox import send

pytestmark = pytest.mark.django_db


def tally(name: str, seen=None):
    now = clock.now()
    return controls()[f"notices.{name}"].tally(now - timedelta(days=9), now + timedelta(days=1), seen)


def test_an_emergency_that_took_longer_than_a_minute_is_evidence(cast):
    state(Asked(), cast, tell=[cast.shen])
    rows = [send(key=f"k{n}", matter=cast.matter, urgent=True) for n in range(4)]
    for row in rows[:3]:
        row.notices.add(Notice.objects.get())
    long_ago = clock.now() - timedelta(hours=1)
    Delivery.objects.update(made_at=long_ago)
    Delivery.objects.filter(pk=rows[0].pk).update(state="sent", sent_at=long_ago + timedelta(seconds=3))
    Delivery.objects.filter(pk=rows[1].pk).update(state="sent", sent_at=long_ago + timedelta(minutes=20))
    found = tally("emergency_at_once")
    assert (found.applied, found.kept, found.failed) == (3, 1, 2) and found.broken[0].matter_id == cast.matter.pk and "邮件" in found.broken[0].note


def test_what_is_forgotten_in_the_outbox_is_evidence(cast):
    rows = [send(key=f"k{n}", matter=cast.matter) for n in range(3)]
    send(key="inside", matter=cast.matter, user=cast.shen)
    Delivery.objects.filter(pk=rows[0].pk).update(state="sent")
    ago = clock.now() - timedelta(days=3)
    Delivery.objects.filter(pk=rows[1].pk).update(made_at=ago, next_at=ago)
    found = tally("outcome_known")
    assert (found.applied, found.kept, found.failed) == (3, 1, 1) and len(found.broken) == 1
    assert tally("outcome_known", Delivery.objects.none().values("matter")).applied == 0


def test_content_with_a_level_that_left_is_evidence(cast):
    cast.matter.secrecy = 2
    cast.matter.save(update_fields=["secrecy"])
    send(matter=cast.matter)
    assert (tally("levels_stay_inside").applied, tally("levels_stay_inside").failed) == (1, 0)
    Delivery.objects.update(state="sent")
    assert tally("levels_stay_inside").failed == 1
