"""What was asked to be consulted: one's own requests, those of all that one guards, who reads a file now."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers.models import Customer
from yingxu.customers.rules import VIEW
from yingxu.matters.queries import seen_by

from . import rules
from .models import Consultation, State


def _called(named: str) -> Q:
    return Q(matter__number__iexact=named) | Q(name=named)


def open_already(by: Actor, named: str) -> bool:
    """May the actor open a file called so? The one thing asked while somebody waits, whatever there is."""
    return Customer.objects.filter(VIEW.where(by), _called(named), merged_into=None).exists()


def meant(named: str) -> Customer | None:
    """The one file called so; None when there is none, or several."""
    found = list(Customer.objects.filter(_called(named), merged_into=None).select_related("matter")[:2])
    return found[0] if len(found) == 1 else None


def mine(by: Actor, cursor: str = "", *, size: int = 50) -> Slice:
    rows = Consultation.objects.filter(asked_by_id=by.user_id).select_related("serves", "matter")
    return keyset(rows, ("-id",), cursor, size=size)


def kept(by: Actor) -> QuerySet[Consultation]:
    """For those who guard archives: every request that waits, and what became of those for files they may see."""
    if not by.may(rules.KEEP):
        return Consultation.objects.none()
    return Consultation.objects.filter(Q(state=State.ASKED) | Q(matter=None) | seen_by(by, "matter_id")).select_related("asked_by__department", "serves", "matter", "ended_by")


def listed(by: Actor, state: str = "", text: str = "", cursor: str = "", *, size: int = 50) -> Slice:
    """A page of them. Raises Invalid for a state there is not."""
    if state not in ("", *State.values):
        raise Invalid(_("This list has no such filter."), code="filter")
    rows = kept(by)
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(named__icontains=text) | Q(asked_by__name__icontains=text))
    return keyset(rows, ("-id",), cursor, size=size)


def seen(by: Actor, rows: list[Consultation]) -> set[int]:
    """Of which of these the actor may know the file. One query; the others look as if no such file had been found."""
    keys = [row.matter_id for row in rows if row.matter_id]
    return set(Consultation.objects.filter(seen_by(by, "matter_id"), matter_id__in=keys).values_list("matter_id", flat=True)) if keys else set()


def find(pk: int, by: Actor) -> Consultation:
    """One that is the actor's own or that they may answer. Raises Gone."""
    rows = Consultation.objects.select_related("asked_by", "matter", "serves")
    found = rows.filter(Q(asked_by_id=by.user_id) | Q(pk__in=kept(by).values("pk")), pk=pk).first()
    if found is None:
        raise Gone()
    return found


def of(customer: Customer) -> list[Consultation]:
    """Every request for this file, the newest first; for whoever may see how it is guarded."""
    return list(Consultation.objects.filter(matter_id=customer.pk).select_related("asked_by__department", "serves", "ended_by")[:100])


def to_look_at(asked_before: datetime) -> list[tuple[int, str]]:
    over = Q(state=State.GRANTED, ends_at__lte=clock.now()) | Q(state=State.ASKED, asked_at__lte=asked_before)
    return list(Consultation.objects.filter(over).order_by("id").values_list("pk", "state"))


def counts(by: Actor) -> dict[str, Any]:
    """How many wait for those who guard archives, for the side of the list."""
    return {"asked": kept(by).filter(state=State.ASKED).order_by().count()}
