"""What happened to a customer, and what was merged into it."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.matters.queries import Line, timeline

from ..events import CustomerBack, CustomerGone
from ..models import Customer, Merge
from . import sections

UNDO = timedelta(days=30)


def history(customer: Customer, by: Actor, merged: Sequence[Merge] | None = None, among: sections.Levels | None = None) -> list[tuple[Line, str]]:
    """Everything that happened to the customer, newest first; of those merged into it with their register number. What happened to a
    section the actor may not know of did not happen. `merged` are its `merges`, `among` the levels of its sections, when they are known."""
    lines = [(line, "") for line in sections.known(timeline(customer.matter), customer, by, among)]
    for gone in [merge.gone for merge in (merges(customer) if merged is None else merged)]:
        told = (line for line in timeline(gone.matter) if not isinstance(line.event, CustomerGone | CustomerBack))
        lines += [(line, gone.matter.number) for line in sections.known(sections.known(list(told), gone, by), customer, by, among)]
    return sorted(lines, key=lambda found: (found[0].entry.at, found[0].entry.pk), reverse=True)


def merges(customer: Customer) -> list[Merge]:
    """Merges into this customer that still hold, newest first."""
    return _merges(customer.pk)


@kept
def _merges(customer: int) -> QuerySet[Merge]:
    return Merge.objects.filter(kept_id=customer, undone_at=None).select_related("gone__matter", "by").order_by("-id")


def can_be_undone(merge: Merge) -> bool:
    """Is it still within its 30 days?"""
    return merge.undone_at is None and clock.now() - merge.at <= UNDO


def last_merge(gone: Customer) -> Merge | None:
    """The merge by which this customer went."""
    return Merge.objects.filter(gone=gone, undone_at=None).select_related("kept__matter", "by").first()
