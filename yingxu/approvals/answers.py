"""What can be done about a notice of this room right where it is read, and where it leads: to the request, not to its matter."""

from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext

from yingxu.base.access import Actor
from yingxu.base.events import EVENTS
from yingxu.ui import places

from . import queries
from .events import (
    ApprovalAsked,
    ApprovalDelegated,
    ApprovalDue,
    ApprovalEvent,
    ApprovalLate,
    ApprovalPassedOn,
    ApproverAdded,
    DeputyEnded,
    DeputyNamed,
)

CALLS = (ApprovalAsked, ApprovalPassedOn, ApprovalDue, ApprovalLate, ApprovalDelegated, ApproverAdded)


def register() -> None:
    places.answers([event.NAME for event in CALLS], sign)
    for name, event in EVENTS.items():
        if issubclass(event, ApprovalEvent):
            places.leads(name, lambda facts: reverse("approvals:request", args=[facts["request"]]))
    for told in (DeputyNamed, DeputyEnded):
        places.leads(told.NAME, lambda facts: reverse("approvals:deputies"))


def sign(by: Actor, entries: list[Any]) -> dict[int, list[places.Answer]]:
    """To where it is read and signed, while it waits for the reader."""
    waiting = set(queries.waiting_for(by).filter(pk__in={entry.facts["request"] for entry in entries}).values_list("pk", flat=True))
    return {
        entry.pk: [places.Answer(pgettext("approvals", "Look and sign"), reverse("approvals:request", args=[entry.facts["request"]]), "tinted small", goes=True)]
        for entry in entries if entry.facts["request"] in waiting
    }  # fmt: skip
