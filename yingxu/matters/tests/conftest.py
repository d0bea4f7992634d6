"""Two people, a customer's matter, and silence: only the reactions a test registers hear anything."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import transaction

from yingxu.base import events
from yingxu.base.access import RULES, Actor, Reach
from yingxu.customers.models import Customer
from yingxu.matters import actions
from yingxu.matters.models import Matter
from yingxu.people.models import Department, User

SEE = RULES["customers.view"]


@pytest.fixture(autouse=True)
def no_other_listeners() -> Iterator[None]:
    later, every = dict(events.LATER), dict(events.EVERY)
    events.LATER.clear()
    events.EVERY.clear()
    yield
    events.LATER.clear()
    events.LATER.update(later)
    events.EVERY.clear()
    events.EVERY.update(every)


def actor(user: User, reach: Reach = Reach.OWN, clearance: int = 0) -> Actor:
    return Actor(
        kind="user", name=user.name, id=user.pk, user_id=user.pk, department_id=user.department_id, reaches={SEE.name: reach},
        clearance=clearance,
    )  # fmt: skip


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    department = Department.objects.create(code="pawn", name="典当业务部")
    shen, gu = (
        User.objects.create(username=name, name=shown, department=department)
        for name, shown in (("shen", "沈岚"), ("gu", "顾一鸣"))
    )
    return SimpleNamespace(department=department, shen=shen, gu=gu, by=actor(shen))


@pytest.fixture
def matter(cast: SimpleNamespace) -> Matter:
    with transaction.atomic():
        made = actions.open_matter("customer", "砚台巷珠宝商行", number="KH-2026-000001", owner_id=cast.shen.pk, words=["翡翠"])
    Customer.objects.create(matter=made, name="砚台巷珠宝商行")
    return made
