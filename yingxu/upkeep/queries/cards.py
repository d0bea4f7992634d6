"""A customer's card: what happened in a month, a quarter, a year, against the span before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers.models import Contract, Customer, Dealing
from yingxu.deadlines.models import Clock
from yingxu.deadlines.models import Outcome as Ended
from yingxu.needs import queries as needs
from yingxu.needs.models import Confirmation, Need
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task

from .. import rhythm

KINDS: dict[str, Any] = {"month": pgettext_lazy("card", "Month"), "quarter": pgettext_lazy("card", "Quarter"), "year": pgettext_lazy("card", "Year")}
NAMES: dict[str, Any] = {
    "needs": gettext_lazy("Needs registered"), "closed": gettext_lazy("Needs ended"), "in_time": gettext_lazy("Steps in time"), "satisfied": gettext_lazy("Satisfied"),
    "rating": gettext_lazy("Rating"), "dealings": gettext_lazy("Dealings"), "contracts": gettext_lazy("Contracts begun"),
}  # fmt: skip
MOST = 100


@dataclass(frozen=True)
class Span:
    """A month, quarter or year."""

    kind: str
    first: date
    last: date

    @classmethod
    def of(cls, kind: str, day: str = "") -> "Span":
        """The span of this kind around a day (empty: today). Raises Invalid."""
        try:
            on = date.fromisoformat(day) if day else clock.today()
        except ValueError:
            raise Invalid(_("This list has no such filter."), code="filter")
        if kind not in KINDS or not 2000 <= on.year <= 2100:
            raise Invalid(_("This list has no such filter."), code="filter")
        return cls(kind, *rhythm.SPANS[kind](on))

    @property
    def before(self) -> "Span":
        return Span(self.kind, *rhythm.before(self.kind, self.first))

    @property
    def after(self) -> "Span | None":
        following = Span(self.kind, *rhythm.SPANS[self.kind](self.last + timedelta(days=1)))
        return following if following.first <= clock.today() else None

    @property
    def within(self) -> tuple[Any, Any]:
        return rhythm.begins(self.first, clock.zone()), rhythm.begins(self.last + timedelta(days=1), clock.zone())

    def __str__(self) -> str:
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        return f"{self.first.year} Q{(self.first.month + 2) // 3}" if self.kind == "quarter" else str(self.first.year)


def figures(by: Actor, keys: Iterable[int], span: Span) -> dict[int, dict[str, Any]]:
    """Figures of these customers over a span, as far as the actor may see what they count: key → name → number, shares 0–1. Seven queries."""
    keys = list(keys)
    start, end = span.within
    found: dict[int, dict[str, Any]] = {pk: dict.fromkeys(NAMES) | {"needs": 0, "closed": 0, "dealings": 0, "contracts": 0} for pk in keys}
    rows = needs.visible_to(by).filter(customer__in=keys).select_related(None).order_by()
    mine = rows.values("pk")

    def put(name: str, pairs: Iterable[tuple[int, Any]]) -> None:
        for pk, value in pairs:
            found[pk][name] = value

    put("needs", rows.filter(matter__opened_at__gte=start, matter__opened_at__lt=end).values_list("customer_id").annotate(n=Count("pk")))
    put("closed", rows.filter(matter__closed_at__gte=start, matter__closed_at__lt=end).values_list("customer_id").annotate(n=Count("pk")))
    ended = Clock.objects.filter(matter__in=mine, stopped_at__gte=start, stopped_at__lt=end, outcome__in=[Ended.MET, Ended.BREACHED]).order_by()
    steps: dict[int, list[int]] = {}
    for pk, outcome, n in ended.values_list("matter__need__customer_id", "outcome").annotate(n=Count("pk")):
        pair = steps.setdefault(pk, [0, 0])
        pair[0] += n if outcome == Ended.MET else 0
        pair[1] += n
    put("in_time", ((pk, met / every) for pk, (met, every) in steps.items()))
    said: dict[int, list[int]] = {}
    told = Confirmation.objects.filter(need__in=mine, at__gte=start, at__lt=end).order_by()
    for pk, yes, n, rating in told.values_list("need__customer_id", "satisfied").annotate(n=Count("pk"), r=Avg("rating")):
        pair = said.setdefault(pk, [0, 0])
        pair[0] += n if yes else 0
        pair[1] += n
        if yes and rating is not None:
            found[pk]["rating"] = round(float(rating), 1)
    put("satisfied", ((pk, yes / every) for pk, (yes, every) in said.items()))
    put("dealings", Dealing.objects.filter(customer__in=keys, struck_at=None, at__gte=start, at__lt=end).order_by().values_list("customer_id").annotate(n=Count("pk")))
    put("contracts", Contract.objects.filter(customer__in=keys, begins_on__gte=span.first, begins_on__lte=span.last).order_by().values_list("customer_id").annotate(n=Count("pk")))
    return found


@dataclass
class Card:
    """One customer over one span."""

    customer: Customer
    span: Span
    now: dict[str, Any]
    then: dict[str, Any]
    needs: list[Need] = field(default_factory=list)
    dealings: list[Dealing] = field(default_factory=list)
    steps: list[Task] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str, str, Any, Any]]:
        """Code, name, value, value before."""
        return [(code, str(name), self.now[code], self.then[code]) for code, name in NAMES.items()]


def card(number: str, span: Span, by: Actor) -> Card:
    """What happened with a customer in a span, what is next. Raises Gone."""
    customer = customers.visible_to(by).filter(matter__number=number).select_related("matter__owner", "matter__department").first()
    if customer is None:
        raise Gone()
    start, end = span.within
    found = needs.visible_to(by).filter(customer=customer, matter__opened_at__lt=end).exclude(matter__closed_at__lt=start)
    open_ = tasks.visible_to(by).filter(state=TaskState.OPEN).filter(matter_id__in=[customer.pk, *found.values_list("pk", flat=True)])
    return Card(
        customer, span, figures(by, [customer.pk], span)[customer.pk], figures(by, [customer.pk], span.before)[customer.pk],
        list(found.order_by("-matter__opened_at")[:MOST]),
        list(Dealing.objects.filter(customer=customer, struck_at=None, at__gte=start, at__lt=end).select_related("contact").order_by("-at")[:MOST]),
        list(open_.select_related("owner", "matter").order_by("due_at", "id")[:20]),
    )  # fmt: skip


def matching(by: Actor, *, owner: int | None = None, text: str = "") -> QuerySet[Customer]:
    rows = customers.visible_to(by).select_related("matter__owner", "matter__department")
    rows = rows.filter(matter__owner_id=owner) if owner else rows
    return (rows.filter(name__icontains=text) if text else rows).order_by("name", "matter_id")


def listed(by: Actor, cursor: str = "", *, owner: int | None = None, text: str = "") -> Slice:
    return keyset(matching(by, owner=owner, text=text), ("name", "matter_id"), cursor, size=30)


def owners(by: Actor) -> list[tuple[int, str]]:
    """Who looks after customers this actor may see."""
    rows = customers.visible_to(by).filter(matter__owner__isnull=False).order_by("matter__owner__name")
    return list(rows.values_list("matter__owner_id", "matter__owner__name").distinct())
