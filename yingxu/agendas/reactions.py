"""A meeting of management gets its agenda, wherever it was called."""

from yingxu.base.events import react
from yingxu.matters.models import Entry
from yingxu.meetings.events import MeetingCalled
from yingxu.meetings.models import Purpose

from . import actions


@react(MeetingCalled, inside=True)
def agenda_for(event: MeetingCalled, entry: Entry) -> None:
    if event.purpose == Purpose.MANAGEMENT:
        actions.build(event.number, caller_id=entry.actor_id if entry.actor_kind == "user" else None)
