"""A small company for this room's tests: a shop department with a head and a clerk, customer service, and settings."""

from datetime import datetime
from itertools import count
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM, Reach
from yingxu.deadlines import actions
from yingxu.matters.models import Matter
from yingxu.people import queries as people
from yingxu.people.models import Department, Grant, Role, RoleRule, User

CN = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 16, 9, tzinfo=CN)
NUMBERS = count(1)
TARGETS = [
    {"category": "unset", "step": "first_response", "within": "30m"},
    {"category": "unset", "step": "triage", "within": "1h"},
    {"category": "urgent", "step": "first_response", "within": "10m"},
    {"category": "urgent", "step": "acceptance", "within": "30m", "round_the_clock": True, "warn_percent": 50},
    {"category": "urgent", "step": "handling", "within": "4h"},
    {"category": "general", "step": "acceptance", "within": "4h"},
    {"category": "general", "step": "handling", "within": "2d"},
    {"category": "general", "step": "first_response", "within": "2h"},
]
CALENDAR = {"windows": {"mon-fri": ["09:00-12:00", "13:30-18:00"]}}


def cn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CN)


def person(username: str, department: Department, **granted: Reach) -> User:
    """Somebody whose role grants these rules of this room."""
    user = User.objects.create(username=username, name=username.title(), department=department, session_mark="x")
    role = Role.objects.create(code=username, name=username)
    for rule, reach in granted.items():
        RoleRule.objects.create(role=role, rule=f"deadlines.{rule}", reach=reach)
    Grant.objects.create(user=user, role=role, begins_at=cn(2020, 1, 1))
    return user


def company() -> SimpleNamespace:
    """People and installed settings."""
    shop = Department.objects.create(code="shop", name="典当业务部", order=1)
    vault = Department.objects.create(code="vault", name="库房保管部", order=2)
    service = Department.objects.create(code="service", name="客户服务部", service=True)
    found = SimpleNamespace(
        shop=shop, vault=vault, service=service,
        clerk=person("clerk", shop, request_extension=Reach.OWN),
        head=person("head", shop, request_extension=Reach.DEPARTMENT, decide_extension=Reach.DEPARTMENT),
        stranger=person("stranger", vault, request_extension=Reach.DEPARTMENT, decide_extension=Reach.DEPARTMENT),
        lead=person("lead", service),
        manager=person("manager", service, manage=Reach.ALL),
    )  # fmt: skip
    Department.objects.filter(pk=shop.pk).update(head=found.head)
    Department.objects.filter(pk=service.pk).update(head=found.lead)
    with now_clock.at(cn(2026, 1, 1)), transaction.atomic():
        actions.install(by=SYSTEM, calendar=CALENDAR, targets=TARGETS)
    return found


def matter(found: SimpleNamespace, at: datetime = MONDAY, **more: Any) -> Matter:
    values = {"kind": "need", "owner": found.clerk, "department": found.shop, "title": "金条分五批赎当", **more}
    return Matter.objects.create(number=f"2026-{next(NUMBERS):06d}", opened_at=at, changed_at=at, **values)


def start(matter: Matter, step: str, category: str = "general", at: datetime = MONDAY) -> Any:
    with transaction.atomic():
        return actions.start(matter, step, category=category, at=at, by=SYSTEM)


def actor(user: User) -> Any:
    return people.actor(user)



