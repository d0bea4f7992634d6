"""Tasks by program (N14): give on a need, list, finish, take up, hand over, put off, withdraw; scopes; what is not seen is not there."""

from datetime import timedelta
from typing import Any

import pytest

from yingxu.base import clock

from .conftest import EVERYTHING, Program, need, problem

ALL = (*EVERYTHING, "tasks:write")


def soon(days: int = 2) -> str:
    return (clock.now() + timedelta(days=days)).astimezone(clock.zone()).isoformat()


@pytest.fixture
def number(program: Any) -> str:
    """A need that the pawn department has to accept."""
    desk = program("沈岚")
    found = desk.post("/needs", need()).json()["number"]
    desk.post(f"/needs/{found}/triage", {"category": "important"})
    desk.post(f"/needs/{found}/assignment", {"department": "pawn", "owner": "jiangtingyu"})
    return found


def given(pawn: Program, number: str, **more: Any) -> dict[str, Any]:
    answer = pawn.post(f"/needs/{number}/tasks", {"title": "第三方检测", "owner": "zhouyuan", "due_at": soon(), **more})
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def test_a_task_from_giving_to_done(program: Any, number: str) -> None:
    pawn, zhou = program("江听雨", *ALL), program("周予安", *ALL)
    task = given(pawn, number)
    assert (task["state"], task["origin"], task["owner"]["name"], task["number"], task["given_by"]["name"]) == ("open", "request", "周予安", number, "江听雨")
    assert [t["id"] for t in zhou.get("/tasks").json()["items"]] == [task["id"]]
    assert zhou.get(f"/tasks/{task['id']}").json()["subject"] == task["subject"]
    done = zhou.post(f"/tasks/{task['id']}/finish", {"result": "一致"}).json()
    assert (done["state"], done["result"], done["done_by"]["name"]) == ("done", "一致", "周予安")
    assert problem(zhou.post(f"/tasks/{task['id']}/finish", {}), 409)["code"] == "wrong_moment"
    assert pawn.post(f"/tasks/{task['id']}/reopening", {"reason": "少一页"}).json()["state"] == "open"
    later = zhou.post(f"/tasks/{task['id']}/postponement", {"until": soon(4), "reason": "机构排期"}).json()
    assert later["due_at"] == task["due_at"], "asked, not decided"
    assert zhou.post(f"/tasks/{task['id']}/transfer", {"owner": "fangyu", "reason": "要出库"}).json()["department"]["code"] == "vault"
    assert pawn.post(f"/tasks/{task['id']}/withdrawal", {"reason": "不用了"}).json()["state"] == "withdrawn"
    assert pawn.get(f"/needs/{number}/tasks").json() == []
    assert [t["id"] for t in pawn.get("/tasks?whose=given&state=any").json()["items"]] == [task["id"]]


def test_what_is_wrong_is_said(program: Any, number: str) -> None:
    pawn = program("江听雨", *ALL)
    assert "owner" in problem(pawn.post(f"/needs/{number}/tasks", {"title": "没有人"}), 422)["errors"]
    problem(pawn.post(f"/needs/{number}/tasks", {"title": "x", "owner": "nobody"}), 422)
    problem(pawn.post(f"/needs/{number}/tasks", {"title": "x", "owner": "zhouyuan", "due_at": "2026-03-02T10:00"}), 422)
    for query in ("whose=x", "state=x", "origin=x", "sort=x", "colour=red", "cursor=x"):
        problem(pawn.get(f"/tasks?{query}"), 400)
    problem(pawn.get("/tasks/999999"), 404)


def test_a_token_needs_the_scope_and_its_user_the_task(program: Any, number: str) -> None:
    task = given(program("江听雨", *ALL), number)
    reader = program("周予安", "tasks:read")
    assert reader.get("/tasks").status_code == 200
    assert "tasks:write" in problem(reader.post(f"/tasks/{task['id']}/finish", {}), 403)["title"]
    assert problem(program("周予安").get("/tasks"), 403)["code"] == "scope"
    stranger = program("方屿", *ALL)
    problem(stranger.get(f"/tasks/{task['id']}"), 404)
    problem(stranger.post(f"/tasks/{task['id']}/finish", {}), 404)
    assert stranger.get("/tasks?whose=all&state=any").json()["items"] == []


def test_the_list_is_followed_by_next(program: Any, number: str) -> None:
    pawn = program("江听雨", *ALL)
    for n in range(52):
        given(pawn, number, title=f"第 {n} 件")
    first = pawn.get("/tasks?whose=given").json()
    assert len(first["items"]) == 50 and first["previous"] is None
    second = pawn.get(first["next"].removeprefix("/api/v1")).json()
    assert len(second["items"]) == 2 and second["next"] is None
