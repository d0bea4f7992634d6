"""A customer's file by program (C1, C9, B2): sections, contracts, dealings; sealed values covered, hidden sections not there."""

from typing import Any

import pytest

from .conftest import problem

ALL = ("customers:read", "customers:write")


@pytest.fixture
def number(world: Any) -> str:
    return world.customer("砚台巷珠宝商行").matter.number


def test_sections(program: Any, number: str) -> None:
    desk, clerk = program("沈岚", *ALL), program("顾一鸣", "customers:read")
    first = {s["code"]: s for s in desk.get(f"/customers/{number}/sections").json()}
    assert {"scale", "business", "finance"} <= set(first) and "finance" not in {s["code"] for s in clerk.get(f"/customers/{number}/sections").json()}
    done = desk("PATCH", f"/customers/{number}/sections/scale", {"values": {"shops": "2"}, "why": "走访", "seen": first["scale"]["seen"]})
    assert done.status_code == 200 and next(f for f in done.json()["fields"] if f["code"] == "shops")["text"] == "2 间"
    problem(desk("PATCH", f"/customers/{number}/sections/scale", {"values": {"shops": "3"}, "seen": first["scale"]["seen"]}), 409)
    problem(desk("PATCH", f"/customers/{number}/sections/scale", {"values": {"cellars": "3"}}), 422)
    problem(desk("PATCH", f"/customers/{number}/sections/nothing", {"values": {"cellars": "3"}}), 404)
    sealed = desk("PATCH", f"/customers/{number}/sections/finance", {"values": {"guarantor": "310115199001010012"}}).json()
    fact = next(f for f in sealed["fields"] if f["code"] == "guarantor")
    assert fact["value"] is None and "19900101" not in fact["text"]
    problem(clerk("PATCH", f"/customers/{number}/sections/scale", {"values": {"shops": "3"}}), 403)


def test_contracts_and_dealings(program: Any, number: str) -> None:
    desk = program("沈岚", *ALL)
    made = desk.post(f"/customers/{number}/contracts", {"title": "质押合同", "amount": "2000000.00", "ends_on": "2030-01-01"})
    assert made.status_code == 201 and made.json()["state"] == "draft" and made.json()["amount"] == "2000000.00"
    assert [c["number"] for c in desk.get(f"/customers/{number}/contracts").json()] == [made.json()["number"]]
    problem(desk.post(f"/customers/{number}/contracts", {"title": "x", "amount": "-1"}), 422)
    said = desk.post(f"/customers/{number}/dealings", {"kind": "visit", "text": "第二间门店开业", "next_step": "答复寄售", "next_owner": "guyiming"})
    assert said.status_code == 201 and said.json()["task"]
    assert [d["text"] for d in desk.get(f"/customers/{number}/dealings").json()] == ["第二间门店开业"]
    problem(desk.post(f"/customers/{number}/dealings", {"kind": "dream", "text": "x"}), 422)
    problem(program("顾一鸣", "customers:read").post(f"/customers/{number}/dealings", {"kind": "visit", "text": "x"}), 403)
