"""Solved, reviewed, closed (E2): closing waits until every affected customer was told and the after-action review is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.matters import actions as matters
from yingxu.people.models import User
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Origin

from .. import rules
from ..events import EmergencyAgain, EmergencyClosed, EmergencyReviewed, EmergencySolved
from ..models import Emergency, Review
from ..states import State
from ._parts import everybody, next_due, put, state, still_affected


@dataclass(frozen=True)
class Improvement:
    """What is done so that it does not happen again: becomes a task."""

    title: str
    owner: User | None = None
    due_on: date | None = None


def evening(day: date) -> datetime:
    """The end of a day in the company's zone."""
    return timezone.make_aware(datetime.combine(day, time(18)), clock.zone())


@action(rules.LEAD)
def solve(emergency: Emergency, *, by: Actor, solution: str) -> Emergency:
    """The danger is over. Each affected customer must now be told so, within the cadence."""
    at_state(emergency, State.RUNNING)
    solution = words(solution, "solution")
    put(emergency, State.SOLVED)
    emergency.solved_at, emergency.solution = clock.now(), solution
    emergency.save()
    still_affected(emergency).filter(due_at=None).update(**next_due(emergency))
    minutes = round((emergency.solved_at - emergency.matter.opened_at).total_seconds() / 60, 2)
    entry = state(EmergencySolved(drill=emergency.drill, minutes=minutes), emergency, by, tell=everybody(emergency))
    matters.say(emergency.matter, entry, "internal", solution)
    return emergency


@action(rules.LEAD)
def break_out_again(emergency: Emergency, *, by: Actor, reason: str) -> Emergency:
    """It was not over: under way again, and customers hear from us at the cadence as before."""
    at_state(emergency, State.SOLVED)
    reason = words(reason, "reason", longest=500)
    put(emergency, State.RUNNING)
    emergency.solved_at = None
    emergency.save()
    still_affected(emergency).update(told_end_at=None, **next_due(emergency))
    state(EmergencyAgain(drill=emergency.drill, reason=reason), emergency, by, tell=everybody(emergency))
    return emergency


@action(rules.LEAD)
def review(
    emergency: Emergency, *, by: Actor, well: str, badly: str, causes: str, improvements: Iterable[Improvement] = (),
) -> Review:  # fmt: skip
    """The after-action review: what went well, what badly, why. Each improvement becomes a task."""
    at_state(emergency, State.SOLVED)
    well, badly, causes = words(well, "well"), words(badly, "badly"), words(causes, "causes")
    wanted = [Improvement(words(one.title, "improvements", longest=200), one.owner, one.due_on) for one in improvements]
    if not wanted:
        raise Invalid.field("improvements", _("Name at least one improvement; an emergency that taught nothing was not looked at closely."))
    put(emergency, State.REVIEWED)
    emergency.save()
    for one in wanted:
        due = evening(one.due_on) if one.due_on and evening(one.due_on) > clock.now() else None
        tasks.add(emergency.matter, by=by, title=one.title, owner=one.owner, due_at=due, origin=Origin.IMPROVEMENT)
    said = [{"title": one.title, "owner": one.owner.name if one.owner else "", "due": one.due_on.isoformat() if one.due_on else ""} for one in wanted]
    made = Review.objects.create(emergency=emergency, well=well, badly=badly, causes=causes, improvements=said, by_id=staff(by), at=clock.now())
    state(EmergencyReviewed(drill=emergency.drill, improvements=len(wanted)), emergency, by, tell=everybody(emergency))
    return made


@action(rules.LEAD)
def close(emergency: Emergency, *, by: Actor) -> Emergency:
    """The end. Refused until each affected customer was told that it is over and the after-action review is written."""
    if emergency.state == State.SOLVED:
        raise WrongMoment(_("Write the after-action review first; an emergency is closed only when it was reviewed."))
    at_state(emergency, State.REVIEWED)
    untold = [one.name for one in still_affected(emergency).filter(told_end_at=None)]
    if untold:
        words_ = ngettext(
            "%(n)d affected customer has not been told that it is over: %(names)s. Tell them first.",
            "%(n)d affected customers have not been told that it is over: %(names)s. Tell them first.", len(untold),
        )  # fmt: skip
        raise WrongMoment(words_ % {"n": len(untold), "names": "、".join(untold[:5])})
    put(emergency, State.CLOSED)
    emergency.save()
    state(EmergencyClosed(drill=emergency.drill), emergency, by, tell=everybody(emergency))
    return emergency
