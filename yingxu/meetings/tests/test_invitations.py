"""The invitation read back as a calendar reads it (RFC 5545, 5546): method, UID, SEQUENCE, zone, people, escaping, folding."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from yingxu.base import clock
from yingxu.meetings import actions, invitations
from yingxu.meetings.models import Meeting

from .conftest import AT

pytestmark = pytest.mark.django_db


def read(meeting: Meeting, **more) -> tuple[Calendar, object]:
    calendar = Calendar.from_ical(invitations.calendar(meeting, **more).decode())
    return calendar, calendar.walk("VEVENT")[0]


def test_a_request_says_everything_a_calendar_wants(room):
    meeting = room.call()
    calendar, event = read(meeting, url="https://yingxu.test/meetings/HY-2026-000001/")
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "REQUEST") and calendar["prodid"]
    assert str(event["uid"]) == meeting.uid and int(event["sequence"]) == 0 and str(event["status"]) == "CONFIRMED"
    assert event["dtstart"].dt == AT and event["dtend"].dt == AT + timedelta(hours=1) and event["dtstamp"].dt == clock.now()
    assert str(event["summary"]) == "复评协调会" and str(event["location"]) == "二楼会议室"
    assert "1. 两次评估的差别\n2. 谁去第三方检测" in str(event["description"])
    assert str(event["organizer"]) == "mailto:guyiming@yunxiu.test" and event["organizer"].params["CN"] == "顾一鸣"
    assert event.walk("VALARM")[0]["trigger"].dt == -timedelta(minutes=15)


def test_times_are_the_companys_with_their_zone(room):
    """Outlook shows a floating or unknown zone in the wrong hour: the zone is named and defined."""
    raw = invitations.calendar(room.call()).decode().replace("\r\n ", "")
    assert "DTSTART;TZID=Asia/Shanghai:20260318T141200" in raw and "DTEND;TZID=Asia/Shanghai:20260318T151200" in raw
    zones = Calendar.from_ical(raw).walk("VTIMEZONE")
    assert [str(z["tzid"]) for z in zones] == ["Asia/Shanghai"]
    assert any(s["tzoffsetto"].td == timedelta(hours=8) for s in zones[0].walk("STANDARD"))


def test_people_with_their_answers(room):
    meeting = room.call()
    actions.answer(meeting, by=room.by("周予安"), comes=True)
    actions.answer(meeting, by=room.by("方屿"), comes=False)
    people = {a.params["CN"]: a for a in read(meeting)[1]["attendee"]}
    assert {name: a.params["PARTSTAT"] for name, a in people.items()} == {"顾一鸣": "ACCEPTED", "周予安": "ACCEPTED", "方屿": "DECLINED"}
    assert people["顾一鸣"].params["ROLE"] == "CHAIR" and people["方屿"].params["RSVP"] == "TRUE"
    assert str(people["周予安"]) == "mailto:zhouyuan@yunxiu.test"


def test_somebody_without_mail_is_still_named(room):
    user = room.user("方屿")
    user.email = ""
    user.save()
    people = {a.params["CN"]: str(a) for a in read(room.call())[1]["attendee"]}
    assert people["方屿"] == f"urn:yingxu:person:{user.pk}"


def test_words_cannot_begin_another_line(room):
    """A title or place is data: commas, semicolons, breaks and colons come back as they were, and long Chinese is folded by bytes."""
    nasty = "复评；甲,乙\\丙 BEGIN:VEVENT " + "很长的地点" * 30
    meeting = room.call(title="一; 二, 三", place=nasty[:200], agenda="第一行\nATTACH:http://x")
    raw = invitations.calendar(meeting)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "folded at 75 octets"
    calendar, event = read(meeting)
    assert len(calendar.walk("VEVENT")) == 1 and str(event["location"]) == nasty[:200] and str(event["summary"]) == "一; 二, 三"
    assert "attach" not in event


def test_a_cancellation_for_one_names_only_that_person(room):
    meeting = room.call()
    calendar, event = read(meeting, only=meeting.attendees.select_related("user").get(user=room.user("方屿")))
    assert str(calendar["method"]) == "CANCEL" and str(event["attendee"]) == "mailto:fangyu@yunxiu.test" and not event.walk("VALARM")


def test_the_same_meeting_keeps_its_name_for_ever(room):
    meeting = room.call()
    uid = read(meeting)[1]["uid"]
    actions.reschedule(meeting, by=room.by("顾一鸣"), starts_at=AT + timedelta(hours=1), ends_at=AT + timedelta(hours=2))
    meeting.refresh_from_db()
    assert read(meeting)[1]["uid"] == uid and int(read(meeting)[1]["sequence"]) == 1
    assert room.call(title="另一个").uid != uid
