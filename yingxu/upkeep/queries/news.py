"""What was learned and is not in the archive yet, what was late. Seen by whoever sees the customer and may see such lists."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer
from yingxu.deadlines import queries as deadlines

from .. import rhythm, rules
from ..models import News
from .setting import settings

PARTS: dict[str, Any] = {
    "open": pgettext_lazy("news", "To be entered"), "late": pgettext_lazy("news", "Overdue"), "broken": pgettext_lazy("news", "Entered late"), "done": pgettext_lazy("news", "Entered"),
}  # fmt: skip


def due(kind: str, learned: date) -> date:
    """By which day a fact learned on a day must be in the file."""
    row = settings()
    return rhythm.plus(learned, row.entry_days if kind == News.Kind.ENTRY else row.update_days, deadlines.calendar())


def visible_to(by: Actor) -> QuerySet[News]:
    rows = News.objects.filter(rules.SEE_NEWS.where(by), customer__in=customers.visible_to(by).values("pk"))
    return rows.select_related("customer__matter__owner", "noted_by", "entered_by")


def part(name: str) -> Q:
    return {
        "open": Q(entered_at=None), "late": Q(entered_at=None, due_on__lt=clock.today()), "done": Q(entered_at__isnull=False),
        "broken": Q(entered_at__date__gt=F("due_on")),
    }[name]  # fmt: skip


def listed(by: Actor, name: str, cursor: str = "") -> Slice:
    keys = ("due_on", "id") if name in ("open", "late") else ("-due_on", "-id")
    return keyset(visible_to(by).filter(part(name)), keys, cursor, size=50)


def counts(by: Actor) -> dict[str, int]:
    """How many in each part. One query."""
    return visible_to(by).select_related(None).order_by().aggregate(**{name: Count("pk", filter=part(name)) for name in PARTS})


def find(pk: int, by: Actor) -> News:
    """One of them. Raises Gone."""
    found = visible_to(by).filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of a customer's page."""
    return {"rows": list(visible_to(by).filter(customer=customer).order_by("-id")[:50]), "may": rules.NOTE.allows(by, customer), "today": clock.today(), "actor": by}
