"""Classes, prospects, care and upkeep by program (C4, C5, A5, A7)."""

from datetime import datetime
from typing import Any

import pytest

from tests.world import company
from yingxu.base import clock
from yingxu.matters.models import Matter
from yingxu.relations import actions as relations
from yingxu.relations import jobs
from yingxu.relations.models import Override
from yingxu.upkeep import jobs as upkeep

from .conftest import problem

MORNING = datetime(2026, 3, 25, 9, tzinfo=clock.zone())
ALL = ("customers:read", "relations:write", "upkeep:write")


@pytest.fixture
def world(db: None) -> Any:
    """Everything begins on the morning of Wednesday, 25 March 2026."""
    with clock.at(MORNING):
        made = company("pawnshop")
        made.customer("季棠")
        made.customer("砚台巷珠宝商行")
        yield made


@pytest.fixture
def number(world: Any) -> str:
    return world.customer("砚台巷珠宝商行").matter.number


def test_classes(program: Any, world: Any, number: str) -> None:
    jobs.finish(relations.nightly(clock.today()))
    desk = program("沈岚", *ALL)
    read = desk.get(f"/customers/{number}/classes").json()
    assert {c["dimension"] for c in read["classes"]} == {"grade", "stage", "tenure", "size"}
    problem(desk.post(f"/customers/{number}/classes/grade", {"value": "A", "reason": ""}), 422)
    problem(desk.post(f"/customers/{number}/classes/grade", {"value": "Z", "reason": "x"}), 422)
    problem(desk.post(f"/customers/{number}/classes/shoes", {"value": "A", "reason": "x"}), 422)
    done = desk.post(f"/customers/{number}/classes/grade", {"value": "A", "reason": "总经理的老客户", "until": "2198-01-01"}).json()
    grade = next(c for c in done["classes"] if c["dimension"] == "grade")
    assert grade["value"] == "A" and grade["held"]["reason"] == "总经理的老客户" and done["turns"][0]["new"] == "A"
    assert number in [c["number"] for c in desk.get("/classes?grade=A&set=1").json()["items"]]
    problem(desk.get("/classes?grade=Q"), 400)
    problem(desk.get("/classes?colour=red"), 400)
    assert desk.post(f"/customers/{number}/classes/grade/rules", {"reason": "不再需要"}).json()["classes"][0]["held"] is None
    problem(desk.post(f"/customers/{number}/classes/grade/rules", {}), 409)
    problem(program("沈岚", "customers:read").post(f"/customers/{number}/classes/grade", {"value": "A", "reason": "x"}), 403)
    Matter.objects.filter(number=number).update(secrecy=3)
    problem(program("顾一鸣", "customers:read").get(f"/customers/{number}/classes"), 404)
    assert number not in program("顾一鸣", "customers:read").get("/classes").content.decode()
    assert not Override.objects.filter(reason="总经理的老客户", ended_at=None).exists()


def test_prospects(program: Any, number: str) -> None:
    desk = program("沈岚", *ALL)
    steps = desk.get("/prospects/steps").json()
    wanted = {fact["code"]: "知道" for step in steps["steps"] for fact in step["facts"]}
    made = desk.post(f"/customers/{number}/prospects", {"source": "展会", "expected_amount": "300000", "owner": "shenlan"})
    assert made.status_code == 201 and made.json()["step"] == "identify" and made.json()["owner"]["username"] == "shenlan"
    problem(desk.post(f"/customers/{number}/prospects", {}), 409)
    if steps["steps"][1]["facts"]:
        problem(desk.post(f"/customers/{number}/prospects/move", {"step": "screen"}), 422)
    assert desk.post(f"/customers/{number}/prospects/move", {"step": "screen", "facts": wanted}, idempotency_key="mv").json()["step"] == "screen"
    problem(desk.post(f"/customers/{number}/prospects/move", {"step": "identify"}), 422)
    assert desk.post(f"/customers/{number}/prospects/next-step", {"title": "约看样", "due_at": "2198-01-01T09:00:00+08:00"}).json()["next_step"] == "约看样"
    assert desk.post(f"/customers/{number}/prospects/amendment", {"expected_amount": "250000.00", "expected_on": "2027-01-01"}).json()["expected_amount"] == "250000.00"
    assert [p["customer"]["number"] for p in desk.get("/prospects?step=screen").json()["items"]] == [number]
    assert next(s for s in desk.get("/prospects/steps").json()["steps"] if s["step"] == "screen")["open"] == 1
    problem(desk.post(f"/customers/{number}/prospects/loss", {"reason": "天气"}), 422)
    lost = desk.post(f"/customers/{number}/prospects/loss", {"reason": steps["lost_reasons"][0]}).json()
    assert lost["outcome"] == "lost" and [m["to"] for m in desk.get(f"/customers/{number}/prospects").json()[0]["moves"]] == ["identify", "screen", "lost"]
    problem(program("沈岚", "customers:read").post(f"/customers/{number}/prospects", {}), 403)


def test_birthdays_and_care(program: Any, world: Any, number: str) -> None:
    desk = program("沈岚", *ALL)
    made = desk.post(f"/customers/{number}/birthdays", {"month": 8, "day": 15, "lunar": True}).json()
    assert made["lunar"] and made["next_on"] >= clock.today().isoformat()
    problem(desk.post(f"/customers/{number}/birthdays", {"month": 2, "day": 30}), 422)
    problem(desk.post(f"/customers/{number}/birthdays", {"month": 2, "day": 3, "contact": 999_999}), 422)
    assert [b["id"] for b in desk.get(f"/customers/{number}/birthdays").json()] == [made["id"]]
    assert desk.post(f"/customers/{number}/birthdays/{made['id']}/removal", {}).json() == []
    problem(desk.post(f"/customers/{number}/birthdays/{made['id']}/removal", {}), 404)
    desk.post(f"/customers/{number}/birthdays", {"month": 3, "day": 27, "contact": world.customer("砚台巷珠宝商行").contacts.first().pk})
    assert jobs.plan_care(clock.today())
    one = next(c for c in desk.get("/care?month=2026-03&state=planned").json() if c["customer"]["number"] == number)
    assert one["on"] == "2026-03-27" and one["id"] in [c["id"] for c in desk.get(f"/customers/{number}/care").json()]
    problem(desk.post(f"/customers/{number}/care/{one['id']}", {"done": False}), 422)
    assert desk.post(f"/customers/{number}/care/{one['id']}", {"done": True, "result": "打了电话"}).json()["state"] == "done"
    problem(desk.post(f"/customers/{number}/care/{one['id']}", {"done": True}), 409)
    problem(desk.get("/care?month=2026-13"), 400)


def test_upkeep(program: Any, world: Any, number: str) -> None:
    with clock.at(MORNING.replace(month=4, day=1, hour=8)):
        upkeep.turn()
        desk = program("沈岚", *ALL)
        mine = desk.get("/upkeep/sheets").json()
        sheet = next(s for s in mine if s["kind"] == "quarter")
        assert sheet["rate"]["open"] == sheet["rate"]["all"] > 0
        found = next(r for r in desk.get("/upkeep/rounds?kind=quarter").json()["items"] if r["starts_on"] == "2026-04-01")
        assert sheet["number"] in [s["number"] for s in desk.get(f"/upkeep/rounds/{found['id']}").json()["sheets"]]
        path = f"/upkeep/sheets/{sheet['number']}"
        lines = {line["customer"]["number"]: [c["field"] for c in line["checks"]] for line in desk.get(path).json()["lines"]}
        assert "address" in lines[number]
        problem(desk.post(f"{path}/results", {"customer": number, "results": {"address": "unreachable"}}), 422)
        problem(desk.post(f"{path}/results", {"customer": number, "results": {"address": "changed"}}), 422)
        problem(desk.post(f"{path}/results", {"customer": "KH-1999-000001", "results": {"address": "confirmed"}}), 422)
        done = desk.post(f"{path}/results", {"customer": number, "results": {"address": "changed"}, "values": {"address": "新址 9 号"}}).json()
        assert done["rate"]["changed"] == 1 and desk.get(f"/customers/{number}").json()["address"] == "新址 9 号"
        problem(program("沈岚", "upkeep:read").post(f"{path}/results", {"customer": number, "results": {"address": "confirmed"}}), 403)
        problem(program("顾一鸣", "upkeep:read").get(path), 404)
        news = desk.post(f"/customers/{number}/news", {"text": "换了法人", "learned_on": "2026-04-01"}).json()
        assert news["id"] in [n["id"] for n in desk.get("/upkeep/news").json()["items"]]
        assert desk.post(f"/upkeep/news/{news['id']}/entry", {}).json()["entered_at"]
        problem(desk.post(f"/upkeep/news/{news['id']}/entry", {}), 409)
        mine = desk.get("/upkeep/reports?part=mine").json()["items"]
        assert [r["month"] for r in mine] == ["2026-03"]
        report = f"/upkeep/reports/{mine[0]['number']}"
        problem(program("苏慕青", *ALL).get(report), 404)
        assert desk.post(f"{report}/words", {"summary": "平稳"}).json()["summary"] == "平稳"
        handed = desk.post(f"{report}/submission", {"summary": "平稳"}).json()
        assert handed["state"] == "submitted" and {"customers", "needs"} <= {f["code"] for f in handed["figures"]}
        problem(desk.post(f"{report}/reading", {}), 403)
        assert program("苏慕青", *ALL).post(f"{report}/comments", {"text": "收到"}).json()["state"] == "answered"
