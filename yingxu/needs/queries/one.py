"""One need and what hangs on it."""

from datetime import timedelta

from django.db.models import Prefetch, Q

from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.tasks.models import Task

from .. import rules
from ..models import Link, Need, Outgoing, Plan, Round
from ..states import ENDED


def visible_to(by: Actor):
    """The needs this actor may know about; nothing else exists for them."""
    rows = Need.objects.filter(rules.VIEW.where(by), matter__kind="need")  # the kind leads the spine's indexes
    return rows.select_related("matter").defer("matter__search")


def find(number: str, by: Actor) -> Need:
    """The need with this register number. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "customer__matter", "template")
    found = rows.defer("matter__search", "customer__words", "customer__matter__search").filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def plans(need: Need) -> list[Plan]:
    """All versions of all rounds, newest first, with their nodes."""
    nodes = Task.objects.select_related("department", "owner", "done_by")
    return list(
        need.plans.select_related("owner", "by").prefetch_related(Prefetch("nodes", nodes)).order_by("-round", "-version")
    )


def rounds(need: Need) -> list[Round]:
    return list(need.rounds.order_by("number"))


def links(need: Need, by: Actor) -> list[tuple[Link, Need, bool]]:
    """(link, the other need, whether this one is the parent or older), only needs the actor may see."""
    found = list(Link.objects.filter(Q(a=need) | Q(b=need)).order_by("id"))
    if not found:
        return []
    others = {n.pk: n for n in visible_to(by).filter(pk__in=[link.b_id if link.a_id == need.pk else link.a_id for link in found])}
    rows = [(link, others.get(link.b_id if link.a_id == need.pk else link.a_id), link.a_id == need.pk) for link in found]
    return [(link, other, first) for link, other, first in rows if other is not None]


def similar(by: Actor, text: str, *, customer_id: int | None = None, without: int | None = None, limit: int = 5) -> list[tuple[Need, int]]:
    """Needs that may be the same: (need, likeness in percent). The customer's own of the last 90 days, compared by shared bigrams."""
    words = set(searching.bigrams(text))
    if not words or customer_id is None:
        return []
    rows = visible_to(by).filter(customer_id=customer_id, matter__opened_at__gte=clock.now() - timedelta(days=90))
    if without:
        rows = rows.exclude(pk=without)
    scored = []
    for need in rows.exclude(state__in=["merged", "void"]).order_by("-matter_id")[:40]:
        theirs = set(searching.bigrams(need.matter.title + " " + need.body))
        union = len(words | theirs)
        likeness = round(100 * len(words & theirs) / union) if union else 0
        shared = round(100 * len(words & theirs) / len(words))
        if max(likeness, shared) >= 30:
            scored.append((need, max(likeness, shared)))
    scored.sort(key=lambda pair: (pair[0].state in ENDED, -pair[1]))
    return scored[:limit]


def outgoing(need: Need) -> list[Outgoing]:
    """Words to the customer that are about to leave; everybody who sees the need sees them coming."""
    return list(need.outgoing.select_related("by"))
