"""The list, the page, the dialogs, the file for one's calendar, by HTTP; and who sees which meeting."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from yingxu.base import clock
from yingxu.base.access import RULES
from yingxu.base.errors import Gone
from yingxu.meetings import actions, queries
from yingxu.meetings.models import Meeting, Purpose, State
from yingxu.people import queries as people
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Task

from .conftest import AT

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}
PEOPLE = ("沈岚", "顾一鸣", "周予安", "方屿", "程可", "江听雨", "秦望舒", "管鹿鸣")


@pytest.mark.parametrize("name", ["meetings.view", "meetings.lead", "meetings.answer"])
def test_rules_say_the_same_of_one_and_of_many(room, name):
    rule = RULES[name]
    room.call()
    room.call(by="江听雨", attendees=("秦望舒",), purpose=Purpose.MANAGEMENT)
    decided = room.call(by="程可", attendees=())
    with clock.at(AT + timedelta(minutes=1)):
        actions.decide(decided, by=room.by("程可"), nodes=[Node(title="查监控", due_at=AT + timedelta(days=1), owner=room.user("沈岚"))])
    for person in PEOPLE:
        by = room.by(person)
        rows = Meeting.objects.select_related("matter")
        assert {m.pk for m in rows if rule.allows(by, m)} == set(Meeting.objects.filter(rule.where(by)).values_list("pk", flat=True)), person
        for meeting in rows:
            assert (person in {u.name for u in people.holders(rule, meeting)}) == rule.allows(by, meeting)
    assert RULES["meetings.view"].allows(room.by("沈岚"), Meeting.objects.select_related("matter").get(pk=decided.pk)), "who has a task of it"


def test_the_list_by_part(room, enter):
    room.call()
    called_off = room.call(title="不开的会")
    actions.cancel(called_off, by=room.by("顾一鸣"), reason="重复")
    zhou = room.by("周予安")
    assert [m.title for m in queries.listed(zhou, queries.Wish()).rows] == ["复评协调会"]
    assert [m.title for m in queries.listed(zhou, queries.Wish(part="past")).rows] == ["不开的会"]
    assert len(queries.listed(zhou, queries.Wish(part="mine")).rows) == 2
    assert [m.title for m in queries.listed(zhou, queries.Wish(part="all", state=State.CANCELLED)).rows] == ["不开的会"]
    assert queries.listed(room.by("沈岚"), queries.Wish(part="all")).rows == [], "nobody's business but theirs"
    assert [m.title for m in queries.next_of(zhou)] == ["复评协调会"]
    page = enter("周予安").get("/meetings/").content.decode()
    assert "复评协调会" in page and "等你答复" in page
    assert "近期没有会议" in enter("沈岚").get("/meetings/").content.decode()
    assert "没有符合的会议" in enter("周予安").get("/meetings/?q=没有").content.decode()
    for wrong in ("part=x", "purpose=x", "state=x", "sort=x"):
        assert enter("周予安").get(f"/meetings/?{wrong}").status_code == 422


def test_the_list_costs_the_same_for_one_and_for_many(room, enter, django_assert_max_num_queries):
    for n in range(8):
        room.call(title=f"第 {n} 次")
    client = enter("周予安")
    client.get("/meetings/")
    with django_assert_max_num_queries(12):
        assert "第 7 次" in client.get("/meetings/").content.decode()


def test_a_meeting_is_called_by_form(room, enter):
    client = enter("顾一鸣")
    assert "<dialog" in client.get("/meetings/call/", **HX).content.decode()
    given = {
        "title": "月度例会", "purpose": "other", "starts_at": "2026-03-19T10:00", "minutes": "60", "place": "三楼", "link": "https://meet.test/1",
        "attendees": "周予安、方屿", "departments": [room.world.department("growth").pk], "chair": "江听雨", "agenda": "一\n二",
    }  # fmt: skip
    refused = client.post("/meetings/call/", {**given, "attendees": "周予安、没有这个人"})
    assert refused.status_code == 422 and "没有这个人" in refused.content.decode() and "月度例会" in refused.content.decode()
    done = client.post("/meetings/call/", given)
    meeting = Meeting.objects.get()
    assert done.status_code == 302 and done["Location"] == f"/meetings/{meeting.number}/"
    assert {a.user.name for a in meeting.attendees.all()} == {"江听雨", "周予安", "方屿", "贺兰舟"} and meeting.items == ["一", "二"]
    assert meeting.ends_at - meeting.starts_at == timedelta(hours=1)
    assert enter("管鹿鸣").get("/meetings/call/").status_code == 403
    assert client.get("/meetings/call/?about=2026-999999").status_code == 404


def test_the_page_and_its_verbs(room, enter):
    meeting = room.call()
    at = f"/meetings/{meeting.number}/"
    page = enter("周予安").get(at).content.decode()
    assert f"{at}answer/" in page and f"{at}cancel/" not in page and "两次评估的差别" in page
    assert enter("周予安").post(f"{at}answer/", {"comes": "yes", "words": "带上次的记录"}).status_code == 302
    assert enter("周予安").post(f"{at}cancel/", {"reason": "不开"}).status_code == 403
    gu = enter("顾一鸣")
    assert "带上次的记录" in gu.get(at).content.decode()
    form = gu.get(f"{at}reschedule/").content.decode()
    assert "周予安 (zhouyuan)" in form and "2026-03-18T14:12" in form
    given = {"starts_at": "2026-03-19T10:00", "minutes": "90", "place": "库房", "attendees": "周予安", "agenda": "一", "reason": "换地方"}
    assert gu.post(f"{at}reschedule/", given).status_code == 302
    meeting.refresh_from_db()
    assert meeting.place == "库房" and meeting.attendees.count() == 2
    assert gu.post(f"{at}cancel/", {"reason": "重复了"}).status_code == 302
    assert "重复了" in gu.get(at).content.decode()
    assert gu.get(f"{at}nothing/").status_code == 404 and enter("沈岚").get(at).status_code == 404
    with pytest.raises(Gone):
        queries.find(meeting.number, room.by("沈岚"))


def test_minutes_and_decisions_by_form(room, enter):
    meeting = room.call()
    at, gu = f"/meetings/{meeting.number}/", enter("顾一鸣")
    early = gu.post(f"{at}minutes/", {"text": "留着这句"})
    assert early.status_code == 409 and "留着这句" in early.content.decode()
    with clock.at(AT + timedelta(minutes=30)):
        assert gu.post(f"{at}minutes/", {"text": ""}).status_code == 422
        assert gu.post(f"{at}minutes/", {"text": "议定送检。", "attended": [room.user("周予安").pk]}).status_code == 302
        assert enter("周予安").post(f"{at}minutes/", {"text": "我来写"}).status_code == 403
        rows = {"node_title": ["送检", "缺日期"], "node_due": ["2026-03-20T17:00", ""], "node_department": ["", ""], "node_owner": ["周予安", ""]}
        wrong = gu.post(f"{at}decide/", rows)
        assert wrong.status_code == 422 and "缺日期" in wrong.content.decode() and not Task.objects.exists()
        more = gu.post(f"{at}decide/", {**rows, "more": "1"})
        assert more.content.decode().count("node_title") == 7
        rows = {name: values[:1] for name, values in rows.items()}
        assert gu.post(f"{at}decide/", rows).status_code == 302
        page = gu.get(at).content.decode()
    assert "议定送检。" in page and "送检" in page and Task.objects.get().owner.name == "周予安"


def test_the_invitation_as_a_file(room, enter):
    meeting = room.call()
    got = enter("周予安").get(f"/meetings/{meeting.number}/invitation.ics")
    assert got["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST" and f"{meeting.number}.ics" in got["Content-Disposition"]
    event = Calendar.from_ical(got.content.decode()).walk("VEVENT")[0]
    assert str(event["uid"]) == meeting.uid and str(event["url"]).endswith(f"/meetings/{meeting.number}/")
    assert enter("沈岚").get(f"/meetings/{meeting.number}/invitation.ics").status_code == 404


def test_the_list_as_a_workbook(room, enter):
    room.call()
    text = b"".join(enter("周予安").post("/meetings/export/", {"kind": "csv"}).streaming_content).decode()
    assert "复评协调会" in text and "周予安、方屿" in text.replace("顾一鸣、", "") or "方屿" in text
    assert "复评协调会" not in b"".join(enter("沈岚").post("/meetings/export/", {"kind": "csv"}).streaming_content).decode()


def test_who_else_has_the_meeting_open(room, enter):
    meeting = room.call()
    here = f"{meeting.matter_id}."
    for name in ("顾一鸣", "周予安"):
        assert f'data-live="here" data-mark="{here}"' in enter(name).get(f"/meetings/{meeting.number}/").content.decode()
    enter("顾一鸣").post("/pulse/", {"here": here, "typing": "1"})
    assert "顾一鸣 正在输入" in enter("周予安").post("/pulse/", {"here": here}).content.decode()
    assert enter("沈岚").post("/pulse/", {"here": here}).status_code == 204, "not invited: learns nothing"
    assert "沈岚" not in enter("顾一鸣").post("/pulse/", {"here": here}).content.decode()
