"""A meeting as calendars understand it: iTIP (RFC 5546) in iCalendar (RFC 5545), built with the library `icalendar`.

REQUEST invites and, with a higher SEQUENCE and the same UID, updates; CANCEL takes the event out of every calendar again. Times
carry the company's zone with its VTIMEZONE, since Outlook shows others in the wrong hour.
"""

from datetime import UTC, timedelta
from typing import Any

from django.conf import settings
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from yingxu.base import clock
from yingxu.notices.models import MailOut

from .models import Attendee, Meeting, State

PRODUCT = "-//Yingxu//Meetings//ZH"
PARTSTAT = {Attendee.Answer.INVITED: "NEEDS-ACTION", Attendee.Answer.ACCEPTED: "ACCEPTED", Attendee.Answer.DECLINED: "DECLINED"}
AHEAD = timedelta(minutes=15)


def calendar(meeting: Meeting, *, url: str = "", only: Attendee | None = None) -> bytes:
    """The invitation, update or cancellation as it stands now. `only`: for one person who is no longer invited, a cancellation."""
    cancelled = meeting.state == State.CANCELLED or only is not None
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "CANCEL" if cancelled else "REQUEST")
    found.add_component(_event(meeting, url, cancelled, only))
    found.add_missing_timezones()
    return found.to_ical()


def _event(meeting: Meeting, url: str, cancelled: bool, only: Attendee | None) -> Event:
    zone = clock.zone()
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", clock.now().astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("summary", meeting.title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE" if meeting.matter.guarded else "PUBLIC")
    if place := meeting.place or meeting.link:
        event.add("location", place)
    if words := _words(meeting, url):
        event.add("description", words)
    if url or meeting.link:
        event.add("url", url or meeting.link)
    if (organiser := meeting.chair or meeting.called_by) is not None:
        event["organizer"] = _address(organiser, at=_answers_to())
    people = [only] if only is not None else list(meeting.attendees.select_related("user"))
    for one in people:
        event.add("attendee", _address(one.user, PARTSTAT=PARTSTAT[Attendee.Answer(one.answer)], RSVP="FALSE" if cancelled else "TRUE",
                                       ROLE="CHAIR" if one.user_id == meeting.matter.owner_id else "REQ-PARTICIPANT", CUTYPE="INDIVIDUAL"), encode=False)  # fmt: skip
    if not cancelled:
        event.add_component(_alarm(meeting))
    return event


def _alarm(meeting: Meeting) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", meeting.title)
    alarm.add("trigger", -AHEAD)
    return alarm


def _words(meeting: Meeting, url: str) -> str:
    """What stands in the calendar: the agenda, where to enter, where everything else is. Never what the matter itself says."""
    lines = [f"{n}. {item}" for n, item in enumerate(meeting.items, 1)]
    return "\n".join([*lines, *(part for part in (meeting.link, url) if part)])


def _answers_to() -> str:
    """Where calendars send their answers: to us, when the company's mail comes here; else to the chair."""
    out = MailOut.objects.filter(on=True).first()
    return out.reply_address if out else ""


def _address(user: Any, *, at: str = "", **parameters: str) -> vCalAddress:
    """By mail where there is an address; else a name that mail programs leave alone."""
    mail = at or user.email
    address = vCalAddress(f"mailto:{mail}" if mail else f"urn:yingxu:person:{user.pk}")
    for name, value in {"CN": user.name, **parameters}.items():
        address.params[name] = vText(value)
    return address


def file_name(meeting: Meeting) -> str:
    return f"{meeting.number}.ics"


def page_address(meeting: Meeting) -> str:
    """The address people outside the browser can follow; "" when this installation does not know its own."""
    base = next(iter(settings.CSRF_TRUSTED_ORIGINS), "")
    return f"{base.rstrip('/')}/meetings/{meeting.number}/" if base else ""
