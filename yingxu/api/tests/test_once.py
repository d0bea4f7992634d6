"""A repeated call makes nothing twice, whatever it makes (S7)."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from yingxu.api.models import Endpoint
from yingxu.files.models import File
from yingxu.needs.models import Link
from yingxu.privacy.tests.register import party
from yingxu.tasks.models import Task

from .conftest import need, problem


def declare(program: Any, key: str, **more: Any) -> Any:
    return program.post("/emergencies", {"title": "恒温机组停机", "happened": "压缩机停机。", "level": 1, **more}, idempotency_key=key)


def test_an_emergency_is_declared_once(program: Any) -> None:
    desk = program("沈岚", "emergencies:write")
    first, again = declare(desk, "probe-7"), declare(desk, "probe-7")
    assert (first.status_code, again.status_code) == (201, 201) and first.json()["number"] == again.json()["number"]
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first and again["Location"] == first["Location"]
    assert problem(declare(desk, "probe-7", level=2), 409)["code"] == "key_reused"
    problem(declare(desk, "probe-8", level=9), 422)
    assert declare(desk, "probe-8").status_code == 201, "what was refused leaves its key free"
    assert declare(program("沈岚", "emergencies:write"), "probe-7").json()["number"] != first.json()["number"], "keys of two tokens do not meet"
    number = first.json()["number"]
    lines = [desk.post(f"/emergencies/{number}/log", {"text": "27.4 度"}, idempotency_key="line-1").json()["id"] for _i in range(2)]
    assert lines[0] == lines[1]
    problem(desk.post(f"/emergencies/{number}/log", {"text": "28 度"}, idempotency_key="line-1"), 409)


def test_what_else_makes_rows_makes_them_once(program: Any) -> None:
    desk = program("沈岚", "needs:write", "tasks:write", "customers:write")
    number = desk.post("/needs", need()).json()["number"]
    desk.post(f"/needs/{number}/triage", {"category": "important"})
    desk.post(f"/needs/{number}/assignment", {"department": "pawn", "owner": "jiangtingyu"})
    pawn = program("江听雨", "needs:write", "tasks:write")
    for program_, path, body, mark in (
        (pawn, f"/needs/{number}/tasks", {"title": "第三方检测", "owner": "zhouyuan"}, "id"),
        (desk, "/customers", {"name": "季棠", "type": "person", "phone": "13900004245"}, "number"),
        (desk, f"/needs/{number}/split", {"parts": [need(), need()]}, "parts"),
    ):
        first, again = (program_.post(path, body, idempotency_key=mark) for _i in range(2))
        assert first.status_code == again.status_code == 201, again.content.decode()
        assert first.json()[mark] == again.json()[mark] and again["Idempotent-Replayed"] == "true"
    assert Task.objects.count() == 1 and Link.objects.count() == 2


def test_files_and_webhooks_are_made_once_too(program: Any, settings: Any) -> None:
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    desk = program("沈岚", "needs:write")
    number = desk.post("/needs", need()).json()["number"]

    def upload(name: str, key: str) -> Any:
        sent = {"files": SimpleUploadedFile(name, "当票 1".encode(), "text/plain")}
        headers = {"authorization": f"Bearer {desk.secret}", "idempotency-key": key}
        return desk.client.post(f"/api/v1/needs/{number}/files", sent, headers=headers)

    first, again = upload("a.txt", "files-1"), upload("a.txt", "files-1")
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json() and again["Idempotent-Replayed"] == "true"
    assert File.objects.filter(matter__number=number).count() == 1
    problem(upload("b.txt", "files-1"), 409)
    assert [f["name"] for f in upload("b.txt", "files-2").json()] == ["b.txt"]

    party("海棠仓储")
    admin = program("管鹿鸣", "webhooks:manage")
    hook = {"name": "库房", "url": "https://127.0.0.1:9443/in", "recipient": "海棠仓储", "purpose": "出库", "events": []}
    hook["events"] = [admin.get("/webhooks/events").json()[0]["name"]]
    made, same = (admin.post("/webhooks", hook, idempotency_key="hook-1") for _n in range(2))
    assert (made.status_code, same.status_code) == (201, 201), made.content.decode()
    assert made.json()["id"] == same.json()["id"] and Endpoint.objects.count() == 1
    assert made.json()["secret"].startswith("whsec_") and same.json()["secret"] == ""
