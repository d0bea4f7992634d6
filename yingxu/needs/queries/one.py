"""One need and what hangs on it."""

from datetime import timedelta

from django.db.models import Prefetch, Q

from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.tasks.models import Task

from .. import rules
from ..models import Confirmation, Link, Need, Outgoing, Plan, Result, Round, Visit
from ..states import ENDED


def visible_to(by: Actor):
    """The needs this actor may know about; nothing else exists for them."""
    rows = Need.objects.filter(rules.VIEW.where(by), matter__kind="need")  # the kind leads the spine's indexes
    return rows.select_related("matter").defer("matter__search")


def find(number: str, by: Actor) -> Need:
    """The need with this register number. Raises Gone for an absent, an unseen and a destroyed one alike."""
    found = _found(by, number)
    if not found or found[0].matter.erased_at is not None:
        raise Gone()
    return found[0]


@kept
def _found(by: Actor, number: str):
    rows = visible_to(by).select_related("matter__owner", "matter__department", "customer__matter", "template")
    return rows.defer("matter__search", "customer__words", "customer__matter__search").filter(matter__number=number)


def plans(need: Need) -> list[Plan]:
    """All versions of all rounds, newest first, with their nodes."""
    return _plans(need.pk)


@kept
def _plans(need: int):
    nodes = Task.objects.select_related("department", "owner", "done_by")
    rows = Plan.objects.filter(need_id=need).select_related("owner", "by")
    return rows.prefetch_related(Prefetch("nodes", nodes)).order_by("-round", "-version")


def rounds(need: Need) -> list[Round]:
    return _rounds(need.pk)


@kept
def _rounds(need: int):
    return Round.objects.filter(need_id=need).order_by("number")


def results(need: Need) -> list[Result]:
    """Of all rounds, the oldest first."""
    return _results(need.pk)


@kept
def _results(need: int):
    return Result.objects.filter(need_id=need).select_related("by", "reviewed_by")


def confirmations(need: Need) -> list[Confirmation]:
    """The customer's verdicts, the oldest first."""
    return _confirmations(need.pk)


@kept
def _confirmations(need: int):
    return Confirmation.objects.filter(need_id=need).select_related("recorded_by")


def visits(need: Need) -> list[Visit]:
    """What a page shows of them."""
    return _visits(need.pk)


@kept
def _visits(need: int):
    shown = ("need_id", "due_on", "done_at", "assignee__name", "found__matter__number")
    return Visit.objects.filter(need_id=need).select_related("assignee", "found__matter").only(*shown)


def links(need: Need, by: Actor) -> list[tuple[Link, Need, bool]]:
    """(link, the other need, whether this one is the parent or older), only needs the actor may see."""
    found = _links(need.pk)
    if not found:
        return []
    others = {n.pk: n for n in visible_to(by).filter(pk__in=[link.b_id if link.a_id == need.pk else link.a_id for link in found])}
    rows = [(link, others.get(link.b_id if link.a_id == need.pk else link.a_id), link.a_id == need.pk) for link in found]
    return [(link, other, first) for link, other, first in rows if other is not None]


@kept
def _links(need: int):
    return Link.objects.filter(Q(a_id=need) | Q(b_id=need)).order_by("id")


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
    return _outgoing(need.pk)


@kept
def _outgoing(need: int):
    return Outgoing.objects.filter(need_id=need).select_related("by")
