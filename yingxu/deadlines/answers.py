"""What can be done about a notice of this room right where it is read: take what was escalated, decide on more time."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base.access import Actor
from yingxu.ui import places

from . import queries
from .events import AlarmTold, ClockBreached, ClockEscalated, ExtensionRequested
from .models import ExtensionRequest


def register() -> None:
    places.answers([ClockBreached.NAME, ClockEscalated.NAME, AlarmTold.NAME], take)
    places.answers([ExtensionRequested.NAME], decide)


def take(by: Actor, entries: list[Any]) -> dict[int, list[places.Answer]]:
    """One press takes it; the other leads to the page with a word and a promise."""
    climbs = queries.climbs_to_take(by).filter(matter__in={entry.matter_id for entry in entries})
    by_step = {(c.matter_id, c.clock.step if c.clock else ""): c.pk for c in climbs}
    found = {}
    for entry in entries:
        pk = by_step.get((entry.matter_id, entry.facts.get("step", "")))
        if pk is None:
            continue
        href = reverse("deadlines:climb", args=[pk])
        found[entry.pk] = [
            places.Answer(pgettext("escalation", "Take it"), href, "tinted small", "back", "inbox"),
            places.Answer(_("Promise a time"), href, "small", goes=True),
        ]
    return found


def decide(by: Actor, entries: list[Any]) -> dict[int, list[places.Answer]]:
    """One press grants; a refusal needs its reason, on the page."""
    wanted = {entry.facts.get("request") for entry in entries} - {None, 0}
    waiting = queries.extension_requests(by).filter(pk__in=wanted, decision=ExtensionRequest.Decision.WAITING)
    able = set(waiting.exclude(asked_by=by.user_id).values_list("pk", flat=True))
    found = {}
    for entry in entries:
        pk = entry.facts.get("request")
        if pk not in able:
            continue
        to = reverse("deadlines:decision", args=[pk])
        found[entry.pk] = [
            places.Answer(pgettext("extension", "Grant"), f"{to}?back=inbox", "tinted small", "decision", "granted"),
            places.Answer(_("Refuse …"), f"{reverse('deadlines:extensions')}#asked-{pk}", "small", goes=True),
        ]
    return found
