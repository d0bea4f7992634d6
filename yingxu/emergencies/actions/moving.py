"""Reserves go to an emergency and come back. The reserve's row is locked, and the table refuses that more goes out than is there."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.given import words
from yingxu.matters import actions as matters

from .. import rules
from ..events import ReserveArrived, ReserveDispatched, ReserveReturned
from ..models import Dispatch, Emergency, Resource
from ..queries import plain
from ..states import ENDED, Move, State
from .reserves import amount, moved


@action(rules.DISPATCH)
def dispatch(
    resource: Resource, *, by: Actor, emergency: Emergency, quantity: Decimal | int | str, carrier: str = "",
    arrives_at: datetime | None = None, back_on: date | None = None,
) -> Dispatch:  # fmt: skip
    """So much of it goes to the emergency: who brings it, when it arrives, when it is expected back."""
    current = Emergency.objects.select_for_update(of=("self",)).select_related("matter").get(pk=emergency.pk)
    check(rules.VIEW, by, current)
    if current.state in ENDED:
        raise WrongMoment(_("This emergency has ended (%(state)s); its record stays as it is.") % {"state": State(current.state).label})
    wanted, carrier = amount(quantity), words(carrier, "carrier", required=False, longest=60)
    if wanted > resource.left:
        raise Invalid.field("quantity", _("There are only %(left)s %(unit)s left.") % {"left": plain(resource.left), "unit": resource.unit})
    if back_on is not None and back_on < clock.today():
        raise Invalid.field("back_on", _("Choose today or a later day."))
    resource.out += wanted
    resource.version += 1
    resource.save()
    made = Dispatch.objects.create(
        resource=resource, emergency=current, quantity=wanted, carrier=carrier, by_id=by.user_id, at=clock.now(),
        arrives_at=arrives_at, back_on=back_on,
    )  # fmt: skip
    moved(resource, Move.DISPATCHED, wanted, by, reason=current.number, dispatch=made)
    event = ReserveDispatched(
        drill=current.drill, name=resource.matter.title, quantity=plain(wanted), unit=resource.unit, to=current.number, carrier=carrier
    )
    _both(event, resource, current, by)
    return made


@action(rules.DISPATCH)
def arrive(resource: Resource, *, by: Actor, dispatch: int) -> Dispatch:
    """It is where it is needed."""
    row = _out(resource, dispatch)
    if row.arrived_at is not None:
        raise WrongMoment(_("It has arrived already."))
    row.arrived_at = clock.now()
    row.save()
    event = ReserveArrived(drill=row.emergency.drill, name=resource.matter.title, quantity=plain(row.quantity), unit=resource.unit)
    _both(event, resource, row.emergency, by)
    return row


@action(rules.DISPATCH)
def give_back(
    resource: Resource, *, by: Actor, dispatch: int, returned: Decimal | int | str = 0, used: Decimal | int | str = 0, note: str = ""
) -> Dispatch:  # fmt: skip
    """So much came back, so much was used up; what is used up is no longer in stock."""
    row = _out(resource, dispatch)
    came, gone = amount(returned, "returned", zero=True), amount(used, "used", zero=True)
    note = words(note, "note", required=False, longest=200)
    if not came and not gone:
        raise Invalid.field("returned", _("Say how much came back or was used up."))
    if came + gone > row.away:
        raise Invalid.field("returned", _("Only %(away)s %(unit)s of it are still out.") % {"away": plain(row.away), "unit": resource.unit})
    row.returned, row.used = row.returned + came, row.used + gone
    row.arrived_at = row.arrived_at or clock.now()
    row.save()
    resource.version += 1
    for kind, quantity in ((Move.RETURNED, came), (Move.CONSUMED, gone)):
        if quantity:
            resource.out -= quantity
            resource.total -= quantity if kind == Move.CONSUMED else 0
            resource.save()
            moved(resource, kind, quantity, by, reason=note or row.emergency.number, dispatch=row)
    event = ReserveReturned(drill=row.emergency.drill, name=resource.matter.title, returned=plain(came), used=plain(gone), unit=resource.unit)
    _both(event, resource, row.emergency, by)
    return row


def _out(resource: Resource, pk: int) -> Dispatch:
    """Something of this reserve that is still out."""
    row = Dispatch.objects.select_for_update(of=("self",)).select_related("emergency__matter").filter(resource=resource, pk=pk).first()
    if row is None or not row.away:
        raise WrongMoment(_("Nothing of this is out any more."))
    return row


def _both(event, resource: Resource, emergency: Emergency, by: Actor) -> None:
    """Stated on the reserve and on the emergency, whose log shows it."""
    matters.record(event, on=resource.matter, by=by, tell=[resource.matter.owner_id])
    matters.record(event, on=emergency.matter, by=by, tell=[emergency.matter.owner_id])
