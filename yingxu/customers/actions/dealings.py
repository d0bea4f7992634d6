"""Calls, visits, receptions: written down with what comes next; the list and the file given out."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Gone, Invalid, WrongMoment
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.matters.queries import page_of
from yingxu.people.models import User
from yingxu.tasks import actions as tasks

from .. import queries, rules
from ..events import ArchiveGivenOut, DealingStruck, DealingWritten, PapersExported
from ..models import Contact, Contract, Customer, Dealing
from .editing import EXPORT_MOST, not_merged
from .keeping import came, kept
from .looking import said_for


@action(rules.LOG)
def write_down(
    customer: Customer, *, by: Actor, kind: str, text: str, at: datetime | None = None, contact: Contact | None = None, place: str = "",
    next_step: str = "", next_owner: User | None = None, next_due: datetime | None = None,
) -> Dealing:  # fmt: skip
    """What somebody of us had to do with the customer. A next step becomes a task, of the person named, else of the writer. Raises
    Invalid for a moment to come, and for a next step whose day is over."""
    not_merged(customer)
    now = clock.now()
    at = at or now
    if kind not in Dealing.Kind.values:
        raise Invalid.field("kind", _("Choose one of the values offered."))
    if at > now:
        raise Invalid.field("at", _("This is still to come; plan it as a next step."))
    if contact is not None and contact.customer_id != customer.pk:
        raise Gone()
    text, place = given.words(text, "text", longest=4_000), given.words(place, "place", required=False, longest=120)
    next_step = given.words(next_step, "next_step", required=False, longest=200)
    if next_due is not None and next_due <= now:
        raise Invalid.field("next_due", _("This moment is already over."))
    if next_due is not None and not next_step:
        raise Invalid.field("next_step", _("Say what is to be done by then."))
    task = None
    if next_step:
        owner = next_owner or User.objects.filter(pk=by.user_id).first() or customer.matter.owner
        task = tasks.add(customer.matter, by=by, title=next_step, details=text, owner=owner, due_at=next_due)
    made = Dealing.objects.create(
        customer=customer, contact=contact, kind=kind, at=at, by_id=by.user_id, by_name=by.name[:80], place=place, text=text, next_step=next_step,
        task=task, recorded_at=now,
    )  # fmt: skip
    came(customer, "dealing", made, by=by)
    matters.index_more(customer.matter, text)
    matters.record(DealingWritten(dealing=made.pk, kind=kind, text=text[:200], next_step=next_step, happened=at), on=customer.matter, by=by)
    return made


@action(rules.LOG)
def strike(customer: Customer, dealing: Dealing, *, by: Actor, reason: str) -> Dealing:
    """It was written wrongly: struck out with the reason, readable still. Only by whoever wrote it, or who may change the file."""
    not_merged(customer)
    found = Dealing.objects.select_for_update().filter(pk=dealing.pk, customer=customer).first()
    if found is None:
        raise Gone()
    if found.by_id != by.user_id and not rules.EDIT.allows(by, customer):
        raise WrongMoment(_("Only %(name)s, or who may change the file, can strike this out.") % {"name": found.by_name})
    if found.struck_at:
        raise WrongMoment(_("This was struck out already."))
    reason = given.words(reason, "reason", longest=200)
    with kept(customer, "dealing", by=by, why=reason):
        found.struck_at, found.struck_why = clock.now(), reason
        found.save(update_fields=["struck_at", "struck_why"])
    matters.record(DealingStruck(dealing=found.pk, reason=reason), on=customer.matter, by=by)
    return found


# ── out ──


@action(rules.GIVE_OUT)
def give_out(customer: Customer, *, by: Actor, how: str, moment: datetime | None = None) -> Any:
    """The file as plain pages, made from the archive as of a moment; stated in the journal. `how` is "print" or "xlsx"."""
    said = said_for(customer, by=by, always=False)
    approvals.second_person(by=by, listed=f"archive:{customer.pk}", name=customer.matter.number, rows=1, asked=f"{how} {moment.date() if moment else ''}".strip(), url=page_of(customer.matter), matter=customer.matter)
    made = queries.archive.of(customer, by, moment)
    matters.looked(customer.matter, by=by, what=Look.What.PRINT if how == "print" else Look.What.EXPORT, said=said)
    matters.record(ArchiveGivenOut(as_of=made.moment, how=how), on=customer.matter, by=by)
    return made


@opens(rules.EXPORT)
def export_contracts(wish: Any, *, by: Actor) -> list[Contract]:
    """The contracts a list shows, all of them, for a file; stated in the journal."""
    return _counted(queries.contracts.to_export(by, wish), "contracts", _("Contracts"), wish, by)


@opens(rules.EXPORT)
def export_dealings(wish: Any, *, by: Actor) -> list[Dealing]:
    """The dealings a list shows, all of them, for a file; stated in the journal."""
    return _counted(queries.dealings.to_export(by, wish), "dealings", _("Dealings"), wish, by)


def _counted(rows: Any, what: str, name: str, wish: Any, by: Actor) -> list:
    found = list(rows[: EXPORT_MOST + 1])
    if len(found) > EXPORT_MOST:
        raise Invalid(_("This is more than %(n)s rows; narrow it down with the filters.") % {"n": EXPORT_MOST})
    approvals.second_person(by=by, listed=what, name=name, rows=len(found), asked=" ".join(f"{key}={value}" for key, value in vars(wish).items() if value))
    matters.record(PapersExported(what=what, count=len(found)), on=None, by=by)
    matters.exported(what, by=by, rows=len(found), of={row.customer_id for row in found})
    return found
