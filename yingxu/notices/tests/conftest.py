"""沈岚 looks after a customer, 顾一鸣 follows it, 程可 may not see it."""

from types import SimpleNamespace

import pytest
from django.db import transaction

from yingxu.base.access import SYSTEM
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.people import actions as people
from yingxu.people import queries
from yingxu.people.models import User


@pytest.fixture
def cast(db) -> SimpleNamespace:
    role = people.add_role(by=SYSTEM, name="看", granted={"customers.view": "own"})
    users = {}
    for name, shown in (("shen", "沈岚"), ("gu", "顾一鸣"), ("cheng", "程可")):
        user = User.objects.create(username=name, name=shown, session_mark="m")
        people.grant(user, role, by=SYSTEM)
        user.refresh_from_db()
        users[name] = user
    with transaction.atomic():
        matter = matters.open_matter("customer", "砚台巷珠宝商行", number="KH-2026-000001", owner_id=users["shen"].pk)
        matters.watch(matter, [users["gu"].pk])
    Customer.objects.create(matter=matter, name="砚台巷珠宝商行")
    return SimpleNamespace(matter=matter, **users, **{f"by_{n}": queries.actor(u) for n, u in users.items()})


@pytest.fixture
def enter(client):
    def sign_in(user: User):
        client.force_login(user)
        session = client.session
        session["mark"] = user.session_mark
        session.save()
        return client

    return sign_in
