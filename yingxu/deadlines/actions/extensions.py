"""More time: asked for with a reason, decided by another person; both dates are kept."""

from datetime import datetime

from django.utils.translation import gettext as _

from yingxu.base import clock as time
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import record

from .. import measuring, queries, rules
from ..events import ExtensionDecided, ExtensionRequested
from ..models import Clock, ClockMove, ExtensionRequest, Outcome
from . import climbs
from .clocks import keep_due, note_moves

Decision = ExtensionRequest.Decision


@action(rules.REQUEST_EXTENSION)
def request_extension(clock: Clock, *, by: Actor, until: datetime, reason: str) -> ExtensionRequest:
    """Ask that a running step may take until a later moment."""
    if clock.outcome != Outcome.RUNNING or clock.due_at is None:
        raise WrongMoment(_("Only a running time limit can be made longer; this one is “%(now)s”.")
                          % {"now": clock.get_outcome_display()})  # fmt: skip
    if by.user_id is None:
        raise NotAllowed(_("Only a member of staff can ask for more time."))
    if clock.extension_requests.filter(decision=Decision.WAITING).exists():
        raise WrongMoment(_("More time was asked for already; the answer is still open."))
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", _("Say why more time is needed."))
    if until <= max(clock.due_at, time.now()):
        raise Invalid.field("until", _("The new date must lie after the present one and in the future."))
    minutes = measuring.calendar_for(clock).between(clock.due_at, until)
    if minutes <= 0:
        raise Invalid.field("until", _("There is no working time between the present date and the new one."))
    made = ExtensionRequest.objects.create(
        matter=clock.matter, clock=clock, asked_by_id=by.user_id, asked_at=time.now(), reason=reason[:500],
        asked_minutes=minutes, due_before=clock.due_at, due_asked=until,
    )  # fmt: skip
    event = ExtensionRequested(
        step=clock.step, round=clock.round, due_at=clock.due_at, asked_due_at=until, reason=made.reason, request=made.pk
    )
    record(event, on=clock.matter, by=by, tell=queries.deciders(made))
    return made


@action(rules.DECIDE_EXTENSION)
def decide_extension(request: ExtensionRequest, *, by: Actor, granted: bool, note: str = "") -> ExtensionRequest:
    """Grant the time asked for, or refuse it with a reason. Who asked may not decide."""
    if request.decision != Decision.WAITING:
        raise WrongMoment(_("This was decided already: %(decision)s.") % {"decision": request.get_decision_display()})
    if by.user_id is None or by.user_id == request.asked_by_id:
        raise NotAllowed(_("Whoever asks for more time cannot decide on it."), code="separation_of_duties")
    clock = Clock.objects.select_for_update().get(pk=request.clock_id)
    if not clock.open:
        raise WrongMoment(_("This step is done already, more time would change nothing."))
    note = note.strip()
    if not granted and not note:
        raise Invalid.field("note", _("Say why there is no more time."))
    if granted:
        late, was = [clock] if clock.breached_at else [], {clock.pk: clock.due_at}
        clock.extended_minutes += request.asked_minutes
        measuring.measure(clock, time.now())
        clock.save()
        climbs.follow(late, time.now())
        note_moves([clock], was, ClockMove.Why.EXTENSION, by=by, version=None)
        keep_due(request.matter)
        request.due_after = clock.due_at or request.due_asked
    request.decision = Decision.GRANTED if granted else Decision.REFUSED
    request.decided_by_id, request.decided_at, request.note = by.user_id, time.now(), note[:500]
    request.save()
    event = ExtensionDecided(
        step=clock.step, round=clock.round, granted=granted, due_before=request.due_before, due_at=request.due_after,
        note=request.note,
    )  # fmt: skip
    record(event, on=request.matter, by=by, tell=[request.asked_by_id])
    return request
