"""The whole loop by the API: two rounds, and every other verb once (U3, N4 to N12)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yingxu.base import clock
from yingxu.needs.models import Need

from .conftest import Program, need, problem


@pytest.fixture
def people(program: Any) -> dict[str, Program]:
    return {"desk": program("沈岚"), "head": program("苏慕青"), "pawn": program("江听雨")}


def act(caller: Program, number: str, verb: str, body: Any = None, **headers: str) -> dict[str, Any]:
    answer = caller.post(f"/needs/{number}/{verb}", body, **headers)
    assert answer.status_code == 200, answer.content.decode()
    assert set(answer.json()) == {"number", "title", "state", "step", "round", "category", "department", "owner", "version", "changed_at"}
    return answer.json()


def soon(days: int = 2) -> str:
    return (clock.now() + timedelta(days=days)).astimezone(clock.zone()).isoformat()


def handled(people: dict[str, Program], number: str) -> None:
    desk, pawn = people["desk"], people["pawn"]
    act(desk, number, "triage", {"category": "important", "urgency": 3, "reason": "金额大"})
    act(desk, number, "assignment", {"department": "pawn", "owner": "jiangtingyu"})
    act(pawn, number, "acceptance")
    act(pawn, number, "plan", {"measures": "复评", "nodes": [{"title": "师傅复评", "due_at": soon(), "owner": "guyiming"}]})
    plan = pawn.get(f"/needs/{number}").json()["plan"]
    problem(pawn.post(f"/needs/{number}/result", {"done": "x", "answer": "y"}), 409)
    act(pawn, number, "nodes", {"node": plan["nodes"][0]["id"]})
    act(pawn, number, "progress", {"text": "已约好师傅", "to_customer": True})
    act(pawn, number, "result", {"done": "复评一次", "answer": "维持 36 万"})
    assert problem(pawn.post(f"/needs/{number}/plan", {"measures": "太晚了"}), 409)["code"] == "wrong_moment"
    act(desk, number, "review")
    act(desk, number, "feedback", {"channel": "phone"})


def test_two_rounds(people: dict[str, Program]) -> None:
    desk = people["desk"]
    number = desk.post("/needs", need()).json()["number"]
    handled(people, number)
    assert act(desk, number, "rejection", {"reason": "没换人复评", "channel": "phone"})["round"] == 2
    handled(people, number)
    assert act(desk, number, "confirmation", {"rating": 5, "channel": "phone"})["state"] == "visit"
    assert act(desk, number, "visit", {"satisfied": True, "notes": "都好"})["state"] == "closed"
    whole = desk.get(f"/needs/{number}").json()
    assert whole["rating"] == 5 and whole["round"] == 2 and whole["step"] == 10 and len(whole["rounds"]) == 1
    story = desk.get(f"/needs/{number}/timeline").json()
    assert [e["event"] for e in story["items"]].count("needs.need_accepted") == 2
    assert any(e["words"] and e["words"]["body"] == "没换人复评" for e in story["items"])
    assert desk.get(f"/needs/{number}/timeline?after={story['last']}").json()["items"] == []


def test_answer_on_the_spot(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    assert act(desk, number, "answer", {"answer": "周一到周五都可以来看"})["state"] == "closed"
    problem(desk.post(f"/needs/{number}/answer", {"answer": "再说一次"}), 409)


def test_watch_and_promote(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    day = (clock.today() + timedelta(days=30)).isoformat()
    assert act(desk, number, "watch", {"review_on": day, "signals": "新店开张", "reviewer": "shenlan"})["state"] == "watching"
    assert desk.get("/needs?queue=watching").json()["items"][0]["review_on"] == day
    assert act(desk, number, "promote", {"reason": "开张了"})["state"] == "triage"
    assert act(desk, number, "closure", {"outcome": "declined", "reason": "做不了"})["state"] == "closed"


def test_return_hold_send_back_transfer(people: dict[str, Program]) -> None:
    desk, pawn = people["desk"], people["pawn"]
    number = desk.post("/needs", need()).json()["number"]
    act(desk, number, "triage", {"category": "general"})
    act(desk, number, "assignment", {"department": "pawn"})
    assert act(pawn, number, "return", {"reason": "归鉴定部"})["state"] == "triage"
    act(desk, number, "triage", {"category": "general"})
    act(desk, number, "assignment", {"department": "pawn"})
    act(pawn, number, "acceptance")
    act(pawn, number, "hold", {"reason": "等客户的发票"})
    assert desk.get("/needs?held=1").json()["items"][0]["number"] == number
    act(pawn, number, "resume")
    act(pawn, number, "plan", {"measures": "看发票"})
    act(pawn, number, "result", {"done": "看了", "answer": "可以"})
    assert act(desk, number, "send-back", {"reason": "写得不清楚"})["state"] == "handling"
    act(pawn, number, "transfer", {"owner": "guyiming"})
    assert act(pawn, number, "transfer", {"department": "appraisal", "reason": "要鉴定"})["state"] == "acceptance"
    problem(pawn.post(f"/needs/{number}/progress", {"text": "x"}), 404)


def test_more_time(people: dict[str, Program], program: Any) -> None:
    desk, pawn = people["desk"], people["pawn"]
    number = desk.post("/needs", need()).json()["number"]
    act(desk, number, "triage", {"category": "general"})
    act(desk, number, "assignment", {"department": "pawn"})
    act(pawn, number, "acceptance")
    answer = pawn.post(f"/needs/{number}/extension", {"step": "handling", "until": soon(60), "reason": "送检要时间"})
    assert answer.status_code == 201 and answer.json()["decision"] == "waiting"
    assert "step" in problem(pawn.post(f"/needs/{number}/extension", {"step": "visit", "until": soon(60), "reason": "x"}), 422)["errors"]


def test_words_tags_following(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    act(desk, number, "tags", {"add": ["急", "手表"]})
    act(desk, number, "tags", {"remove": ["急"]})
    act(desk, number, "notes", {"text": "内部看"})
    act(desk, number, "replies", {"text": "请问是哪一块？", "question": True})
    act(desk, number, "said", {"text": "蓝色那块", "channel": "phone"})
    act(desk, number, "follow")
    act(desk, number, "unfollow")
    found = desk.get("/needs?tag=%E6%89%8B%E8%A1%A8").json()["items"]
    assert [row["tags"] for row in found] == [["手表"]]
    voices = [e["words"]["voice"] for e in desk.get(f"/needs/{number}/timeline").json()["items"] if e["words"]]
    assert voices == ["internal", "told", "said"]


def test_straight_to_management(people: dict[str, Program], program: Any) -> None:
    """N13: raised, handed on, answered, raised again, decided, and once taken back; the chain is on the need."""
    desk, boss, head = people["desk"], program("陆砚秋"), program("秦望舒")
    number = desk.post("/needs", need()).json()["number"]
    act(desk, number, "raise", {"question": "能不能按 42 万放款？", "why": "客户今晚的飞机"})
    problem(desk.post(f"/needs/{number}/raise", {"question": "再问一次"}), 409)
    problem(desk.post(f"/needs/{number}/decision", {"text": "我定"}), 403)
    assert {"decide", "advise", "delegate"} <= set(boss.get(f"/needs/{number}").json()["verbs"])
    act(boss, number, "delegation", {"to": "qinwangshu", "due_on": soon(3)[:10], "text": "你来核"})
    act(head, number, "management-answer", {"text": "先问清来源"})
    act(desk, number, "raise", {"question": "来源问清了，放不放？", "to": "luyanqiu", "waits": True})
    act(boss, number, "decision", {"text": "放 40 万"})
    act(desk, number, "raise", {"question": "要不要上门？"})
    act(desk, number, "raise-withdrawal", {"reason": "客户自己来"})
    raises = desk.get(f"/needs/{number}").json()["raises"]
    assert [r["state"] for r in raises] == ["withdrawn", "decided", "answered"]
    assert raises[1]["words"] == "放 40 万" and raises[1]["ended_by"]["username"] == "luyanqiu"
    assert raises[2]["delegations"][0]["to"]["username"] == "qinwangshu"
    assert "to" in problem(desk.post(f"/needs/{number}/raise", {"question": "问谁", "to": "guyiming"}), 422)["errors"]


def test_a_reply_by_a_program_is_a_first_response(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    act(desk, number, "replies", {"text": "收到，今天答复您"})
    clocks = {c["step"]: c["outcome"] for c in desk.get(f"/needs/{number}").json()["clocks"]}
    assert clocks["first_response"] == "met"


def test_merge_link_split(desk: Program, people: dict[str, Program]) -> None:
    one, two, three = (desk.post("/needs", need(body=f"第 {i} 件")).json()["number"] for i in range(3))
    act(desk, one, "link", {"other": two})
    assert desk.get(f"/needs/{one}").json()["links"][0]["number"] == two
    act(desk, one, "unlink", {"other": two})
    assert act(desk, three, "merge", {"into": one})["state"] == "merged"
    assert desk.get(f"/needs/{three}").json()["merged_into"] == one
    assert act(desk, three, "unmerge")["state"] == "triage"
    assert "into" in problem(desk.post(f"/needs/{three}/merge", {"into": "2026-999999"}), 422)["errors"]
    made = people["desk"].post(f"/needs/{two}/split", {"parts": [need(body="甲"), need(body="乙")]})
    assert made.status_code == 201 and len(made.json()["parts"]) == 2


def test_void(program: Any) -> None:
    head = program("苏慕青")
    number = head.post("/needs", need()).json()["number"]
    assert act(head, number, "void", {"reason": "重复登记"})["state"] == "void"


def test_amend_says_what_changed_meanwhile(desk: Program, world: Any) -> None:
    number = desk.post("/needs", need()).json()["number"]
    tag = desk.get(f"/needs/{number}")["ETag"]
    act(desk, number, "amend", {"title": "看表", "customer": world.customer("砚台巷珠宝商行").matter.number}, if_match=tag)
    by_header = desk.post(f"/needs/{number}/amend", {"title": "看手表"}, if_match=tag)
    assert problem(by_header, 412)["theirs"]["title"] == {"theirs": "看表", "yours": "看手表"}
    assert problem(desk.post(f"/needs/{number}/amend", {"title": "看手表", "version": 1}), 409)["code"] == "stale"
    assert "version" in problem(desk.post(f"/needs/{number}/amend", {"title": "看手表"}), 422)["errors"]
    problem(desk.post(f"/needs/{number}/amend", {"title": "看手表"}, if_match="gone"), 400)
    act(desk, number, "amend", {"title": "看手表", "version": 2})
    assert Need.objects.get(matter__number=number).matter.title == "看手表"


def test_files(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    picture = SimpleUploadedFile("说明.txt", "发票在后面".encode())
    answer = Client().post(f"/api/v1/needs/{number}/files?public=true", {"files": [picture]}, headers={"authorization": f"Bearer {desk.secret}"})
    assert answer.status_code == 201, answer.content.decode()
    assert [f["name"] for f in answer.json()] == ["说明.txt"]
    story = desk.get(f"/needs/{number}/timeline").json()["items"]
    assert [f["public"] for e in story for f in e["files"]] == [True]
    problem(Client().post(f"/api/v1/needs/{number}/files", {}, headers={"authorization": f"Bearer {desk.secret}"}), 422)
    problem(desk.post(f"/needs/{number}/files", b"--x", content_type="multipart/form-data; boundary=x"), 422)
    problem(desk.post(f"/needs/{number}/files", b"--x", content_type="multipart/form-data"), 400)


def test_a_verb_sent_twice_under_one_key_is_done_once(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    first = desk.post(f"/needs/{number}/replies", {"text": "收到"}, idempotency_key="r1")
    again = desk.post(f"/needs/{number}/replies", {"text": "收到"}, idempotency_key="r1")
    assert (first.status_code, again.status_code) == (200, 200) and again["Idempotent-Replayed"] == "true"
    assert problem(desk.post(f"/needs/{number}/replies", {"text": "别的"}, idempotency_key="r1"), 409)["code"] == "key_reused"
    assert sum(bool(e["words"]) for e in desk.get(f"/needs/{number}/timeline").json()["items"]) == 1


def test_a_refused_verb_does_not_use_up_its_key(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    problem(desk.post(f"/needs/{number}/assignment", {"department": "pawn"}, idempotency_key="a1"), 409)
    act(desk, number, "triage", {"category": "general"})
    act(desk, number, "assignment", {"department": "pawn"}, idempotency_key="a1")
