"""A customer of the pawnshop's, and chains of one's own to have things signed on it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.world import company
from yingxu.approvals import actions
from yingxu.approvals.models import Chain, Request
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.people import actions as people
from yingxu.people.models import Role
from yingxu.people.verifying import Proof

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday
SUBJECT = {"level": 1, "facts": [["密级", "机密 → 秘密"], ["理由", "合作已公开"]]}


class Desk:
    """`ask(chain, by="沈岚")` asks for something on a customer everybody of the cast may see (`matter`)."""

    def __init__(self, world: Any) -> None:
        self.world, self.by, self.user = world, world.by, world.user
        self.matter = world.customer("砚台巷珠宝商行").matter

    def chain(self, code: str, *steps: dict[str, Any], distinct: bool = False, lapse_days: int = 0) -> Chain:
        """A chain for these tests; a step is {"who", "code", …}, its name may be left out."""
        rows = [{"name": f"第 {n} 步", **step} for n, step in enumerate(steps, 1)]
        row = Chain.objects.create(code=code, name="测试链")
        return actions.set_chain(row, by=SYSTEM, steps=rows, distinct=distinct, lapse_days=lapse_days)

    def ask(self, chain: str = "archives.lower", *, by: str = "沈岚", on: Any = "usual", title: str = "降低密级", subject: Any = None, **more: Any) -> Request:
        with transaction.atomic():
            matter = self.matter if on == "usual" else on
            return actions.ask(matter, by=self.by(by), chain=chain, title=title, subject=subject or SUBJECT, **more)

    def approve(self, request: Request, by: str, **more: Any) -> Request:
        return actions.approve(request, by=self.by(by), proof=self.proof(by), **more)

    def proof(self, name: str) -> Proof:
        return Proof(self.user(name).pk, clock.now(), "password")

    def role(self, name: str, role: str) -> None:
        people.grant(self.user(name), Role.objects.get(code=role), by=SYSTEM)
        self.world._actors.pop(self.user(name).pk, None)

    def person(self, name: str) -> dict[str, str]:
        """A step for one person by name."""
        return {"who": "person", "code": self.user(name).username}


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop, founded a month before the morning of these tests."""
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def desk(world: Any) -> Any:
    with clock.at(MORNING):
        yield Desk(world)
