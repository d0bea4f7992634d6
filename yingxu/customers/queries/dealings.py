"""Dealings with customers: of one, of all."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset

from ..models import Customer, Dealing
from .finding import visible_to

SORTS = {"-at": ("-at", "-id"), "at": ("at", "id")}


@dataclass(frozen=True)
class Wish:
    """What the list is asked for; every field empty means everything."""

    text: str = ""
    kind: str = ""
    by: int | None = None
    since: date | None = None
    until: date | None = None
    open: bool = False  # with a next step still to be done
    sort: str = "-at"


def matching(by: Actor, wish: Wish) -> QuerySet[Dealing]:
    """The dealings with visible customers a wish asks for, unordered; what was struck out is left out."""
    rows = Dealing.objects.filter(customer__in=visible_to(by), struck_at=None)
    if wish.kind:
        rows = rows.filter(kind=wish.kind)
    if wish.by:
        rows = rows.filter(by_id=wish.by)
    if wish.since:
        rows = rows.filter(at__gte=_midnight(wish.since))
    if wish.until:
        rows = rows.filter(at__lt=_midnight(wish.until + timedelta(days=1)))
    if wish.open:
        rows = rows.filter(task__state="open")
    if text := wish.text.strip()[:100]:
        rows = rows.filter(Q(text__icontains=text) | Q(customer__name__icontains=text) | Q(next_step__icontains=text))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def index(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of the list. One query."""
    return keyset(matching(by, wish).select_related("customer__matter", "contact", "task"), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Dealing]:
    order = [F(k.lstrip("-")).desc() if k.startswith("-") else F(k).asc() for k in SORTS[wish.sort]]
    return matching(by, wish).select_related("customer__matter", "contact", "task__owner").order_by(*order)


def of(customer: Customer, most: int = 100) -> list[Dealing]:
    """The newest dealings with a customer the actor was let see, also those struck out."""
    return _of(customer.pk, most=most)


@kept
def _of(customer: int, *, most: int) -> QuerySet[Dealing]:
    return Dealing.objects.filter(customer_id=customer).select_related("contact", "task__owner").order_by("-at", "-id")[:most]


def one(customer: Customer, pk: int) -> Dealing:
    """One dealing with this customer. Raises Gone."""
    found = Dealing.objects.filter(customer=customer, pk=pk).first()
    if found is None:
        raise Gone()
    return found
