"""Approvals by program: what waits for one's signature, signing it, asking; scopes; a password is asked for at the desk only."""

from typing import Any

from django.db import transaction

from yingxu.approvals import actions

from .conftest import EVERYTHING, problem

ALL = (*EVERYTHING, "approvals:write")
NEW = {"title": "外聘鉴定师一名", "details": "四月展会期间，两周。"}


def test_asked_and_signed_by_program(program: Any) -> None:
    clerk, head = program("顾一鸣", *ALL), program("江听雨", *ALL)
    answer = clerk.post("/approvals", NEW)
    assert answer.status_code == 201, answer.content.decode()
    asked = answer.json()
    assert (asked["chain"], asked["state"], asked["facts"][0][1]) == ("approvals.other", "open", NEW["details"])
    [row] = head.get("/approvals").json()["items"]
    assert row["id"] == asked["id"] and [p["name"] for p in asked["steps"][0]["waiting"]] == ["江听雨"]
    assert clerk.get("/approvals").json()["items"] == [] and clerk.get("/approvals?whose=mine").json()["items"][0]["id"] == asked["id"]
    assert problem(clerk.post(f"/approvals/{asked['id']}/approval", {}), 403)["code"] == "approvals.sign"
    assert problem(head.post(f"/approvals/{asked['id']}/refusal", {"reason": ""}), 422)
    assert problem(head.post(f"/approvals/{asked['id']}/approval", {"step": 9}), 409)
    done = head.post(f"/approvals/{asked['id']}/approval", {"words": "同意", "step": 1}).json()
    assert done["state"] == "granted"
    assert problem(head.post(f"/approvals/{asked['id']}/approval", {}), 409)["code"] == "wrong_moment"
    other = clerk.post("/approvals", NEW).json()["id"]
    assert head.post(f"/approvals/{other}/send-back", {"reason": "写明费用"}).json()["state"] == "sent_back"
    assert clerk.post(f"/approvals/{other}/withdrawal", {"reason": "不请了"}).json()["state"] == "withdrawn"
    third = clerk.post("/approvals", NEW).json()["id"]
    assert head.post(f"/approvals/{third}/refusal", {"reason": "用本店的人"}).json()["state"] == "refused"


def test_no_password_no_signature(program: Any, world: Any) -> None:
    with transaction.atomic():
        request = actions.ask(None, by=world.by("沈岚"), chain="archives.lower", title="降低密级", subject={"level": 1})
    keeper = program("秦望舒", *ALL)
    assert "password" in problem(keeper.post(f"/approvals/{request.pk}/approval", {}), 422)["errors"]


def test_what_one_may_not_see_is_not_there(program: Any) -> None:
    asked = program("顾一鸣", *ALL).post("/approvals", NEW).json()["id"]
    assert problem(program("方屿", *ALL).get(f"/approvals/{asked}"), 404)
    assert problem(program("江听雨", "needs:read").get("/approvals"), 403)["code"] == "scope"
    assert problem(program("江听雨", "approvals:read").post(f"/approvals/{asked}/approval", {}), 403)["code"] == "scope"
    assert problem(program("江听雨", *ALL).post("/approvals", {**NEW, "number": "2026-999999"}), 422)
    for query in ("whose=everybody", "state=x", "sort=x", "cursor=x", "colour=red"):
        assert problem(program("江听雨", *ALL).get(f"/approvals?{query}"), 400)
