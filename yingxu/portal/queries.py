"""What a customer is shown of a need: five words instead of nine steps, never anything internal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.deadlines.models import Clock
from yingxu.files import queries as files
from yingxu.matters.models import Note
from yingxu.needs import queries as needs
from yingxu.needs.events import NeedAccepted, NeedAssigned, NeedClosed, NeedConfirmed, NeedRegistered, ResultFedBack
from yingxu.needs.models import Need
from yingxu.needs.states import State

from .models import FormPoint, TrackingCode

_AT = {State.REGISTERED: 1, State.TRIAGE: 1, State.REOPENED: 3, State.WATCHING: 2, State.ASSIGNMENT: 2, State.ACCEPTANCE: 2, State.HANDLING: 3,
       State.REVIEW: 3, State.FEEDBACK: 3, State.CONFIRMATION: 4}  # fmt: skip
_PROMISED = ("first_response", "handling", "feedback")


@dataclass
class Words:
    """One bubble: who (a name for the customer), when, what, with which files; `mine` is the customer's."""

    who: str
    at: datetime
    body: str
    mine: bool
    files: list[Any]


def codes(needs: Iterable[int]) -> dict[int, int]:
    """Need → its valid code."""
    return dict(TrackingCode.objects.filter(need__in=list(needs), ended_at=None).values_list("need_id", "pk"))


def find(number: str, by: Actor) -> Need:
    """The customer's need. Raises Gone."""
    return needs.find(number, by)


def path(need: Need) -> list[dict[str, Any]]:
    """Received, arranged, being handled, please confirm, done: each with its moment and state."""
    when: dict[str, datetime] = {}
    for name, at in need.matter.entries.order_by("id").values_list("event", "at"):
        when[name] = at
    marks = [
        (_("Received"), when.get(NeedRegistered.NAME)),
        (_("Arranged"), when.get(NeedAssigned.NAME)),
        (_("Being handled"), when.get(NeedAccepted.NAME)),
        (_("Please confirm"), when.get(ResultFedBack.NAME)),
        (_("Done"), when.get(NeedConfirmed.NAME) or when.get(NeedClosed.NAME)),
    ]
    now = _AT.get(State(need.state), 5)
    ended = now == 5
    return [
        {
            "name": name,
            "at": at if n <= now else None,
            "state": "done" if n < now or ended else ("now" if n == now else ""),
        }
        for n, (name, at) in enumerate(marks, start=1)
    ]


def words(need: Need, by: Actor) -> list[Words]:
    """The conversation: the first words, then everything said and told, oldest first; only public files."""
    public = files.by_entry(need.matter, by, public=True)
    first = need.matter.entries.order_by("id").values_list("id", flat=True).first()
    said = [Words(_("You"), need.raised_at, need.body, True, public.pop(first, []))]
    for note in Note.objects.filter(matter=need.matter).exclude(voice=Note.Voice.INTERNAL).order_by("at", "id"):
        mine = note.voice == Note.Voice.SAID
        said.append(
            Words(_("You") if mine else _("Customer service"), note.at, note.body, mine, public.pop(note.entry_id, []))
        )
    return said


def question(need: Need) -> Note | None:
    """What waits for the customer's answer."""
    return need.matter.notes.filter(question=True, answered_at=None).order_by("-id").first()


def answer(need: Need) -> Note | None:
    """The result to confirm: the words it was fed back with."""
    if need.state != State.CONFIRMATION:
        return None
    entry = need.matter.entries.filter(event=ResultFedBack.NAME, facts__round=need.round).order_by("-id").first()
    return getattr(entry, "note", None) if entry else None


def promised(need: Need) -> datetime | None:
    """Until when the customer can expect to hear from us."""
    return (
        Clock.objects.filter(matter=need.matter, step__in=_PROMISED, outcome="running")
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )


def point(slug: str) -> FormPoint:
    found = FormPoint.objects.filter(slug=slug, active=True).first()
    if found is None:
        raise Gone()
    return found


def point_by_id(pk: int) -> FormPoint:
    found = FormPoint.objects.filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def points() -> list[FormPoint]:
    return list(FormPoint.objects.order_by("-active", "id"))
