"""Care: noting birthdays, making what is due into tasks once, and what came of it."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Gone, Invalid, WrongMoment
from yingxu.customers.models import Contact, Customer
from yingxu.matters.actions import exported, record
from yingxu.privacy import queries as privacy
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import State as TaskState

from .. import occasions, queries, rules
from ..events import BirthdayNoted, CarePlanned, CareSettled, CareWithheld, RelationsExported
from ..models import Birthday, Care
from ..shapes import CareRule

MARKETING = "marketing"  # the purpose (P2) without which marketing care is withheld
MOST = 10_000  # rows of one exported list


@action(rules.CARE)
def note_birthday(
    customer: Customer, *, by: Actor, month: int, day: int, lunar: bool = False, leap: bool = False, year: int | None = None, contact: Contact | None = None
) -> Birthday:
    """When somebody's birthday is; again: another day."""
    if contact is not None and contact.customer_id != customer.pk:
        raise Invalid.field("contact", _("This is no contact of the customer."))
    if leap and not lunar:
        raise Invalid.field("leap", _("Leap months are of the Chinese calendar."))
    if year is not None and not occasions.FIRST <= year <= clock.today().year:
        raise Invalid.field("year", _("This year cannot be."))
    try:
        occasions.lunar(2024, month, day, leap) if lunar else occasions.solar(2024, month, day)
    except ValueError:
        raise Invalid.field("day", _("There is no such day.")) from None
    made, _new = Birthday.objects.update_or_create(
        customer=customer, contact=contact, defaults={"lunar": lunar, "month": month, "day": day, "leap": leap, "year": year}
    )
    record(BirthdayNoted(), on=customer.matter, by=by)
    return made


@action(rules.CARE)
def forget_birthday(customer: Customer, *, by: Actor, birthday: int) -> Customer:
    """Out of the file."""
    if not Birthday.objects.filter(customer=customer, pk=birthday).delete()[0]:
        raise Gone()
    record(BirthdayNoted(gone=True), on=customer.matter, by=by)
    return customer


@action(rules.CARE)
def settle(customer: Customer, *, by: Actor, care: int, done: bool, result: str = "") -> Care:
    """Taken care of, or left out with the reason; its task is finished or withdrawn with it. Marketing whose consent ended since is refused."""
    found = Care.objects.select_for_update(of=("self",)).select_related("task__matter").filter(customer=customer, pk=care).first()
    if found is None:
        raise Gone()
    if found.state != Care.State.PLANNED:
        raise WrongMoment(_("This was settled already, or is withheld."))
    if done and found.marketing and not privacy.may_use(customer.matter_id, MARKETING):
        raise WrongMoment(_("The customer does not agree to marketing any more; leave it out."))
    result = given.words(result, "result", required=not done, longest=500)
    found.state, found.result, found.settled_at = Care.State.DONE if done else Care.State.SKIPPED, result, clock.now()
    found.save()
    if found.task and found.task.state == TaskState.OPEN:
        if done:
            tasks.conclude(found.task, by=by, result=result)
        else:
            tasks.take_back([found.task], by=by, reason=result)
    record(CareSettled(name=found.name, done=done, result=result), on=customer.matter, by=by)
    return found


@step
def finished(task: int, result: str, at: datetime) -> None:
    """The task of an occasion was finished in the work list."""
    Care.objects.filter(task=task, state=Care.State.PLANNED).update(state=Care.State.DONE, result=result[:500], settled_at=at)


def plan(rule: CareRule, due: Iterable[tuple[int, int | None, date]]) -> int:
    """Make what is due into tasks: (customer, contact, day); returns how many. Each customer in a transaction of its own, locked, and looked at
    again: whoever comes second finds it made."""
    made = 0
    for customer_id, contact_id, on in due:
        with transaction.atomic():
            customer = Customer.objects.select_for_update(of=("self",)).select_related("matter__owner").filter(pk=customer_id, merged_into=None).first()
            if customer is not None:
                made += _plan(rule, customer, contact_id, on)
    return made


def _plan(rule: CareRule, customer: Customer, contact_id: int | None, on: date) -> int:
    before = Care.objects.filter(customer=customer, contact=contact_id, rule=rule.code, on=on).first()
    allowed = not rule.marketing or privacy.may_use(customer.matter_id, MARKETING)
    if before is not None and (before.state != Care.State.WITHHELD or not allowed):
        return 0
    care = before or Care(customer=customer, contact_id=contact_id, rule=rule.code, name=rule.name, marketing=rule.marketing, on=on, made_at=clock.now())
    if not allowed:
        care.state = Care.State.WITHHELD
        record(CareWithheld(name=rule.name, on=on), on=customer.matter, by=SYSTEM)
    else:
        care.state = Care.State.PLANNED
        due = timezone.make_aware(datetime.combine(on, time(18)), clock.zone())
        care.task = tasks.add(customer.matter, by=SYSTEM, title=rule.task, owner=customer.matter.owner, due_at=max(due, clock.now()))
        record(CarePlanned(name=rule.name, on=on), on=customer.matter, by=SYSTEM)
    care.save()
    return 1


@opens(rules.EXPORT)
def export_care(*, by: Actor, wish: queries.CareWish) -> list[Care]:
    """A month of the care calendar as it is filtered, and a line in the journal that says it left."""
    found = list(queries.care_listed(by, wish)[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    record(RelationsExported(what="care", count=len(found)), on=None, by=by)
    exported("care", by=by, rows=len(found), words=wish.month, of={care.customer_id for care in found})
    return found
