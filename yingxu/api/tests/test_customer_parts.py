"""The parts of a file by program (C1, C3, C8, A4): contacts, numbers, tags, papers, contracts; the past; merging; nothing hidden comes out."""

from typing import Any

import pytest

from yingxu.customers.models import Change, Customer
from yingxu.matters.models import Look, Matter

from .conftest import Program, problem

ALL = ("customers:read", "customers:write", "customers:merge")


@pytest.fixture
def number(world: Any) -> str:
    return world.customer("砚台巷珠宝商行").matter.number


@pytest.fixture
def writer(program: Any) -> Program:
    return program("沈岚", *ALL)


def test_contacts(program: Any, writer: Program, number: str) -> None:
    boss = writer.post(f"/customers/{number}/contacts", {"name": "韩策", "position": "店主", "role": "decides", "phone": "13900007777"})
    assert boss.status_code == 201 and boss.json()["role"] == "decides"
    clerk = writer.post(f"/customers/{number}/contacts", {"name": "小穆", "reports_to": boss.json()["id"]}, idempotency_key="c-1").json()
    again = writer.post(f"/customers/{number}/contacts", {"name": "小穆", "reports_to": boss.json()["id"]}, idempotency_key="c-1")
    assert again.json()["id"] == clerk["id"] and again["Idempotent-Replayed"] == "true"
    path = f"/customers/{number}/contacts/{clerk['id']}"
    done = writer("PATCH", path, {"stance": "for", "seen": clerk["seen"], "why": "电话"}).json()
    assert done["stance"] == "for" and Change.objects.filter(part="contact", field="stance", why="电话").exists()
    problem(writer("PATCH", path, {"stance": "against", "seen": clerk["seen"]}), 409)
    problem(writer("PATCH", f"/customers/{number}/contacts/{boss.json()['id']}", {"reports_to": clerk["id"]}), 422)
    problem(writer.post(f"/customers/{number}/contacts", {"name": "x", "reports_to": 999_999}), 422)
    problem(writer("PATCH", f"/customers/{number}/contacts/999999", {"stance": "for"}), 404)
    assert writer.post(f"{path}/retirement", {}).json()["active"] is False and writer.post(f"{path}/retirement", {"active": True}).json()["active"]
    assert {"韩策", "小穆"} <= {c["name"] for c in writer.get(f"/customers/{number}/contacts").json()}
    problem(program("顾一鸣", *ALL).post(f"/customers/{number}/contacts", {"name": "x"}), 403)
    problem(program("沈岚", "customers:read").post(f"/customers/{number}/contacts", {"name": "x"}), 403)


def test_numbers_and_tags(writer: Program, number: str) -> None:
    made = writer.post(f"/customers/{number}/identifiers", {"type": "phone", "text": "139 0000 8888"})
    assert made.status_code == 201 and "8888" not in made.json()["masked"][3:7] and "00008888" not in made.content.decode()
    problem(writer.post(f"/customers/{number}/identifiers", {"type": "phone", "text": "139 0000 8888"}), 422)
    gone = writer.post(f"/customers/{number}/identifiers/{made.json()['id']}/removal", {})
    assert gone.status_code == 200 and made.json()["id"] not in [i["id"] for i in gone.json()["identifiers"]]
    problem(writer.post(f"/customers/{number}/identifiers/{made.json()['id']}/removal", {}), 404)
    assert "急售" in writer.post(f"/customers/{number}/tags", {"add": ["急售"]}).json()["tags"]
    assert "急售" not in writer.post(f"/customers/{number}/tags", {"remove": ["急售"]}).json()["tags"]


def test_papers(writer: Program, number: str) -> None:
    made = writer.post(f"/customers/{number}/papers", {"kind": "licence", "name": "营业执照", "number": "91310000MA1K4X2P88", "valid_until": "2030-01-01"})
    assert made.status_code == 201 and "MA1K4X2P" not in made.content.decode() and made.json()["scans"] == []
    path = f"/customers/{number}/papers/{made.json()['id']}"
    assert writer("PATCH", path, {"valid_until": "2031-01-01"}).json()["valid_until"] == "2031-01-01"
    problem(writer("PATCH", path, {"issued_on": "2032-01-01"}), 422)
    assert writer.post(f"{path}/retirement", {"why": "换新证"}).json()["active"] is False
    assert [p["id"] for p in writer.get(f"/customers/{number}/papers").json()] == [made.json()["id"]]


def test_contracts_to_the_end(writer: Program, number: str) -> None:
    made = writer.post(f"/customers/{number}/contracts", {"title": "质押合同", "amount": "90000.00", "ends_on": "2030-01-01"}).json()
    path = f"/customers/{number}/contracts/{made['id']}"
    assert writer("PATCH", path, {"title": "最高额质押合同", "version": made["version"]}).json()["title"] == "最高额质押合同"
    problem(writer("PATCH", path, {"title": "别的", "version": made["version"]}), 409)
    assert writer.post(f"{path}/signing", {"signed_on": "2026-03-01"}).json()["state"] == "running"
    problem(writer.post(f"{path}/signing", {}), 409)
    problem(writer.post(f"{path}/plan", {"instalments": [{"due_on": "2026-12-31", "amount": "90000.01"}]}), 422)
    planned = writer.post(f"{path}/plan", {"instalments": [{"due_on": "2026-12-31", "amount": "40000"}, {"due_on": "2027-12-31", "amount": "50000"}]}).json()
    paid = writer.post(f"{path}/payments", {"instalment": planned["instalments"][0]["id"], "amount": "10000"}, idempotency_key="pay-1")
    again = writer.post(f"{path}/payments", {"instalment": planned["instalments"][0]["id"], "amount": "10000"}, idempotency_key="pay-1")
    assert paid.json()["instalments"][0]["paid"] == again.json()["instalments"][0]["paid"] == "10000.00"
    new = writer.post(f"{path}/renewal", {"begins_on": "2030-01-02", "ends_on": "2032-01-01"}).json()
    assert new["id"] != made["id"] and new["state"] == "running" and writer.get(path).json()["state"] == "renewed"
    assert writer.post(f"/customers/{number}/contracts/{new['id']}/ending", {"reason": "提前结清"}).json()["state"] == "ended"


def test_a_dealing_is_struck_out(program: Any, writer: Program, number: str) -> None:
    said = writer.post(f"/customers/{number}/dealings", {"kind": "visit", "text": "记错了客户"}).json()
    done = writer.post(f"/customers/{number}/dealings/{said['id']}/strike", {"reason": "记错客户"})
    assert done.json()["struck_why"] == "记错客户"
    problem(writer.post(f"/customers/{number}/dealings/{said['id']}/strike", {"reason": "再来"}), 409)
    other = writer.post(f"/customers/{number}/dealings", {"kind": "visit", "text": "看样"}).json()
    problem(program("顾一鸣", *ALL).post(f"/customers/{number}/dealings/{other['id']}/strike", {"reason": "不是我写的"}), 409)


def test_the_file_over_time(program: Any, writer: Program, world: Any, number: str) -> None:
    Matter.objects.filter(number=number).update(secrecy=1)
    writer("PATCH", f"/customers/{number}", {"address": "砚台巷 8 号"})
    told = writer.get(f"/customers/{number}/changes").json()["items"][0]
    assert told["new"] == "砚台巷 8 号" and told["by"].startswith("沈岚")
    now = writer.get(f"/customers/{number}/file").json()
    assert not now["past"] and any(text == "砚台巷 8 号" for part in now["parts"] for _label, text in part["facts"])
    problem(writer.get(f"/customers/{number}/file?on=2999-01-01"), 400)
    problem(writer.get(f"/customers/{number}/file?on=gestern"), 400)
    problem(writer.get(f"/customers/{number}/file?on=1999-01-01"), 422)
    story = writer.get(f"/customers/{number}/timeline").json()
    assert any(item["event"] == "customers.customer_changed" for item in story["items"])
    assert writer.get(f"/customers/{number}/timeline?after={story['last']}").json()["items"] == []
    assert Look.objects.filter(what=Look.What.API, matter__number=number).exists(), "reading a levelled file is written down"
    writer("PATCH", f"/customers/{number}/sections/finance", {"values": {"guarantor": "310115199001010012"}})
    assert "19900101" not in writer.get(f"/customers/{number}/file").content.decode()
    Matter.objects.filter(number=number).update(secrecy=3)
    for part in ("file", "changes", "timeline", "contacts", "papers", "merges", "duplicates"):
        problem(program("顾一鸣", "customers:read").get(f"/customers/{number}/{part}"), 404)


def test_two_files_become_one_and_two_again(program: Any, writer: Program, world: Any, number: str) -> None:
    other = writer.post("/customers", {"name": "砚台巷珠宝商行（分店）", "type": "organisation", "industry": "珠宝零售", "phone": "13900006666"}).json()["number"]
    assert other in [d["number"] for d in writer.get(f"/customers/{number}/duplicates").json()]
    assert isinstance(writer.get("/customers/suspected").json(), list)
    problem(writer.post(f"/customers/{number}/merge", {"gone": number}), 422)
    problem(writer.post(f"/customers/{number}/merge", {"gone": other, "choices": {"shoe_size": "gone"}}), 422)
    done = writer.post(f"/customers/{number}/merge", {"gone": other, "choices": {"industry": "gone"}}, idempotency_key="m-1")
    assert done.json()["industry"] == "珠宝零售" and done.json()["number"] == number
    assert writer.post(f"/customers/{number}/merge", {"gone": other, "choices": {"industry": "gone"}}, idempotency_key="m-1")["Idempotent-Replayed"] == "true"
    problem(writer.get(f"/customers/{other}"), 404)
    found = writer.get(f"/customers/{number}/merges").json()
    assert [m["gone"]["number"] for m in found] == [other] and found[0]["can_be_undone"]
    back = writer.post(f"/customers/{number}/merges/{found[0]['id']}/undo", {})
    assert back.json()["number"] == other and Customer.objects.get(matter__number=other).merged_into is None
    problem(writer.post(f"/customers/{number}/merges/{found[0]['id']}/undo", {}), 404)
    problem(program("沈岚", "customers:write").post(f"/customers/{number}/merge", {"gone": other}), 403)
    Matter.objects.filter(number=other).update(secrecy=3)
    problem(writer.post(f"/customers/{number}/merge", {"gone": other}), 422)
    assert other not in writer.get(f"/customers/{number}/duplicates").content.decode()
