"""A customer's matter, who may see it, and a files directory of the test's own."""

from types import SimpleNamespace

import pytest
from django.db import transaction

from yingxu.base.access import SYSTEM
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.people import actions as people
from yingxu.people import queries
from yingxu.people.models import User


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.fixture
def cast(db) -> SimpleNamespace:
    shen, gu = (User.objects.create(username=n, name=n, session_mark="m") for n in ("shen", "gu"))
    role = people.add_role(by=SYSTEM, name="看", granted={"customers.view": "own"})
    for user in (shen, gu):
        people.grant(user, role, by=SYSTEM)
        user.refresh_from_db()
    with transaction.atomic():
        matter = matters.open_matter("customer", "砚台巷珠宝商行", number="KH-1", owner_id=shen.pk)
    Customer.objects.create(matter=matter, name="砚台巷珠宝商行")
    return SimpleNamespace(shen=shen, gu=gu, matter=matter, by=queries.actor(shen), other=queries.actor(gu))


@pytest.fixture
def enter(client):
    """A browser with a person signed in."""

    def sign_in(user: User):
        client.force_login(user)
        session = client.session
        session["mark"] = user.session_mark
        session.save()
        return client

    return sign_in
