"""Meetings of the pawnshop, about a matter in 顾一鸣's hands; everybody has a mail address."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.world import company
from yingxu.base import clock
from yingxu.matters import actions as matters
from yingxu.meetings import actions
from yingxu.meetings.models import Meeting, Purpose
from yingxu.people.models import User

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday
AT = MORNING + timedelta(hours=5)


class Room:
    """`call(…)` makes a meeting by 顾一鸣 at AT, about nothing unless said otherwise."""

    def __init__(self, world: Any) -> None:
        self.world, self.by, self.user = world, world.by, world.user
        for user in set(world.people.values()):
            user.email = f"{user.username}@yunxiu.test"
        User.objects.bulk_update(set(world.people.values()), ["email"])

    def matter(self, *, number: str = "2026-900001", owner: str = "顾一鸣", secrecy: int = 0) -> Any:
        user = self.user(owner)
        with transaction.atomic():
            return matters.open_matter("paper", "翡翠手镯复评", number=number, owner_id=user.pk, department_id=user.department_id, secrecy=secrecy)

    def call(self, *, by: str = "顾一鸣", attendees: tuple[str, ...] = ("周予安", "方屿"), **more: Any) -> Meeting:
        given: dict[str, Any] = {
            "title": "复评协调会", "starts_at": AT, "ends_at": AT + timedelta(hours=1), "purpose": Purpose.COORDINATION, "place": "二楼会议室",
            "agenda": "两次评估的差别\n谁去第三方检测",
        }  # fmt: skip
        return actions.call(by=self.by(by), attendees=[self.user(name) for name in attendees], **{**given, **more})


@pytest.fixture
def world(db: None) -> Any:
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def room(world: Any) -> Any:
    with clock.at(MORNING):
        yield Room(world)
