"""A matter of the pawnshop's, in 顾一鸣's hands, on which tasks are given."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.world import company
from yingxu.base import clock
from yingxu.matters import actions as matters
from yingxu.tasks import actions
from yingxu.tasks.models import Task

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday


class Desk:
    """`give(owner="周予安")` makes a task by 顾一鸣 on `matter`, due in a day unless said otherwise."""

    def __init__(self, world: Any) -> None:
        self.world, self.by, self.user = world, world.by, world.user
        self.matter = self.open("2026-900001", "翡翠手镯复评", "顾一鸣")

    def open(self, number: str, title: str, owner: str, *, kind: str = "paper", secrecy: int = 0) -> Any:
        """A matter of no room, which nobody may see by itself."""
        user = self.user(owner)
        with transaction.atomic():
            return matters.open_matter(kind, title, number=number, owner_id=user.pk, department_id=user.department_id, secrecy=secrecy)

    def give(self, *, by: str = "顾一鸣", title: str = "第三方检测", owner: str | None = None, department: str | None = None, hours: int = 24,
             on: Any = None, **more: Any) -> Task:  # fmt: skip
        given: dict[str, Any] = {"due_at": clock.now() + timedelta(hours=hours)} | more
        return actions.give(
            on or self.matter, by=self.by(by), title=title, owner=self.user(owner) if owner else None,
            department=self.world.department(department) if department else None, **given,
        )  # fmt: skip


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop, founded a month before the morning of these tests."""
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def desk(world: Any) -> Any:
    with clock.at(MORNING):
        yield Desk(world)
