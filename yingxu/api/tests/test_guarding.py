"""A1 by program: level, term, circle, sections; the same rules and reasons as on screen; what opens takes a second person."""

from datetime import timedelta
from typing import Any

import pytest

from yingxu.approvals.models import Request
from yingxu.base import clock, remember
from yingxu.matters.models import Look, Matter

from .conftest import problem

pytestmark = pytest.mark.django_db
ALL = ("customers:read", "archives:read", "archives:write")


@pytest.fixture
def number(world: Any) -> str:
    return world.customer("砚台巷珠宝商行").matter.number


def test_a_level_is_raised_at_once_and_lowered_by_a_second_person(program: Any, number: str) -> None:
    keeper, place = program("苏慕青", *ALL), f"/customers/{number}/secrecy"
    assert keeper.get(place).json()["level"] == 0
    day = (clock.today() + timedelta(days=30)).isoformat()
    raised = keeper.post(f"{place}/level", {"level": 2, "why": "并购洽谈", "ends_on": day, "then": "declassify"})
    assert raised.status_code == 200
    assert {k: raised.json()[k] for k in ("level", "ends_on", "then", "why")} == {"level": 2, "ends_on": day, "then": "declassify", "why": "并购洽谈"}
    assert raised.json()["set_by"]["username"] == "sumuqing"
    asked = keeper.post(f"{place}/level", {"level": 1, "why": "洽谈结束"}, idempotency_key="once")
    again = keeper.post(f"{place}/level", {"level": 1, "why": "洽谈结束"}, idempotency_key="once")
    assert asked.status_code == again.status_code == 202 and asked.json()["approval"] == again.json()["approval"]
    assert Request.objects.get(pk=asked.json()["approval"]).chain == "archives.lower"
    assert keeper.get(place).json()["level"] == 2, "asking changes nothing"
    assert Look.objects.filter(matter__number=number, what=Look.What.API).exists()


def test_what_is_refused_is_refused_as_on_screen(program: Any, number: str) -> None:
    keeper, clerk, place = program("苏慕青", *ALL), program("沈岚", *ALL), f"/customers/{number}/secrecy"
    assert "level" in problem(keeper.post(f"{place}/level", {"level": 3, "why": "太高"}), 422)["errors"]
    assert "why" in problem(keeper.post(f"{place}/level", {"level": 1, "why": ""}), 422)["errors"]
    problem(keeper.post(f"{place}/level", {"level": 1, "why": "x", "secret": 1}), 422)
    assert clerk.get(place).status_code == 200
    problem(clerk.post(f"{place}/level", {"level": 1, "why": "试试"}), 403)
    assert problem(program("苏慕青", "customers:read").get(place), 403)["code"] == "scope"
    problem(keeper.post(f"{place}/term", {"ends_on": None, "why": "没有密级"}), 422)
    assert not Matter.objects.get(number=number).secrecy


def test_a_term_goes_on(program: Any, number: str) -> None:
    keeper, place = program("苏慕青", *ALL), f"/customers/{number}/secrecy"
    soon, later = ((clock.today() + timedelta(days=n)).isoformat() for n in (10, 40))
    keeper.post(f"{place}/level", {"level": 1, "why": "报价", "ends_on": soon})
    assert keeper.post(f"{place}/term", {"ends_on": later, "why": "延长"}).json()["ends_on"] == later
    problem(keeper.post(f"{place}/term", {"ends_on": soon, "why": "提前"}), 422)


def test_the_circle_is_set_and_its_end_is_asked_for(program: Any, number: str) -> None:
    keeper, place = program("苏慕青", *ALL), f"/customers/{number}/secrecy"
    done = keeper("PUT", f"{place}/circle", {"persons": ["sumuqing", "qinwangshu"], "departments": ["pawn"], "why": "调查"})
    assert done.status_code == 200 and done.json()["closed"]
    assert {one["person"]["username"] for one in done.json()["circle"]} == {"sumuqing", "qinwangshu", "jiangtingyu"}
    problem(program("沈岚", *ALL).get(place), 404)
    remember.forget_everything()  # a token knows of new admissions after three seconds
    problem(keeper("PUT", f"{place}/circle", {"persons": ["nobody"], "why": "x"}), 422)
    problem(keeper("PUT", f"{place}/circle", {"persons": ["jiangtingyu"], "why": "锁在外面"}), 422)
    assert keeper.post(f"{place}/circle/ending", {"why": "调查结束"}).status_code == 202
    assert keeper.get(place).json()["closed"]


def test_sections_have_levels_of_their_own(program: Any, number: str) -> None:
    keeper, place = program("苏慕青", *ALL), f"/customers/{number}/secrecy"
    raised = keeper.post(f"{place}/sections/scale", {"level": 2, "why": "规模数据"})
    assert next(s for s in raised.json()["sections"] if s["code"] == "scale") | {"name": ""} == {"code": "scale", "name": "", "level": 2, "own": True}
    assert keeper.post(f"{place}/sections/scale", {"level": 0, "why": "结束"}).status_code == 202
    problem(keeper.post(f"{place}/sections/nothing", {"level": 1, "why": "x"}), 404)
    assert "scale" not in {s["code"] for s in program("顾一鸣", "archives:read").get(place).json().get("sections", [])}
