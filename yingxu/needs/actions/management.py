"""Straight to management (N13): raise, answer, decide, delegate, withdraw. The need goes on meanwhile; what does not is decided here.

An open question never stops the work, unless whoever raised it says that the result has to wait. It keeps us from ending the need
ourselves; the customer's word is never kept back, and when the need ends by it the question lapses.
"""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.given import staff, words
from yingxu.deadlines import actions as clocks
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Note
from yingxu.people.models import User

from .. import rules
from ..events import (
    ManagementAnswered,
    ManagementDecided,
    RaiseDelegated,
    RaisedToManagement,
    RaisesExported,
    RaiseWithdrawn,
)
from ..models import Delegation, Need, Raise
from ..queries.management import MOST, RaiseFilters, deciders, open_raise, to_export
from ._parts import say, state

STEP = "management"
LONGEST = 5_000


@action(rules.RAISE)
def raise_to_management(
    need: Need, *, by: Actor, question: str, why: str = "", recommendation: str = "", waits: bool = False, to: User | None = None
) -> Need:
    """Put a question straight to management: to `to`, else to whoever decides. With `waits` no result is submitted before the answer."""
    if need.ended:
        raise WrongMoment(_("This need has ended."))
    already = open_raise(need)
    if already is not None:
        raise WrongMoment(_("%(name)s has already raised this need to management; it waits for the answer.") % {"name": already.by.name})
    question = words(question, "question", longest=LONGEST)
    able = [user for user in deciders(need) if user.pk != by.user_id]
    if to is not None and to.pk not in {user.pk for user in able}:
        raise Invalid.field("to", _("%(name)s does not decide what is raised to management here.") % {"name": to.name})
    if not able:
        raise WrongMoment(_("Nobody here decides what is raised to management; ask whoever manages roles."))
    now = clock.now()
    holder = to or (able[0] if len(able) == 1 else None)
    measured = clocks.start(
        need.matter, STEP, category=need.category, round=need.round, at=now, by=by, asked_id=(holder or able[0]).pk
    )  # fmt: skip
    Raise.objects.create(
        need=need, question=question, why=words(why, "why", required=False, longest=LONGEST), waits=waits, by_id=staff(by), at=now, to=to, holder=holder,
        recommendation=words(recommendation, "recommendation", required=False, longest=LONGEST), clock=measured,
    )  # fmt: skip
    told = [holder] if holder else able
    event = RaisedToManagement(round=need.round, to="、".join(user.name for user in told), waits=waits, category=need.category)
    entry = state(event, need, by, tell=[user.pk for user in told])
    say(need, entry, Note.Voice.INTERNAL, question)
    return need


@action(rules.DECIDE)
def answer_raise(need: Need, *, by: Actor, text: str) -> Need:
    """Words back to the front line: enough to go on, without a decision."""
    found = _to_settle(need, by)
    text = words(text, "text", longest=LONGEST)
    _end(found, need, by, Raise.State.ANSWERED, text)
    entry = state(ManagementAnswered(round=need.round, by_delegate=_delegated(found, by)), need, by, tell=_concerned(found, need))
    say(need, entry, Note.Voice.INTERNAL, text)
    return need


@action(rules.DECIDE)
def decide(need: Need, *, by: Actor, text: str) -> Need:
    """The decision stays on the need, for everybody who may see it. Nobody decides what they raised themselves."""
    found = _to_settle(need, by)
    text = words(text, "text", longest=LONGEST)
    _end(found, need, by, Raise.State.DECIDED, text)
    entry = state(ManagementDecided(round=need.round, by_delegate=_delegated(found, by)), need, by, tell=_concerned(found, need))
    say(need, entry, Note.Voice.INTERNAL, text)
    return need


@action(rules.DECIDE)
def delegate(need: Need, *, by: Actor, to: User, due_on: date, text: str = "") -> Need:
    """Another person answers or decides until a day; the chain is kept. They follow the need from now on."""
    found = _to_settle(need, by)
    text = words(text, "text", required=False, longest=LONGEST)
    if due_on < clock.today():
        raise Invalid.field("due_on", _("Choose today or a later day."))
    if to.pk in (found.by_id, by.user_id, found.holder_id):
        raise Invalid.field("to", _("Choose somebody else: not who raised it, and not who has it now."))
    if not User.objects.filter(circles.may_know(need.matter), pk=to.pk).exists():
        raise Invalid.field("to", _("%(name)s may not see this need.") % {"name": to.name})
    now = clock.now()
    Delegation.objects.create(raised=found, by_id=staff(by), to=to, words=text, due_on=due_on, at=now)
    found.state, found.holder = Raise.State.DELEGATED, to
    matters.watch(need.matter, [to.pk])
    clocks.stop(need.matter, STEP, at=now, by=by)  # management has acted; from here the chosen day counts
    found.clock = clocks.start_until(need.matter, STEP, due_on, round=need.round, at=now, asked_id=to.pk)
    found.save()
    entry = state(RaiseDelegated(round=need.round, to=to.name, to_id=to.pk, due_on=due_on), need, by, tell=[to.pk, found.by_id])
    if text:
        say(need, entry, Note.Voice.INTERNAL, text)
    return need


@action(rules.RAISE)
def withdraw_raise(need: Need, *, by: Actor, reason: str) -> Need:
    """It is settled without management; only who raised it takes it back."""
    found = _opened(need)
    if found.by_id != by.user_id:
        raise NotAllowed(_("Only %(name)s, who raised it, can take it back.") % {"name": found.by.name}, code=rules.RAISE.name)
    reason = words(reason, "reason", longest=500)
    _end(found, need, by, Raise.State.WITHDRAWN, reason)
    state(RaiseWithdrawn(round=need.round, reason=reason), need, by, tell=_asked(found, need))
    return need


@opens(rules.EXPORT)
def export_raises(*, by: Actor, filters: RaiseFilters, numbers: Iterable[str] = (), query: str = "") -> list[dict]:
    """The rows of the inbox as it is filtered, and a line in the journal that says they left."""
    found = to_export(by, filters, numbers)
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    matters.record(RaisesExported(count=len(found), query=query[:500]), on=None, by=by)
    matters.exported("raises", by=by, rows=len(found), words=query, of=(row["need_id"] for row in found))
    return found


def lapse(need: Need, by: Actor) -> None:
    """The need ended while a question was open: it is taken back, and those who were asked are told."""
    found = open_raise(need)
    if found is None:
        return
    reason = _("The need ended.")
    _end(found, need, by, Raise.State.WITHDRAWN, reason)
    state(RaiseWithdrawn(round=need.round, reason=reason, lapsed=True), need, by, tell=[*_asked(found, need), found.by_id])


def nothing_open(need: Need) -> None:
    """Raise WrongMoment while management has not answered: we do not end a need over an open question."""
    if open_raise(need) is not None:
        raise WrongMoment(_("A question to management is still open. Wait for the answer, or let who raised it take it back."))


def _opened(need: Need) -> Raise:
    found = Raise.objects.select_for_update(of=("self",)).select_related("by").filter(need=need, ended_at=None).first()
    if found is None:
        raise WrongMoment(_("Nothing on this need waits for management. Reload to see what changed."))
    return found


def _to_settle(need: Need, by: Actor) -> Raise:
    found = _opened(need)
    if found.by_id == staff(by):
        raise NotAllowed(_("Somebody else has to decide what you raised."), code=rules.DECIDE.name)
    return found


def _end(found: Raise, need: Need, by: Actor, to: Raise.State, text: str) -> None:
    now = clock.now()
    found.state, found.words, found.ended_by_id, found.ended_at = to, text, by.user_id, now
    found.save()
    if to == Raise.State.WITHDRAWN:
        clocks.cancel(need.matter, [STEP], at=now)
    else:
        clocks.stop(need.matter, STEP, at=now, by=by)


def _concerned(found: Raise, need: Need) -> list[int | None]:
    """Who raised it, who works on the need, and everybody it passed through."""
    chain = [pk for link in found.delegations.all() for pk in (link.by_id, link.to_id)]
    return [found.by_id, need.matter.owner_id, found.to_id, *chain]


def _asked(found: Raise, need: Need) -> list[int | None]:
    return [found.holder_id] if found.holder_id else [user.pk for user in deciders(need)]


def _delegated(found: Raise, by: Actor) -> bool:
    return any(link.to_id == by.user_id for link in found.delegations.all())
