"""A small cast: a service clerk who sees everybody ordinary, a pawn clerk who sees the department's, an auditor who only looks."""

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.people import actions as people
from yingxu.people import queries
from yingxu.people.models import Department, Role, SignInRules, User

EVERYTHING = ("view", "edit", "merge", "reveal", "export", "give_out", "log", "contract", "fields")
PASSWORD = "correct horse battery"  # noqa: S105


@dataclass
class Person:
    user: User

    @property
    def actor(self) -> Actor:
        return queries.actor(self.user)

    @property
    def client(self) -> Client:
        client = Client()
        client.post("/sign-in/", {"username": self.user.username, "password": PASSWORD})
        assert "_auth_user_id" in client.session
        return client


@pytest.fixture
def cast(db) -> dict[str, Person]:
    SignInRules.objects.create(pk=1, demanded=False, changed_at=clock.now())  # second factors have tests of their own
    roles = {"service": "all", "pawn": "department", "chief": "all"}
    with transaction.atomic():
        people.install(
            [{"code": "service", "name": "客户服务部", "service": True}, {"code": "pawn", "name": "典当业务部"}],
            [{"code": code, "name": code, "rules": {f"customers.{verb}": reach for verb in EVERYTHING}} for code, reach in roles.items()]
            + [{"code": "looker", "name": "looker", "rules": {"customers.view": "all"}}],
        )  # fmt: skip
    found = {}
    for username, name, department, role, clearance in (
        ("shen", "沈岚", "service", "service", 1),
        ("gu", "顾一鸣", "pawn", "pawn", 0),
        ("wei", "魏总", "service", "chief", 3),
        ("ye", "叶审", "service", "looker", 0),
    ):
        user = people.add_user(
            by=SYSTEM, username=username, name=name, password=PASSWORD, clearance=clearance,
            department=Department.objects.get(code=department),
        )  # fmt: skip
        people.grant(user, Role.objects.get(code=role), by=SYSTEM)
        found[username] = Person(user)
    return found


@pytest.fixture
def shen(cast) -> Person:
    return cast["shen"]


@pytest.fixture
def gu(cast) -> Person:
    return cast["gu"]


@pytest.fixture
def wei(cast) -> Person:
    return cast["wei"]


@pytest.fixture
def ye(cast) -> Person:
    return cast["ye"]
