"""Who gets in, how fast, and in what form a refusal comes (S6, S4, U3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from yingxu.api import actions, queries
from yingxu.api.models import ApiToken
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.needs.models import Need

from .conftest import Program, need, problem


def test_no_token(world: Any) -> None:
    answer = Client().get("/api/v1/needs")
    assert problem(answer, 401)["code"] == "unauthorised"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer x", "Bearer yx_" + "a" * 43, "Basic dXNlcjpwYXNz", "Bearer " + "密" * 30, "Bearer", "yx_" + "a" * 43])
def test_wrong_token(world: Any, header: str) -> None:
    problem(Client().get("/api/v1/me", headers={"authorization": header}), 401)


def test_a_session_opens_nothing(signed_in: Any) -> None:
    problem(signed_in("沈岚").get("/api/v1/needs"), 401)


def test_expired(program: Any) -> None:
    caller = program("沈岚", expires_at=clock.now() + timedelta(hours=1))
    assert caller.get("/me").status_code == 200
    with clock.at(clock.now() + timedelta(hours=2)):
        problem(caller.get("/me"), 401)


def test_revoked_token_and_departed_user(desk: Program, program: Any, world: Any) -> None:
    assert desk.get("/me").status_code == 200
    actions.revoke_token(ApiToken.objects.get(), by=SYSTEM)
    problem(desk.get("/me"), 401)
    other = program("顾一鸣")
    assert other.get("/me").status_code == 200
    world.user("顾一鸣").is_active = False
    world.user("顾一鸣").save()
    queries.forget()
    problem(other.get("/me"), 401)


def test_another_process_hears_of_it_within_seconds(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.get("/me").status_code == 200
    ApiToken.objects.update(revoked_at=clock.now())  # as another process would
    assert queries.KEEP_SECONDS <= 5
    monkeypatch.setattr(queries, "KEEP_SECONDS", 0)
    problem(desk.get("/me"), 401)


def test_a_missing_scope_is_named(program: Any) -> None:
    reader = program("沈岚", "needs:read")
    said = problem(reader.post("/needs", need()), 403)
    assert said["code"] == "scope" and "needs:register" in said["title"]
    assert "customers:read" in problem(reader.get("/customers"), 403)["title"]
    only_in = program("沈岚", "needs:register")
    number = only_in.post("/needs", need()).json()["number"]
    assert "needs:read" in problem(only_in.get(f"/needs/{number}"), 403)["title"]
    assert reader.get(f"/needs/{number}").status_code == 200
    assert "needs:write" in problem(reader.post(f"/needs/{number}/triage", {"category": "general"}), 403)["title"]


def test_a_scope_gives_no_more_than_the_user_has(program: Any) -> None:
    clerk = program("顾一鸣")
    said = problem(clerk.get("/needs/2026-000001"), 404)
    assert said["code"] == "not_found"
    number = program("沈岚").post("/needs", need()).json()["number"]
    assert problem(clerk.post(f"/needs/{number}/triage", {"category": "general"}), 403)["code"] == "needs.triage"
    problem(clerk.post(f"/needs/{number}/progress", {"text": "x"}), 404)


def test_a_rule_can_be_a_scope(program: Any) -> None:
    narrow = program("沈岚", "needs.view", "needs.note")
    assert narrow.get("/needs").status_code == 200
    problem(narrow.post("/needs", need()), 403)


def test_unseen_looks_like_absent(desk: Program, program: Any) -> None:
    number = desk.post("/needs", need(secrecy=2)).json()["number"]
    low = program("林小满")
    unseen, absent = low.get(f"/needs/{number}"), low.get("/needs/2026-777777")
    assert unseen.status_code == absent.status_code == 404 and unseen.content == absent.content
    assert low.get("/needs").json()["items"] == []


def test_pace(world: Any) -> None:
    _token, secret = actions.make_token(by=SYSTEM, name="slow", user=world.user("沈岚"), allowed=["needs:read"], per_minute=3)
    slow = Program(secret)
    answers = [slow.get("/me") for _i in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert problem(answers[3], 429)["code"] == "too_many" and 1 <= int(answers[3]["Retry-After"]) <= 20


def test_last_use_is_noted(desk: Program) -> None:
    assert ApiToken.objects.get().last_used_at is None
    desk.get("/me")
    assert ApiToken.objects.get().last_used_at is not None


BAD = {
    "not json": (b"{", 400),
    "not utf-8": (b'"\xff"', 400),
    "half a character": (rb'{"body": "\ud800"}', 400),
    "nul": (rb'{"body": "a\u0000b"}', 400),
    "nul in a key": (rb'{"a\u0000b": 1}', 400),
    "too deep": (b'{"fields": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}", 400),
    "far too deep": (b"[" * 100_000 + b"]" * 100_000, 400),
    "too many keys": (b'{"fields": {' + b",".join(b'"k%d": 1' % i for i in range(1_200)) + b"}}", 400),
    "a list": (b"[]", 422),
    "a number": (b"1", 422),
    "null": (b"null", 422),
    "not a number": (b'{"secrecy": NaN}', 400),
    "too large": (b'{"body": "' + b"x" * 1_100_000 + b'"}', 413),
}


@pytest.mark.parametrize("name", BAD)
def test_bodies_that_cannot_be_read(desk: Program, name: str) -> None:
    raw, status = BAD[name]
    problem(desk.post("/needs", raw), status)


def test_other_types_of_content(desk: Program) -> None:
    problem(desk.post("/needs", "kind=pawn", content_type="application/x-www-form-urlencoded"), 415)
    problem(desk.post("/needs", "<need/>", content_type="text/xml"), 415)


def test_a_body_just_deep_enough_is_read(desk: Program) -> None:
    deep: Any = 1
    for _level in range(29):
        deep = [deep]
    said = problem(desk.post("/needs", need(fields={"scope": ["其他"], "odd": deep})), 422)
    assert "odd" in said["errors"]


def test_other_methods_and_addresses(desk: Program) -> None:
    answer = desk("DELETE", "/needs")
    assert problem(answer, 405)["code"] == "method" and "GET" in answer["Allow"]
    problem(desk.get("/nothing"), 404)
    problem(desk.get("/needs/2026-000001/nothing"), 404)


@pytest.mark.parametrize("query", ["q=%00", "unknown=1", "sort=body", "size=x", "from=2026-13-01", "until=1", "state=odd", "department=%C2%B2", "to=9999-12-31", "from=0001-01-01", "rating=%C2%B2"])
def test_lists_take_only_what_they_know(desk: Program, query: str) -> None:
    problem(desk.get(f"/needs?{query}"), 400)


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "%F0%9F%8E%8B", "W10:1:2", "." * 3_000])
def test_forged_cursors(desk: Program, cursor: str) -> None:
    assert problem(desk.get(f"/needs?cursor={cursor}"), 400)["code"] == "cursor"
    assert problem(desk.get(f"/customers?cursor={cursor}"), 400)["code"] == "cursor"


def test_a_cursor_of_another_order_does_not_fit(desk: Program) -> None:
    for i in range(3):
        desk.post("/needs", need(body=f"第 {i} 件"))
    link = desk.get("/needs?size=1&sort=opened").json()["next"]
    assert desk.get(link.removeprefix("/api/v1")).status_code == 200
    problem(desk.get(link.removeprefix("/api/v1").replace("sort=opened", "sort=due")), 400)


def test_a_fault_of_ours_says_so_without_details(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yingxu.api.needs.queries.inbox", lambda *a: 1 / 0)
    said = problem(desk.get("/needs"), 500)
    assert "division" not in str(said)
    assert Need.objects.count() == 0


def test_making_tokens_is_for_who_may(world: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.make_token(by=world.by("沈岚"), name="x", user=world.user("沈岚"), allowed=["needs:read"])
    lone = Actor(kind="user", name="x", user_id=world.user("沈岚").pk, reaches={"api.manage": 4})
    with pytest.raises(NotAllowed):
        actions.make_token(by=lone, name="x", user=world.user("苏慕青"), allowed=["needs:read"])
    actions.make_token(by=lone, name="x", user=world.user("沈岚"), allowed=["needs:read"])


def test_revoking_is_for_who_may(desk: Program, world: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.revoke_token(ApiToken.objects.get(), by=world.by("沈岚"))
    assert desk.get("/me").status_code == 200


def test_tokens_that_cannot_be(world: Any) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": " "}, {"allowed": []}, {"allowed": ["everything"]}, {"expires_at": clock.now()}, {"per_minute": -1},
    ]  # fmt: skip
    for more in wrong:
        given: dict[str, Any] = {"name": "till", "user": world.user("沈岚"), "allowed": ["needs:read"], **more}
        with pytest.raises(Invalid):
            actions.make_token(by=SYSTEM, **given)
    assert not ApiToken.objects.exists()
