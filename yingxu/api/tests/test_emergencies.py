"""Emergencies by the API: what a monitoring system does (E1, E2)."""

from typing import Any

from yingxu.emergencies.models import Emergency

from .conftest import need, problem

BODY = {"title": "2 号库房恒温机组停机", "happened": "9 点压缩机停机。", "level": 1}


def test_declare_read_and_log(program: Any) -> None:
    desk = program("沈岚", "emergencies:write", "needs:write")
    number = desk.post("/needs", need()).json()["number"]
    made = desk.post("/emergencies", BODY | {"needs": [number]})
    assert made.status_code == 201, made.content.decode()
    found = made.json()
    assert found["state"] == "declared" and found["needs"] == [number] and found["leader"]["name"] == "秦望舒"
    assert made["Location"].endswith(found["number"])
    line = desk.post(f"/emergencies/{found['number']}/log", {"text": "W2 探头 27.4 度"})
    assert line.status_code == 201 and line.json()["who"].startswith("沈岚")
    whole = desk.get(f"/emergencies/{found['number']}").json()
    assert whole["log"][0]["text"] == "W2 探头 27.4 度" and whole["next_word_at"]
    assert [row["number"] for row in desk.get("/emergencies?sort=level&level=1").json()["items"]] == [found["number"]]
    assert desk.get("/emergencies?tab=drills").json()["items"] == []


def test_refusals(program: Any) -> None:
    reader, stranger = program("沈岚", "emergencies:read"), program("顾一鸣", "emergencies:write")
    assert problem(reader.post("/emergencies", BODY), 403)["code"] == "scope"
    problem(reader.get("/emergencies?state=running"), 400)
    problem(reader.get("/emergencies?tab=other"), 400)
    problem(program("沈岚", "emergencies:write").post("/emergencies", BODY | {"needs": ["2026-999999"]}), 404)
    made = program("沈岚", "emergencies:write").post("/emergencies", BODY).json()["number"]
    problem(stranger.get(f"/emergencies/{made}"), 404)
    problem(stranger.post(f"/emergencies/{made}/log", {"text": "x"}), 404)
    assert Emergency.objects.count() == 1


def test_a_list_takes_few_queries(program: Any, django_assert_max_num_queries: Any) -> None:
    desk = program("沈岚", "emergencies:write")
    for _i in range(5):
        desk.post("/emergencies", BODY)
    desk.get("/emergencies")
    with django_assert_max_num_queries(3):
        assert len(desk.get("/emergencies").json()["items"]) == 5
