"""Contracts: of one customer, of all, what is due."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset
from yingxu.files import queries as files

from ..models import Contract, Customer, Instalment
from .finding import visible_to
from .sections import term

CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")
SORTS = {"-opened": ("-id",), "ends": ("ends_on", "id"), "-amount": ("-amount", "-id"), "customer": ("customer__name", "-id")}
SHOWS = ("", "open", "ending", "arrears", *Contract.State.values)


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. `show`: a state, open (draft or in force), ending (soon), arrears."""

    text: str = ""
    show: str = "open"
    owner: int | None = None
    sort: str = "ends"


def _late() -> Exists:
    return Exists(Instalment.objects.filter(contract=OuterRef("pk"), due_on__lt=clock.today(), paid__lt=F("amount")))


def matching(by: Actor, wish: Wish) -> QuerySet[Contract]:
    """The contracts of visible customers a wish asks for, unordered; `late` says whether one is in arrears."""
    rows = Contract.objects.filter(customer__in=visible_to(by)).annotate(late=_late())
    if wish.show == "open":
        rows = rows.filter(state__in=[Contract.State.DRAFT, Contract.State.RUNNING])
    elif wish.show == "ending":
        rows = rows.filter(state=Contract.State.RUNNING, ends_on__lte=clock.today() + timedelta(days=term().contract_days))
    elif wish.show == "arrears":
        rows = rows.filter(late=True).exclude(state=Contract.State.CANCELLED)
    elif wish.show:
        rows = rows.filter(state=wish.show)
    if wish.owner:
        rows = rows.filter(owner_id=wish.owner)
    if text := wish.text.strip()[:100]:
        words = Q(title__icontains=text) | Q(theirs__icontains=text) | Q(customer__name__icontains=text) | Q(reference=text) | Q(number=text.upper())
        rows = rows.filter(words)
    return rows


def index(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of the list. One query, one for the days."""
    return keyset(matching(by, wish).select_related("customer__matter", "owner"), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Contract]:
    order = [F(k.lstrip("-")).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in SORTS[wish.sort]]
    rows = matching(by, wish).select_related("customer__matter", "owner").annotate(planned=Sum("instalments__amount"), received=Sum("instalments__paid"))
    return rows.order_by(*order)


def of(customer: Customer) -> list[Contract]:
    """Every contract of a customer the actor was let see, open ones first, with instalments. Two queries."""
    return sorted(_of(customer.pk), key=lambda c: not c.open)


@kept
def _of(customer: int) -> QuerySet[Contract]:
    return Contract.objects.filter(customer_id=customer).select_related("owner").prefetch_related("instalments").order_by("-id")


def one(customer: Customer, pk: int, by: Actor) -> Contract:
    """One of this customer's contracts with its instalments and the scans this actor may know of. Raises Gone."""
    rows = Contract.objects.filter(customer=customer, pk=pk).select_related("owner", "customer__matter", "renews")
    found = rows.prefetch_related(Prefetch("instalments", queryset=Instalment.objects.order_by("due_on", "id")), Prefetch("files", queryset=files.readable(by)), "renewed_by").first()
    if found is None:
        raise Gone()
    return found


def arrears(contracts: list[Contract], today: date) -> Decimal:
    """What is late on these, of contracts in the company's own currency."""
    counted = (c for c in contracts if c.currency == "CNY" and c.state != Contract.State.CANCELLED)
    return sum((row.left for c in counted for row in c.instalments.all() if row.late(today)), Decimal(0))


# ── the clock ──


def ending(today: date) -> QuerySet[Contract]:
    """In force, and to be spoken of: the day of reminding has come, or the end is over."""
    last = today + timedelta(days=term().contract_days)
    due = Q(remind_on__lte=today) | Q(remind_on=None, ends_on__lte=last)
    over = Q(ends_on__lt=today) & ~Q(renewal=Contract.Renewal.AUTOMATIC)
    return Contract.objects.filter((due & Q(told_on=None)) | over, state=Contract.State.RUNNING, ends_on__isnull=False).order_by("id")


def coming(today: date) -> QuerySet[Instalment]:
    """Unpaid, and to be spoken of as due soon or as late."""
    last = today + timedelta(days=term().instalment_days)
    unpaid = Instalment.objects.filter(paid__lt=F("amount"), due_on__lte=last).exclude(contract__state=Contract.State.CANCELLED)
    return unpaid.filter(Q(told_on=None, due_on__gte=today) | Q(late_on=None, due_on__lt=today)).order_by("id")


def totals(contract: Contract) -> dict[str, Any]:
    """Planned, received, left and late of one contract."""
    rows, today = list(contract.instalments.all()), clock.today()
    planned, received = sum((r.amount for r in rows), Decimal(0)), sum((r.paid for r in rows), Decimal(0))
    return {"planned": planned, "received": received, "left": planned - received, "late": sum((r.left for r in rows if r.late(today)), Decimal(0))}
