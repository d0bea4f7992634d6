"""To and from the customer: replies, feedback, confirmation or another round, closing, the follow-up visit."""

from datetime import date

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, locked
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.deadlines import actions as clocks
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Note
from yingxu.people import queries as people
from yingxu.people.models import Department, User

from .. import rules
from ..events import (
    CustomerReminded,
    CustomerSpoke,
    CustomerTold,
    HandlingComplained,
    NeedClosed,
    NeedConfirmed,
    NeedRejected,
    ResultFedBack,
    VisitRecorded,
    VisitScheduled,
)
from ..models import Confirmation, Link, Need, Result, Round, Visit
from ..states import ANSWERED, ENDED, Channel, Outcome, State
from . import mailing, management
from ._parts import drop_tasks, no_open_task, put, rated, responsible, say, state

SPOKEN = (State.REVIEW, State.FEEDBACK, State.CONFIRMATION, State.HANDLING, State.ACCEPTANCE, State.ASSIGNMENT)


@action(rules.REPLY)
def reply(need: Need, *, by: Actor, text: str, channel: str = "", question: bool = False, uploads=()) -> Need:
    """Words to the customer. A question waits for its answer. The first public words stop the first-response clock."""
    if need.state in (State.MERGED, State.VOID):
        raise WrongMoment(_("This need has ended; write on the one it went into."))
    text = words(text, "text")
    channel = channel or need.channel
    if channel not in Channel.values:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": channel})
    entry = state(CustomerTold(round=need.round, channel=channel, question=question), need, by)
    papers = files.attach(need.matter, uploads, by=by, entry=entry, public=True)
    say(need, entry, Note.Voice.TOLD, text, channel=channel, question=question, by=by, files=papers)
    if by.kind in ("user", "token"):
        clocks.stop(need.matter, "first_response", at=clock.now(), by=by)
    return need


@part
def tell(need: Need, *, by: Actor, text: str, channel: str = "") -> Entry | None:
    """Words to the customer that a verb of a room above sends to many at once, as an emergency does; whoever may do that may say
    them here. None when the need went into another one or is void: nobody reads it there any more."""
    need = locked(need)
    if need.state in (State.MERGED, State.VOID):
        return None
    channel = channel or need.channel
    entry = state(CustomerTold(round=need.round, channel=channel), need, by)
    say(need, entry, Note.Voice.TOLD, words(text, "text"), channel=channel, by=by)
    clocks.stop(need.matter, "first_response", at=clock.now(), by=by)
    return entry


@action(rules.ADD)
def listen(need: Need, *, by: Actor, text: str, channel: str = "portal", uploads=()) -> Need:
    """The customer's own words, from the portal or noted by staff. They answer open questions and end a wait."""
    if need.state in (State.MERGED, State.VOID):
        raise WrongMoment(_("This need has ended. Please raise a new one."))
    text = words(text, "text")
    now = clock.now()
    entry = state(CustomerSpoke(round=need.round, channel=channel, category=need.category), need, by, tell=responsible(need))
    say(need, entry, Note.Voice.SAID, text, channel=channel)
    files.attach(need.matter, uploads, by=by, entry=entry, public=True)
    need.matter.notes.filter(question=True, answered_at=None).update(answered_at=now)
    matters.wake(need.matter)
    if need.held_at:
        from .handle import go_on

        go_on(need, by)
    return need


@action(rules.FEEDBACK)
def feed_back(need: Need, *, by: Actor, text: str = "", channel: str = "") -> Need:
    """Tell the customer the reviewed result and ask them to confirm and rate (N8)."""
    at_state(need, State.FEEDBACK)
    result = need.results.filter(review=Result.Review.PASSED, round=need.round).order_by("-id").first()
    if result is None:
        raise WrongMoment(_("There is no reviewed result to feed back."))
    no_open_task(need)
    text = words(text, "text", required=False) or result.answer
    channel = channel or need.channel
    now = clock.now()
    result.told_at = now
    result.save(update_fields=["told_at"])
    put(need, State.CONFIRMATION)
    need.save()
    entry = state(ResultFedBack(round=need.round, result=result.pk, channel=channel, category=need.category), need, by)
    say(need, entry, Note.Voice.TOLD, text, channel=channel, by=by, ask=True)
    clocks.stop(need.matter, "first_response", at=now, by=by)
    clocks.stop(need.matter, "feedback", at=now, by=by)
    clocks.start(need.matter, "confirmation", category=need.category, round=need.round, at=now, by=by)
    return need


@action(rules.FEEDBACK)
def remind(need: Need, *, by: Actor) -> Need:
    """Ask the customer once more to confirm."""
    at_state(need, State.CONFIRMATION)
    count = need.matter.entries.filter(event=CustomerReminded.NAME, facts__round=need.round).count() + 1
    entry = state(CustomerReminded(round=need.round, count=count), need, by)
    told = need.matter.entries.filter(event=ResultFedBack.NAME, facts__round=need.round).order_by("-id").first()
    if told is not None and told.facts.get("channel") in (Channel.MAIL, Channel.SMS):
        text = _("You have not told us yet whether this settles it: %(title)s") % {"title": need.matter.title}
        mailing.send(need, entry, text, channel=told.facts["channel"], by=by, ask=True)
    return need


@action(rules.CONFIRM)
def confirm(
    need: Need, *, by: Actor, rating: int | None = None, comment: str = "", channel: str = "portal", visit: bool = True
) -> Need:
    """The customer is satisfied: resolved, and a follow-up visit is scheduled (a backfill of history schedules none)."""
    at_state(need, State.CONFIRMATION)
    _verdict(need, by, True, rating, comment, channel)
    state(
        NeedConfirmed(round=need.round, rating=rating, comment=comment.strip()[:2_000], channel=channel, category=need.category),
        need, by, tell=[need.matter.owner_id, need.accepted_by_id],
    )  # fmt: skip
    finish(need, by, Outcome.SATISFIED, visit=visit)
    return need


@action(rules.CONFIRM)
def reject(need: Need, *, by: Actor, reason: str, rating: int | None = None, channel: str = "portal") -> Need:
    """The customer is not satisfied: another round begins, the earlier one is kept (N8)."""
    at_state(need, State.CONFIRMATION)
    reason = words(reason, "reason", longest=5_000)
    _verdict(need, by, False, rating, reason, channel)
    service = people.service_department()
    entry = state(
        NeedRejected(round=need.round, reason=reason, rating=rating, channel=channel),
        need, by, tell=[need.matter.owner_id, need.accepted_by_id, need.registered_by_id, service.head_id if service else None],
    )  # fmt: skip
    say(need, entry, Note.Voice.SAID, reason, channel=channel)
    matters.wake(need.matter)
    now = clock.now()
    need.round += 1
    put(need, State.REOPENED)
    need.accepted_by = None
    need.save()
    Round.objects.create(need=need, number=need.round, began_at=now, reason=reason)
    clocks.cancel(need.matter, at=now, keep=[management.STEP])
    for step in ("first_response", "triage"):
        clocks.start(need.matter, step, category=need.category, round=need.round, at=now, by=by)
    return need


def _verdict(need: Need, by: Actor, satisfied: bool, rating: int | None, comment: str, channel: str) -> None:
    if channel not in Channel.values:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": channel})
    now = clock.now()
    need.rating = rated(rating) or need.rating
    Confirmation.objects.create(
        need=need, round=need.round, satisfied=satisfied, rating=rating, comment=words(comment, "comment", required=False, longest=5_000),
        channel=channel, recorded_by_id=by.user_id, at=now,
    )  # fmt: skip
    clocks.stop(need.matter, "confirmation", at=now, by=by)


def finish(need: Need, by: Actor, outcome: Outcome, *, visit: bool) -> None:
    """Resolved; with a visit where the policy sets a time for one, else closed."""
    now = clock.now()
    need.resolved_at, need.outcome = now, outcome
    clocks.cancel(need.matter, at=now, keep=[management.STEP])
    due = clocks.start(need.matter, "follow_up", category=need.category, round=need.round, at=now, by=by) if visit else None
    put(need, State.VISIT if due else State.CLOSED)
    need.save()
    if due:
        day = due.due_at.astimezone(clock.zone()).date()
        Visit.objects.create(need=need, due_on=day, assignee_id=need.registered_by_id or need.matter.owner_id)
        state(VisitScheduled(round=need.round, due_on=day, category=need.category), need, by)
    else:
        management.lapse(need, by)
        state(NeedClosed(round=need.round, outcome=outcome), need, by, tell=[need.registered_by_id, need.matter.owner_id])


@action(rules.CLOSE)
def close(need: Need, *, by: Actor, outcome: str, reason: str) -> Need:
    """Close without the customer's word: no answer after we asked, declined by decision, or a watched need not pursued."""
    allowed = {
        Outcome.SILENT: (State.CONFIRMATION,),
        Outcome.DECLINED: (State.CONFIRMATION, State.REGISTERED, State.TRIAGE, State.REOPENED, State.ASSIGNMENT),
        Outcome.NOT_PURSUED: (State.WATCHING,),
    }
    if outcome not in allowed:
        raise Invalid.field("outcome", _("Choose how it ends."))
    at_state(need, *allowed[Outcome(outcome)])
    management.nothing_open(need)
    reason = words(reason, "reason", longest=2_000)
    now = clock.now()
    if need.state == State.CONFIRMATION and outcome == Outcome.SILENT:
        last = need.results.filter(told_at__isnull=False).order_by("-id").first()
        asked = clocks.is_due(need.matter, "confirmation", at=now)
        if last is None or not asked:
            raise WrongMoment(_("The customer still has time to answer."))
    if outcome == Outcome.SILENT:
        no_open_task(need)
    else:
        drop_tasks(need, by, reason)
    need.outcome, need.resolved_at = outcome, now if outcome == Outcome.SILENT else need.resolved_at
    put(need, State.CLOSED)
    need.save()
    clocks.stop(need.matter, "confirmation", at=now, by=by)
    clocks.cancel(need.matter, at=now)
    state(NeedClosed(round=need.round, outcome=outcome, reason=reason), need, by, tell=[need.registered_by_id, need.matter.owner_id])
    return need


@action(rules.VISIT)
def record_visit(
    need: Need, *, by: Actor, satisfied: bool | None, notes: str, channel: str = "phone", problem=None
) -> Need:
    """The follow-up visit took place. A new problem (an Intake) becomes a new linked need (N9)."""
    from .register import register

    at_state(need, State.VISIT)
    visit = need.visits.select_for_update().filter(done_at=None).order_by("id").first()
    if visit is None:
        raise WrongMoment(_("No visit is scheduled."))
    now = clock.now()
    notes = words(notes, "notes", required=False)
    if problem is not None:
        done = register(problem, by=by)
        visit.found_id = done.id
        Link.objects.create(a=need, b_id=done.id, type=Link.Type.FOLLOW_UP, by_id=by.user_id, at=now)
    visit.done_at, visit.done_by_id, visit.channel = now, staff(by), channel
    visit.satisfied, visit.notes = satisfied, notes
    visit.save()
    put(need, State.CLOSED)
    need.save()
    clocks.stop(need.matter, "follow_up", at=now, by=by)
    management.lapse(need, by)
    found = visit.found.matter.number if problem is not None else ""
    state(VisitRecorded(round=need.round, satisfied=satisfied, notes=notes, found=found), need, by, tell=[need.matter.owner_id])
    return need


@action(rules.VISIT)
def reschedule_visit(need: Need, *, by: Actor, due_on: date, assignee: User | None = None) -> Need:
    """Another day for the visit; the clock keeps what it measured so far."""
    at_state(need, State.VISIT)
    if due_on < clock.today():
        raise Invalid.field("due_on", _("Choose today or a later day."))
    visit = need.visits.select_for_update().filter(done_at=None).order_by("id").first()
    if visit is None:
        raise WrongMoment(_("No visit is scheduled."))
    visit.due_on = due_on
    if assignee:
        visit.assignee = assignee
    visit.save()
    clocks.cancel(need.matter, ["follow_up"], at=clock.now())
    clocks.start_until(need.matter, "follow_up", due_on, round=need.round, at=clock.now())
    state(VisitScheduled(round=need.round, due_on=due_on, category=need.category), need, by,
          tell=[assignee.pk if assignee else None])  # fmt: skip
    return need


@action(rules.ADD)
def complain_about_handling(need: Need, *, by: Actor, text: str, kind: str = "complaint") -> Need:
    """A complaint about how this need is handled becomes a need of its own, for the response group and not for the handling
    department (L6)."""
    from .intakes import Intake
    from .register import register

    text = words(text, "text")
    done = register(
        Intake(
            kind=kind, body=text, channel=Channel.PORTAL, customer=need.customer, contact_name=need.caller, origin=need,
            title=_("Complaint about the handling of %(number)s") % {"number": need.matter.number}, secrecy=need.matter.secrecy, backfill=True,
        ),
        by=by,
    )  # fmt: skip
    made = Need.objects.select_related("matter").get(pk=done.id)
    group = Department.objects.filter(response_group=True, active=True).first() or people.service_department()
    made.matter.department = group
    made.matter.save(update_fields=["department"])
    Link.objects.create(a=need, b=made, type=Link.Type.RELATED, by_id=by.user_id, at=clock.now())
    state(HandlingComplained(round=need.round, number=done.number), need, by, tell=[group.head_id if group else None])
    return need


__all__ = [
    "ANSWERED", "ENDED", "close", "complain_about_handling", "confirm", "feed_back", "finish", "listen", "record_visit", "reject",
    "remind", "reply", "reschedule_visit", "tell",
]  # fmt: skip
