"""A small company: customer service and pawn business below the head office, a manager, a clerk."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.people import actions
from yingxu.people.models import Department, Role, SignInRules, User

PASSWORD = "correct-horse-battery"


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    SignInRules.objects.create(pk=1, demanded=False, changed_at=clock.now())  # those who test it demand it
    with transaction.atomic():
        actions.install(
            [
                {"code": "office", "name": "总经理室"},
                {"code": "service", "name": "客户服务部", "parent": "office", "service": True},
                {"code": "pawn", "name": "典当业务部", "parent": "office"},
            ],
            [
                {"code": "manager", "name": "系统管理员", "rules": {"people.manage": "all"}},
                {"code": "clerk", "name": "客服", "rules": {}},
            ],
        )
    office, service, pawn = (Department.objects.get(code=c) for c in ("office", "service", "pawn"))
    made = {
        name: actions.add_user(by=SYSTEM, username=name, name=shown, department=department, password=PASSWORD)
        for name, shown, department in (("fang", "方屿", office), ("shen", "沈岚", service), ("gu", "顾一鸣", pawn))
    }
    actions.grant(made["fang"], Role.objects.get(code="manager"), by=SYSTEM)
    actions.grant(made["shen"], Role.objects.get(code="clerk"), by=SYSTEM)
    for user in made.values():
        user.refresh_from_db()
    return SimpleNamespace(office=office, service=service, pawn=pawn, **made)


@pytest.fixture
def signed(people: SimpleNamespace) -> Callable[[str], Client]:
    """A browser signed in as one of them, through the page."""

    def enter(username: str, **more: Any) -> Client:
        client = Client(**more)
        answer = client.post("/sign-in/", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter


@pytest.fixture
def manager(signed: Callable[[str], Client]) -> Client:
    return signed("fang")


def user(name: str) -> User:
    return User.objects.get(username=name)
