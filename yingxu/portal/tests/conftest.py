"""A customer at the portal, and what staff do meanwhile."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from yingxu.needs import actions as needs
from yingxu.needs.models import Need

WORDS = "上个月当的翡翠手镯想赎回，周六能来取吗？"


class Visitor:
    """Somebody's browser: forms as the pages drew them, with their tokens."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.number = self.code = ""

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None, *, of: str = "/p/") -> Any:
        """Post with the token of the page `of`."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(of).content.decode())
        assert token, f"{of} has no form"
        return self.client.post(path, {**(data or {}), "csrfmiddlewaretoken": token[1]})

    def nonce(self, path: str = "/p/new/") -> str:
        return re.search(r'name="nonce" value="([^"]+)"', self.get(path).content.decode())[1]

    def raise_need(self, **more: Any) -> Any:
        answer = self.post("/p/new/", filled(**{"nonce": self.nonce(), **more}), of="/p/new/")
        shown = re.findall(r'<b class="txl">([^<]+)</b>', answer.content.decode())
        if answer.status_code == 200 and len(shown) == 2:
            self.number, self.code = shown
        return answer

    def knock(self, number: str, code: str) -> Any:
        return self.post("/p/", {"number": number, "code": code})

    def page(self) -> str:
        answer = self.get(f"/p/needs/{self.number}/")
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def act(self, what: str, data: dict[str, Any]) -> Any:
        here = f"/p/needs/{self.number}/"
        return self.post(here + what + "/", data, of=here)

    @property
    def need(self) -> Need:
        return Need.objects.select_related("matter__department").get(matter__number=self.number)


def filled(**more: Any) -> dict[str, Any]:
    return {"kind": "consultation", "body": WORDS, "f-scope": ["续当赎当"], "name": "季棠", "phone": "13900004244", "agreed": "on", **more}


@pytest.fixture
def visitor(world: Any) -> Visitor:
    return Visitor()


@pytest.fixture
def raised(visitor: Visitor) -> Visitor:
    """A customer who has just raised a need."""
    assert visitor.raise_need().status_code == 200 and visitor.number
    return visitor


@pytest.fixture
def walk(world: Any) -> Callable[[Need, str], Need]:
    """`walk(need, "confirmation")`: staff take the need to that state."""
    shen, su, jiang = world.by("沈岚"), world.by("苏慕青"), world.by("江听雨")

    def to(need: Need, state: str) -> Need:
        steps: list[tuple[str, Callable[[Need], Any]]] = [
            ("assignment", lambda n: needs.triage(n, by=shen, category="general")),
            ("acceptance", lambda n: needs.assign(n, by=shen, department=world.department("pawn"), owner=world.user("江听雨"))),
            ("handling", lambda n: needs.accept(n, by=jiang)),
            ("plan", lambda n: needs.plan(n, by=jiang, measures="核对当票，约取件时间")),
            ("review", lambda n: needs.submit(n, by=jiang, done="已核对当票", answer="周六上午可以来取，请带当票和身份证。")),
            ("feedback", lambda n: needs.review(n, by=su)),
            ("confirmation", lambda n: needs.feed_back(n, by=shen)),
        ]
        for name, step in steps:
            step(Need.objects.select_related("matter").get(pk=need.pk))
            if name == state:
                break
        return Need.objects.select_related("matter").get(pk=need.pk)

    return to
