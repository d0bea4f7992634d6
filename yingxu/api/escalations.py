"""What climbs on a need: read how far it was told, and take it (K3)."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, Field

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Gone
from yingxu.deadlines import actions
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.queries import Ascent
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.needs.models import Need

from . import answers, door, shapes
from .needs import KEY
from .queries import directory, find
from .showing import local

router = Router(tags=[gettext_noop("The loop")])


class Rung(BaseModel):
    rung: int = Field(description=gettext_noop("Which rung of the ladder, from 1"))
    who: str = Field(description=gettext_noop("Whom it names, in words"))
    people: list[answers.Person]
    due_at: datetime
    at: datetime


class Escalation(BaseModel):
    id: int
    step: str | None = Field(description=gettext_noop("The step that is late; null for an alarm"))
    about: str
    state: str = Field(description=gettext_noop("climbing or taken; what is over is in the timeline"))
    begun_at: datetime
    rungs: int = Field(description=gettext_noop("How many rungs the ladder has"))
    told: list[Rung]
    next: str = Field(description=gettext_noop("Who is told next, in words; empty at the top"))
    taken_by: answers.Person | None
    taken_at: datetime | None
    words: str
    promised_at: datetime | None
    may_take: bool = Field(description=gettext_noop("Whether this token may take it now"))


class Take(shapes.Shape):
    words: Annotated[str, Field(max_length=500, description=gettext_noop("What you are doing about it"))] = ""
    promised_at: shapes.Moment | None = Field(default=None, description=gettext_noop("By when; within 30 days. When it passes it climbs on"))


@router.get("/{number}/escalations", response=list[Escalation], summary=gettext_noop("What climbs on a need"))
def of_need(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    by = door.by(request, RULES["needs.view"])
    need = find(number, by)
    look(need.matter, by=by, what=Look.What.API)
    return _all(need, by)


@router.post(
    "/{number}/escalations/{escalation}/acknowledgement", response=Escalation, summary=gettext_noop("Take what was escalated"),
    description=gettext_noop("Nobody further is told. Whoever was told may take it."), openapi_extra={"parameters": [KEY]},
)  # fmt: skip
def take(request: HttpRequest, number: str, escalation: int, data: Take, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.acknowledge.rule)
    need = find(number, by)
    climb = next((each.climb for each in deadlines.ascents(need.matter, by) if each.climb.pk == escalation), None)
    climb = climb or deadlines.climb_to_take(by, escalation)
    if climb is None or climb.matter_id != need.matter_id:
        raise Gone()
    door.once(request, response, lambda: actions.acknowledge(climb, by=by, words=data.words, promised_at=data.promised_at))
    shown = next((each for each in _all(need, by) if each["id"] == escalation), None)
    if shown is None:  # a repeated call, and the step was done meanwhile
        raise Gone()
    return shown


def _all(need: Need, by: Actor) -> list[dict[str, Any]]:
    return [_shown(ascent) for ascent in deadlines.ascents(need.matter, by)]


def _shown(ascent: Ascent) -> dict[str, Any]:
    climb, people = ascent.climb, directory().people
    return {
        "id": climb.pk, "step": climb.clock.step if climb.clock else None, "about": climb.about, "state": climb.state, "begun_at": local(climb.begun_at),
        "rungs": ascent.rungs, "next": ascent.following, "taken_by": people.get(climb.taken_by_id), "taken_at": local(climb.taken_at),
        "words": climb.words, "promised_at": local(climb.promised_at), "may_take": ascent.may_take,
        "told": [
            {"rung": one.told.rung, "who": one.whom, "people": [people[u] for u in one.told.users if u in people], "due_at": local(one.told.due_at), "at": local(one.told.at)}
            for one in ascent.told
        ],
    }  # fmt: skip
