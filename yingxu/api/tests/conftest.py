"""A program at the door: a token for somebody of the cast, and a client that sends it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from yingxu.api import actions
from yingxu.api.models import Endpoint
from yingxu.api.reactions import hear
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.events import revive
from yingxu.matters.models import Entry, Matter
from yingxu.needs import actions as needs
from yingxu.privacy.tests.register import party

EVERYTHING = ("needs:write", "customers:write")


class Program:
    """Calls the API as another program would."""

    def __init__(self, secret: str, language: str = "zh-CN") -> None:
        self.client = Client(raise_request_exception=False)
        self.secret, self.language = secret, language

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        raw = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else b""
        given = {"authorization": f"Bearer {self.secret}", "accept-language": self.language, **{k.replace("_", "-"): v for k, v in headers.items()}}
        kind = given.pop("content-type", "application/json")
        return self.client.generic(method, f"/api/v1{path}", raw, content_type=kind, headers={k: v for k, v in given.items() if v})

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)


@pytest.fixture
def program(world: Any) -> Callable[..., Program]:
    """`program("沈岚")`: a program with a token that acts for 沈岚."""

    def make(name: str, *scopes: str, **more: Any) -> Program:
        _token, secret = actions.make_token(by=SYSTEM, name="till", user=world.user(name), allowed=scopes or EVERYTHING, per_minute=0, **more)
        return Program(secret)

    return make


@pytest.fixture
def desk(program: Callable[..., Program]) -> Program:
    """沈岚 of customer service."""
    return program("沈岚")


def need(**more: Any) -> dict[str, Any]:
    return {"kind": "consultation", "body": "想问一下断当的手表什么时候能看。", "fields": {"scope": ["其他"]}, "customer": {"name": "季棠", "phone": "13900004244"}, **more}


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer, its form checked."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status and said["title"] and said["code"] and said["type"] == f"urn:yingxu:problem:{said['code']}"
    return said


@pytest.fixture
def near(settings: Any) -> None:
    """Webhooks may call this machine."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8", "::1/128"]


@pytest.fixture
def endpoint(world: Any, near: None) -> Callable[..., Endpoint]:
    """`endpoint(trap.url)`: a webhook that acts for 沈岚 and hears that needs are registered. Its secret is `made.plain`."""

    def make(url: str, user: str = "沈岚", events: tuple[str, ...] = ("needs.need_registered",), **more: Any) -> Endpoint:
        given = {"name": "仓库", "recipient": "海棠仓储有限公司", "purpose": "备货", **more}
        party(given["recipient"])
        made, secret = actions.make_endpoint(by=SYSTEM, url=url, user=world.user(user), events=events, **given)
        made.plain = secret  # type: ignore[attr-defined]
        return made

    return make


@pytest.fixture
def register(world: Any) -> Callable[..., Entry]:
    """A need is registered and the endpoints hear of it; gives the entry."""

    def do(secrecy: int = 0, body: str = "断当的手表什么时候能看。", at: Any = None) -> Entry:
        with clock.at(at or clock.now()):
            done = needs.register(needs.Intake(kind="consultation", body=body, channel="phone", fields={"scope": ["其他"]}), by=world.by("沈岚"))
        if secrecy:
            Matter.objects.filter(number=done.number).update(secrecy=secrecy)
        entry = Entry.objects.select_related("matter").get(matter__number=done.number, event="needs.need_registered")
        with transaction.atomic():
            hear(revive(entry.event, entry.facts, entry.personal), entry)
        return entry

    return do
