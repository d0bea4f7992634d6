"""Pursuing a prospect from the first mention to the contract, or until it is given up."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.customers.models import Customer
from yingxu.matters.actions import exported, record
from yingxu.people.models import User
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task

from .. import queries, rules
from ..events import (
    ProspectAmended,
    ProspectLost,
    ProspectMoved,
    ProspectStepPlanned,
    ProspectTakenUp,
    RelationsExported,
)
from ..models import Move, Prospect, Step

MOST = 10_000  # rows of one exported list
ORDER = list(Step)


@action(rules.PURSUE)
def pursue(
    customer: Customer, *, by: Actor, source: str = "", owner: User | None = None, expected_amount: Decimal | None = None, expected_on: date | None = None
) -> Prospect:
    """Take a customer file up as a prospect; again after it was given up or won."""
    if customer.merged_into_id:
        raise WrongMoment(_("This customer was merged into another; its file is closed."))
    if Prospect.objects.filter(customer=customer, ended_at=None).exists():
        raise WrongMoment(_("This customer is pursued as a prospect already."))
    now = clock.now()
    made = Prospect.objects.create(
        customer=customer, source=given.words(source, "source", required=False, longest=60), owner_id=owner.pk if owner else customer.matter.owner_id or by.user_id,
        expected_amount=_amount(expected_amount), expected_on=expected_on, began_at=now, since=now,
    )  # fmt: skip
    Move.objects.create(prospect=made, to=Step.IDENTIFY, at=now, by_name=by.name[:80])
    record(ProspectTakenUp(source=made.source), on=customer.matter, by=by, tell=[made.owner_id])
    return made


@action(rules.PURSUE)
def move(customer: Customer, *, by: Actor, step: str, facts: Mapping[str, str] | None = None, note: str = "") -> Prospect:
    """Into a further step (or back into an earlier one, with a note). What the rules want known for a step, and for those it passes
    over, must be given. Reaching the contract is winning it."""
    prospect, note = _open(customer), given.words(note, "note", required=False, longest=200)
    if step not in Step.values:
        raise Invalid.field("step", _("There is no such step."))
    here, there = ORDER.index(Step(prospect.step)), ORDER.index(Step(step))
    if here == there:
        raise WrongMoment(_("The prospect is in this step already."))
    if there < here and not note:
        raise Invalid.field("note", _("Say why it goes back."))
    known = {**prospect.facts, **{code: words for code, value in (facts or {}).items() if (words := given.words(str(value), code, required=False, longest=500))}}
    wanted = [fact for one in ORDER[here + 1 : there + 1] for fact in queries.facts_of(one)]
    missing = [fact for fact in wanted if not known.get(fact["code"])]
    if missing:
        raise Invalid(
            _("For this step one must know: %(what)s.") % {"what": "、".join(fact["label"] for fact in missing)},
            fields={f"fact_{fact['code']}": [_("This cannot be empty.")] for fact in missing},
        )
    now = clock.now()
    Move.objects.create(prospect=prospect, before=prospect.step, to=step, at=now, by_name=by.name[:80], note=note)
    prospect.facts, prospect.step, prospect.since = known, step, now
    if step == Step.CONTRACT:
        prospect.outcome, prospect.ended_at = Prospect.Outcome.WON, now
    prospect.save()
    record(ProspectMoved(step=step, note=note), on=customer.matter, by=by, tell=[prospect.owner_id])
    return prospect


@action(rules.PURSUE)
def amend(
    customer: Customer, *, by: Actor, source: str = "", owner: User | None = None, expected_amount: Decimal | None = None, expected_on: date | None = None
) -> Prospect:
    """Who pursues it, what is expected and by when."""
    prospect = _open(customer)
    before = (prospect.source, prospect.owner_id, prospect.expected_amount, prospect.expected_on)
    prospect.source, prospect.owner_id = given.words(source, "source", required=False, longest=60), owner.pk if owner else prospect.owner_id
    prospect.expected_amount, prospect.expected_on = _amount(expected_amount), expected_on
    if before != (prospect.source, prospect.owner_id, prospect.expected_amount, prospect.expected_on):
        prospect.save()
        record(ProspectAmended(), on=customer.matter, by=by, tell=[prospect.owner_id])
    return prospect


@action(rules.PURSUE)
def plan_step(customer: Customer, *, by: Actor, title: str, due_at: datetime) -> Task:
    """The next step, as a task of whoever pursues it."""
    prospect = _open(customer)
    if due_at <= clock.now():
        raise Invalid.field("due_at", _("This moment is already over."))
    task = tasks.add(customer.matter, by=by, title=title, owner=prospect.owner, due_at=due_at)
    prospect.task = task
    prospect.save(update_fields=["task"])
    record(ProspectStepPlanned(title=task.title, due_at=due_at), on=customer.matter, by=by)
    return task


@action(rules.PURSUE)
def give_up(customer: Customer, *, by: Actor, reason: str, note: str = "") -> Prospect:
    """Not won, for one of the reasons of the rules."""
    prospect, note = _open(customer), given.words(note, "note", required=False, longest=200)
    if reason not in queries.lost_reasons():
        raise Invalid.field("reason", _("Choose one of the reasons."))
    now = clock.now()
    Move.objects.create(prospect=prospect, before=prospect.step, to="lost", at=now, by_name=by.name[:80], note=note)
    prospect.outcome, prospect.ended_at, prospect.reason = Prospect.Outcome.LOST, now, reason
    prospect.save()
    record(ProspectLost(reason=reason, note=note), on=customer.matter, by=by, tell=[prospect.owner_id])
    return prospect


@opens(rules.EXPORT)
def export_prospects(*, by: Actor, wish: queries.ProspectWish) -> list[Prospect]:
    """The list of prospects as it is filtered, and a line in the journal that says it left."""
    found = queries.prospects_for_export(by, wish, MOST + 1)
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    record(RelationsExported(what="prospects", count=len(found)), on=None, by=by)
    exported("prospects", by=by, rows=len(found), words=wish.text, of=[p.customer_id for p in found])
    return found


def _open(customer: Customer) -> Prospect:
    found = Prospect.objects.select_for_update(of=("self",)).select_related("owner").filter(customer=customer, ended_at=None).first()
    if found is None:
        raise WrongMoment(_("This customer is not pursued as a prospect."))
    return found


def _amount(value: Decimal | None) -> Decimal | None:
    if value is not None and not 0 <= value < 10**13:
        raise Invalid.field("expected_amount", _("An amount is not negative."))
    return value
