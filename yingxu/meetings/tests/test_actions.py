"""Calling, moving, calling off, answering, minutes, decisions (N14): done, refused, wrong moment, stated, and sent to calendars."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Entry, Watcher
from yingxu.meetings import actions, queries
from yingxu.meetings.models import Meeting, State
from yingxu.notices.models import Delivery
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Origin

from .conftest import AT

pytestmark = pytest.mark.django_db


def told(meeting: Meeting) -> set[int]:
    return set(Entry.objects.filter(matter=meeting.matter).latest("id").tell)


def sent(meeting: Meeting) -> dict[str, Calendar]:
    """What is on its way to whom, newest only, read back."""
    found = {}
    for delivery in Delivery.objects.filter(channel="mail", key__startswith=f"meetings:{meeting.pk}:").order_by("id"):
        part = delivery.parts.get(mime="text/calendar")
        found[delivery.to] = Calendar.from_ical(bytes(part.body).decode())
    return found


def held(room, **more) -> Meeting:
    meeting = room.call(**more)
    with clock.at(AT + timedelta(minutes=5)):
        actions.record_minutes(meeting, by=room.by("顾一鸣"), text="议定复评。")
    return Meeting.objects.select_related("matter", "about").get(pk=meeting.pk)


def test_a_meeting_is_called(room):
    meeting = room.call(departments=[room.world.department("vault")])
    assert meeting.number == "HY-2026-000001" and meeting.chair.name == "顾一鸣"
    people = {a.user.name: (a.answer, a.department_id) for a in meeting.attendees.all()}
    assert people["顾一鸣"] == ("accepted", None) and people["周予安"] == ("invited", None)
    assert people["许清和"] == ("invited", room.world.department("vault").pk), "the head speaks for the department"
    assert told(meeting) == {room.user(n).pk for n in ("周予安", "方屿", "许清和")}, "everybody but who called it"


def test_it_is_about_a_matter_and_stated_there_too(room):
    """Who is invited follows what it is about; the owner of it is told."""
    matter = room.matter(owner="江听雨")
    with pytest.raises(Invalid):
        room.call(about=matter)  # 顾一鸣 may not see it: nobody registered who sees such matters
    meeting = held(room)
    with pytest.raises(Invalid):
        room.call(about=meeting.matter)
    assert not Watcher.objects.filter(matter=matter).exists()


def test_calling_is_refused(room):
    with pytest.raises(NotAllowed):
        room.call(by="管鹿鸣")
    for wrong in ({"title": ""}, {"ends_at": AT}, {"starts_at": AT - timedelta(days=3), "ends_at": AT - timedelta(days=2)}):
        with pytest.raises(Invalid):
            room.call(**wrong)
    headless = room.world.department("vault")
    headless.head = None
    headless.save()
    with pytest.raises(Invalid):
        room.call(departments=[headless])


def test_invitations_go_to_every_calendar(room):
    meeting = room.call()
    found = sent(meeting)
    assert set(found) == {f"{n}@yunxiu.test" for n in ("guyiming", "zhouyuan", "fangyu")}
    assert {str(c["method"]) for c in found.values()} == {"REQUEST"}
    room.user("方屿").email = ""
    room.user("方屿").save()
    assert len(sent(room.call(title="另一个会"))) == 2, "whoever has no address finds it on the page"


def test_another_time_is_an_update_everybody_answers_anew(room):
    meeting = room.call()
    actions.answer(meeting, by=room.by("周予安"), comes=True)
    actions.reschedule(meeting, by=room.by("顾一鸣"), starts_at=AT + timedelta(days=1), ends_at=AT + timedelta(days=1, hours=2), reason="鉴定师出差")
    meeting.refresh_from_db()
    assert meeting.sequence == 1 and {a.user.name: a.answer for a in meeting.attendees.all()} == {"顾一鸣": "accepted", "周予安": "invited", "方屿": "invited"}
    event = sent(meeting)["zhouyuan@yunxiu.test"].walk("VEVENT")[0]
    assert int(event["sequence"]) == 1 and event["dtstart"].dt == AT + timedelta(days=1) and str(event["uid"]) == meeting.uid
    assert meeting.place == "二楼会议室", "what is not given stays"


def test_another_place_keeps_the_answers(room):
    meeting = room.call()
    actions.answer(meeting, by=room.by("周予安"), comes=True)
    actions.reschedule(meeting, by=room.by("顾一鸣"), starts_at=meeting.starts_at, ends_at=meeting.ends_at, place="库房")
    assert meeting.attendees.get(user=room.user("周予安")).answer == "accepted"


def test_who_is_taken_out_gets_a_cancellation(room):
    meeting = room.call()
    actions.reschedule(
        meeting, by=room.by("顾一鸣"), starts_at=meeting.starts_at, ends_at=meeting.ends_at, attendees=[room.user("周予安"), room.user("程可")]
    )
    found = sent(meeting)
    assert str(found["fangyu@yunxiu.test"]["method"]) == "CANCEL" and str(found["chengke@yunxiu.test"]["method"]) == "REQUEST"
    assert {a.user.name for a in meeting.attendees.all()} == {"顾一鸣", "周予安", "程可"}
    assert room.user("方屿").pk in told(meeting)


def test_cancelled_leaves_every_calendar(room):
    meeting = room.call()
    with pytest.raises(Invalid):
        actions.cancel(meeting, by=room.by("顾一鸣"), reason=" ")
    actions.cancel(meeting, by=room.by("顾一鸣"), reason="客户撤回了")
    meeting.refresh_from_db()
    assert meeting.state == State.CANCELLED and meeting.matter.closed_at
    for calendar in sent(meeting).values():
        event = calendar.walk("VEVENT")[0]
        assert (str(calendar["method"]), str(event["status"]), int(event["sequence"])) == ("CANCEL", "CANCELLED", 1)
    with pytest.raises(WrongMoment):
        actions.cancel(meeting, by=room.by("顾一鸣"), reason="再一次")
    with pytest.raises(WrongMoment):
        actions.reschedule(meeting, by=room.by("顾一鸣"), starts_at=AT, ends_at=AT + timedelta(hours=1))
    with pytest.raises(WrongMoment):
        actions.answer(meeting, by=room.by("周予安"), comes=True)
    with pytest.raises(WrongMoment):
        actions.record_minutes(meeting, by=room.by("顾一鸣"), text="没开")
    with pytest.raises(WrongMoment):
        actions.decide(meeting, by=room.by("顾一鸣"), nodes=[])


def test_answers_go_to_the_chair(room):
    meeting = room.call()
    actions.answer(meeting, by=room.by("周予安"), comes=False, words="那天出差，请程可代")
    mine = meeting.attendees.get(user=room.user("周予安"))
    assert (mine.answer, mine.words) == ("declined", "那天出差，请程可代") and told(meeting) == {room.user("顾一鸣").pk}
    with pytest.raises(NotAllowed):
        actions.answer(meeting, by=room.by("程可"), comes=True)


def test_only_who_leads_changes_it(room):
    meeting = room.call()
    for verb, given in (
        (actions.reschedule, {"starts_at": AT, "ends_at": AT + timedelta(hours=2)}), (actions.cancel, {"reason": "不开"}),
        (actions.record_minutes, {"text": "纪要"}), (actions.decide, {"nodes": []}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb(meeting, by=room.by("周予安"), **given)


def test_minutes_are_kept_in_versions(room):
    meeting = room.call()
    with pytest.raises(WrongMoment):
        actions.record_minutes(meeting, by=room.by("顾一鸣"), text="太早")
    with clock.at(AT + timedelta(minutes=50)):
        actions.record_minutes(meeting, by=room.by("顾一鸣"), text="议定送检。", attended=[room.user("顾一鸣").pk, room.user("周予安").pk])
        actions.record_minutes(meeting, by=room.by("顾一鸣"), text="议定送检，周五前出结果。")
    meeting.refresh_from_db()
    assert meeting.state == State.HELD
    assert [(m.version, m.text) for m in queries.minutes(meeting)] == [(2, "议定送检，周五前出结果。"), (1, "议定送检。")]
    assert {a.user.name: a.attended for a in meeting.attendees.all()} == {"顾一鸣": True, "周予安": True, "方屿": False}
    with pytest.raises(Invalid):
        with clock.at(AT + timedelta(hours=1)):
            actions.record_minutes(meeting, by=room.by("顾一鸣"), text="")


def test_what_was_decided_becomes_tasks(room):
    meeting = held(room)
    due = clock.now() + timedelta(days=2)
    made = actions.decide(
        meeting, by=room.by("顾一鸣"),
        nodes=[Node(title="送第三方检测", due_at=due, owner=room.user("周予安")), Node(title="出库拍照", due_at=due, department=room.world.department("vault"))],
    )  # fmt: skip
    assert [(t.title, t.origin, t.matter_id) for t in made] == [(t, Origin.MEETING, meeting.pk) for t in ("送第三方检测", "出库拍照")]
    assert [t.pk for t in queries.outcomes(meeting, room.by("顾一鸣"))] == [t.pk for t in made]
    for wrong in ([], [Node(title="没有人", due_at=due)], [Node(title="过去", due_at=clock.now(), owner=room.user("周予安"))]):
        with pytest.raises(Invalid):
            actions.decide(meeting, by=room.by("顾一鸣"), nodes=wrong)
