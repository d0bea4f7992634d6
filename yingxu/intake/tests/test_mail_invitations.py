"""Calendars answering by mail (RFC 5546): the answer of who is invited to the meeting they were invited to, in the order they said it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from yingxu.base import clock
from yingxu.intake.mail import arriving, invitations
from yingxu.intake.mail.reading import read
from yingxu.intake.models import Mailbox, Received
from yingxu.matters.models import Entry
from yingxu.meetings import actions as meetings
from yingxu.meetings import invitations as invites
from yingxu.meetings.models import Attendee, Meeting
from yingxu.needs.models import Need
from yingxu.notices.models import MailOut
from yingxu.people.models import User

from .letters import US, letter

S, R = Received.State, Received.Reason
WHO = "zhouyuan@yunxiu.example"


@pytest.fixture
def meeting(importer: Any) -> Meeting:
    user = User.objects.create(username="zhouyuan", name="周予安", email=WHO)
    at = clock.now() + timedelta(hours=5)
    return meetings.call(by=importer, title="复评协调会", starts_at=at, ends_at=at + timedelta(hours=1), attendees=[user])


@pytest.fixture
def come(importer: Any) -> Any:
    box = Mailbox.objects.create(name="客服", address=US, way="delivered")

    def arrive(raw: bytes) -> Received:
        row = arriving.take_in(raw, box)
        arriving.sort(row.pk)
        row.refresh_from_db()
        return row

    return arrive


def reply(uid: str, status: str = "ACCEPTED", *, who: str = WHO, sender: str = WHO, sequence: int = 0, minutes: int = 0, comment: str = "", method: str = "REPLY", n: int = 1) -> bytes:
    stamp = (clock.now() + timedelta(minutes=minutes)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    ics = "\r\n".join([
        "BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "END:VTIMEZONE", "BEGIN:VEVENT", f"UID:{uid[:20]}\r\n {uid[20:]}", f"SEQUENCE:{sequence}",
        f"DTSTAMP:{stamp}", f'ATTENDEE;CN="周: 予安";PARTSTAT={status}:MAILTO:{who}', f"COMMENT:{comment}", "BEGIN:VALARM", "UID:other", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    return letter("已接受", subject="已接受: 复评协调会", sender=sender, message_id=f"<r{n}-{status}-{minutes}@mail.example>", files=(("invite.ics", "text/calendar", ics.encode()),))


def test_an_answer_is_put_to_its_meeting(meeting: Meeting, come: Any) -> None:
    row = come(reply(meeting.uid, comment="会晚\\, 十分钟"))
    assert (row.state, row.about) == (S.ANSWER, meeting.matter), row.trouble
    mine = meeting.attendees.get(user__username="zhouyuan")
    assert (mine.answer, mine.words, mine.by_mail) == (Attendee.Answer.ACCEPTED, "会晚, 十分钟", True)
    entry = Entry.objects.get(event="meetings.invitation_answered")
    assert row.entry == entry and entry.actor_kind == "system" and not Need.objects.exists()


def test_later_words_count_whatever_comes_first(meeting: Meeting, come: Any) -> None:
    """DTSTAMP orders what one person says; a repetition changes nothing."""
    declined = reply(meeting.uid, "DECLINED", minutes=-1)
    come(declined)
    early = come(reply(meeting.uid, "ACCEPTED", minutes=-5))
    assert early.state == S.ANSWER and early.remark and early.entry is None
    assert meeting.attendees.get(user__username="zhouyuan").answer == Attendee.Answer.DECLINED
    assert come(declined.replace(b"<r1-", b"<r2-")).entry is None


def test_what_was_said_on_screen_goes_before_an_older_mail(meeting: Meeting, come: Any, importer: Any) -> None:
    mine = meeting.attendees.get(user__username="zhouyuan")
    Attendee.objects.filter(pk=mine.pk).update(answer="accepted", answered_at=clock.now(), by_mail=False)
    come(reply(meeting.uid, "DECLINED", minutes=-1))
    mine.refresh_from_db()
    assert (mine.answer, mine.by_mail) == ("accepted", False)


def test_an_answer_to_an_earlier_version_or_a_meeting_that_is_off_changes_nothing(meeting: Meeting, come: Any, importer: Any) -> None:
    later = meeting.starts_at + timedelta(days=1)
    meetings.reschedule(meeting, by=importer, starts_at=later, ends_at=later + timedelta(hours=1))
    assert come(reply(meeting.uid, sequence=0)).entry is None
    assert meeting.attendees.get(user__username="zhouyuan").answer == Attendee.Answer.INVITED
    assert come(reply(meeting.uid, sequence=1, n=2)).entry is not None
    meetings.cancel(Meeting.objects.get(pk=meeting.pk), by=importer, reason="不开了")
    assert come(reply(meeting.uid, "DECLINED", sequence=2, n=3)).entry is None


@pytest.mark.parametrize(("more", "reason"), [
    ({"sender": "other@mail.example"}, R.STRANGER), ({"who": "other@mail.example"}, R.STRANGER),
    ({"who": "other@mail.example", "sender": "other@mail.example"}, R.STRANGER), ({"uid": "nobody-knows@yingxu"}, R.OTHER),
])  # fmt: skip
def test_who_is_not_invited_answers_nothing(meeting: Meeting, come: Any, more: dict, reason: str) -> None:
    row = come(reply(**{"uid": meeting.uid, **more}))
    assert (row.state, row.reason, row.about) == (S.QUARANTINE, reason, None)
    assert not Entry.objects.filter(event="meetings.invitation_answered").exists() and not Need.objects.exists()


def test_perhaps_is_neither_yes_nor_no(meeting: Meeting, come: Any) -> None:
    assert come(reply(meeting.uid, "TENTATIVE")).remark
    assert meeting.attendees.get(user__username="zhouyuan").answer == Attendee.Answer.INVITED


@pytest.mark.parametrize("ics", [
    b"", b"METHOD:REPLY\n" * 3_000, b"BEGIN:VCALENDAR\nMETHOD:REPLY\nUID:x\nDTSTAMP:nothing\nATTENDEE;PARTSTAT=ACCEPTED:x",
    b"METHOD:REPLY\nUID:x\nDTSTAMP:20260318T011200Z\nATTENDEE" + b';X="' * 20_000 + b":x", b"METHOD:REPLY\nUID:x\nDTSTAMP:\nATTENDEE;PARTSTAT=ACCEPTED:x",
])  # fmt: skip
def test_what_is_no_answer_is_none(ics: bytes) -> None:
    assert invitations.reply_in(read(letter(files=(("a.ics", "text/calendar", ics),)))) is None


def test_a_time_without_a_zone_is_the_companys() -> None:
    found = invitations._moment(("", "20260318T091200"))
    assert found == datetime(2026, 3, 18, 1, 12, tzinfo=UTC)


def test_calendars_answer_to_us_where_the_companys_mail_comes_here(meeting: Meeting) -> None:
    assert f"mailto:{US}" not in invites.calendar(meeting).decode()
    MailOut.objects.create(on=True, host="localhost", from_address=US, reply_address=US)
    assert f"ORGANIZER;CN=沈岚:mailto:{US}" in invites.calendar(meeting).decode().replace("\r\n ", "")
