"""What climbs on a need, by program (K3): read, take, with a promise; who may not; somebody else was first; the scope."""

from datetime import timedelta
from typing import Any

import pytest

from yingxu.base import clock
from yingxu.deadlines import jobs

from .conftest import EVERYTHING, need, problem
from .test_tasks import soon


@pytest.fixture
def number(program: Any) -> str:
    """A need its department has not accepted in time: everybody up the ladder has been told."""
    desk = program("沈岚")
    found = desk.post("/needs", need()).json()["number"]
    desk.post(f"/needs/{found}/triage", {"category": "important"})
    desk.post(f"/needs/{found}/assignment", {"department": "pawn", "owner": "guyiming"})
    later = clock.now() + timedelta(days=40)
    jobs.sweep(later)
    jobs.climb(later + timedelta(days=30))
    return found


def of(program_: Any, number: str) -> dict[str, Any]:
    return next(row for row in program_.get(f"/needs/{number}/escalations").json() if row["step"] == "acceptance")


def test_read_and_take(program: Any, number: str) -> None:
    head, clerk = program("江听雨"), program("顾一鸣")
    found = of(head, number)
    assert found["state"] == "climbing" and found["may_take"] and found["taken_by"] is None
    assert "jiangtingyu" in [person["username"] for rung in found["told"] for person in rung["people"]]
    at, body = f"/needs/{number}/escalations/{found['id']}/acknowledgement", {"words": "下午到柜台", "promised_at": soon(1)}
    assert "promised_at" in problem(head.post(at, {"promised_at": soon(60)}), 422)["errors"]
    taken, again = (head.post(at, body, idempotency_key="take-1") for _i in range(2))
    assert taken.status_code == 200, taken.content.decode()
    assert taken.json() == again.json() and again["Idempotent-Replayed"] == "true"
    assert (taken.json()["state"], taken.json()["words"], taken.json()["taken_by"]["username"]) == ("taken", "下午到柜台", "jiangtingyu")
    assert problem(clerk.post(at, {}), 409)["code"] == "wrong_moment"


def test_refused_and_not_there(program: Any, number: str) -> None:
    head = program("江听雨")
    at = f"/needs/{number}/escalations/{of(head, number)['id']}/acknowledgement"
    assert problem(program("江听雨", "needs:read").post(at, {}), 403)["code"] == "scope"
    other = program("沈岚").post("/needs", need()).json()["number"]
    problem(program("沈岚").post(at.replace(number, other), {}), 404)
    problem(head.post(f"/needs/{number}/escalations/999999/acknowledgement", {}), 404)
    problem(program("方屿", *EVERYTHING).post(at, {}), 404)
    problem(program("方屿", *EVERYTHING).get(f"/needs/{number}/escalations"), 404)


def test_a_read_costs_the_same_for_one_and_for_many(program: Any, number: str, django_assert_max_num_queries: Any) -> None:
    head = program("江听雨")
    of(head, number)
    with django_assert_max_num_queries(10):
        of(head, number)


def test_it_is_in_the_document(program: Any) -> None:
    paths = program("沈岚").get("/openapi.json").json()["paths"]
    assert "/api/v1/needs/{number}/escalations/{escalation}/acknowledgement" in paths
