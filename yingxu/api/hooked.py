"""Questions about webhooks: which there are, how they do, what was sent. A matter the asker may not see is not named to them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset
from yingxu.matters import catalogue
from yingxu.matters.models import Entry
from yingxu.matters.queries import may_hear, page_of, visible_matters

from . import payload, rules
from .models import Attempt, Delivery, Endpoint

WEEK = timedelta(days=7)
ORDER = ("-id",)


def events() -> list[str]:
    """Every event an endpoint may choose: all but what befalls endpoints, which is not sent to endpoints."""
    return [name for name in catalogue.names() if not name.startswith("api.endpoint_")]


def may_be_told(by: Actor, entry: Entry) -> bool:
    """May this person hear of the entry? What hangs on no matter (settings, tokens, imports) is for who manages the API."""
    return by.may(rules.MANAGE) if entry.matter is None else may_hear(by, entry)


@dataclass
class Health:
    """How an endpoint did in the last seven days."""

    counts: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None


def endpoints(by: Actor, *, deleted: bool = False) -> list[tuple[Endpoint, Health]]:
    """All of them with how they do; deleted ones on their own page."""
    rows = list(Endpoint.objects.filter(rules.MANAGE.where(by), deleted_at__isnull=not deleted).select_related("user", "made_by"))
    found = health(row.pk for row in rows)
    return [(row, found[row.pk]) for row in rows]


def health(endpoints: Iterable[int]) -> dict[int, Health]:
    """What waits, however long, and what came of the rest in the last seven days."""
    found: dict[int, Health] = defaultdict(Health)
    rows = Delivery.objects.filter(endpoint__in=list(endpoints), made_at__gt=clock.now() - WEEK).order_by()
    for pk, state, many, last in rows.values_list("endpoint", "state").annotate(many=Count("pk"), last=Max("done_at")):
        found[pk].counts[state] = many
        if state == Delivery.State.DELIVERED:
            found[pk].last = last
    return found


def endpoint(pk: int, by: Actor) -> Endpoint:
    """One, also a deleted one. Raises Gone."""
    found = Endpoint.objects.filter(rules.MANAGE.where(by), pk=pk).select_related("user", "made_by").first()
    if found is None:
        raise Gone()
    return found


@dataclass
class Line:
    """A delivery as the asker may see it: without number and page when the matter is not theirs to see."""

    delivery: Delivery
    title: str
    number: str
    page: str
    covered: bool
    last: Attempt | None


def deliveries(found: Endpoint, by: Actor, *, state: str = "", event: str = "", cursor: str = "", size: int = 50) -> Slice:
    """A page of what was or will be sent, newest first."""
    rows = found.deliveries.select_related("entry__matter")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(event=event) if event else rows
    page = keyset(rows, ORDER, cursor, size=size)
    page.rows = _lines(page.rows, by)
    return page


def every_delivery(found: Endpoint, by: Actor, *, state: str = "", event: str = "", most: int = 50_000) -> list[Line]:
    """The same, for a file."""
    rows = found.deliveries.select_related("entry__matter").order_by(*ORDER)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(event=event) if event else rows
    return _lines(list(rows[:most]), by)


def delivery(found: Endpoint, pk: int, by: Actor) -> Line:
    """One of this endpoint. Raises Gone."""
    row = found.deliveries.select_related("entry__matter", "endpoint").filter(pk=pk).first()
    if row is None:
        raise Gone()
    return _lines([row], by)[0]


def _lines(rows: list[Delivery], by: Actor) -> list[Line]:
    matters = {row.entry.matter_id for row in rows if row.entry and row.entry.matter_id}
    seen = set(visible_matters(by).filter(pk__in=matters).values_list("pk", flat=True)) if matters else set()
    newest = Attempt.objects.filter(delivery__in=[row.pk for row in rows]).order_by("delivery_id", "-id").distinct("delivery_id")
    last = {attempt.delivery_id: attempt for attempt in newest} if rows else {}
    titles = {event: catalogue.title(event) for event in {row.event for row in rows}}
    return [_line(row, titles[row.event], seen, last.get(row.pk)) for row in rows]


def _line(row: Delivery, title: str, seen: set[int], last: Attempt | None) -> Line:
    matter = row.entry.matter if row.entry else None
    covered = matter is not None and matter.pk not in seen
    plain = matter is not None and not covered
    return Line(row, title, matter.number if plain and matter else "", page_of(matter) if plain else "", covered, last)


def attempts(row: Delivery) -> list[Attempt]:
    """Every call that was made for it, the newest first."""
    return list(row.attempts.order_by("-id")[:50])


def body(line: Line) -> dict[str, Any] | None:
    """What is sent; None when the asker may not see what it is about."""
    row = line.delivery
    if line.covered:
        return None
    return payload.of(row.key, row.entry) if row.entry else payload.test(row.key, row.made_at)


def tally(found: Endpoint) -> dict[str, int]:
    """How many deliveries are in which state."""
    return dict(found.deliveries.order_by().values_list("state").annotate(many=Count("pk")))
