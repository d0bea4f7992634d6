"""The register of reserves, and its ledger."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset

from .. import rules
from ..models import Dispatch, Movement, Resource
from .words import worded

SOON = timedelta(days=30)
SORTS = {"name": ("matter__title", "matter_id"), "expires": ("expires_on", "matter_id"), "-opened": ("-matter_id",)}
SHOWS = ("", "out", "due", "none")


@dataclass(frozen=True)
class ReserveWish:
    """What the register is asked for. `show`: out, due (to expire or to be looked over), none (nothing left)."""

    text: str = ""
    kind: str = ""
    show: str = ""
    sort: str = "name"


def plain(value: Decimal) -> str:
    """A quantity as people write it: 2, 1.5, 43,600."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def reserves_visible_to(by: Actor) -> QuerySet[Resource]:
    """The reserves this actor may see."""
    return Resource.objects.filter(rules.VIEW_RESERVES.where(by)).select_related("matter")


def reserves_listed(by: Actor, wish: ReserveWish) -> QuerySet[Resource]:
    """The reserves a wish asks for, in its order."""
    rows = reserves_visible_to(by).select_related("matter__owner", "matter__department")
    if wish.kind:
        rows = rows.filter(kind=wish.kind)
    if wish.show:
        rows = rows.filter(_shown(wish.show))
    if wish.text.strip():
        rows = rows.filter(worded(wish.text) | Q(matter__number__iendswith=wish.text.strip()))
    return rows.order_by(*SORTS[wish.sort])


def _shown(show: str) -> Q:
    soon = clock.today() + SOON
    return {
        "out": Q(out__gt=0), "due": Q(expires_on__lte=soon) | Q(check_on__lte=soon), "none": Q(out=F("total")),
    }[show]  # fmt: skip


def reserves(by: Actor, wish: ReserveWish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of the register."""
    return keyset(reserves_listed(by, wish).order_by(), SORTS[wish.sort], cursor, size=size)


def reserve_mark(kind: str, name: str, unit: str, place: str) -> tuple[str, ...]:
    """By which a list is compared with the register: two rows with the same mark are one reserve."""
    return (kind, name.strip().lower(), unit.strip().lower(), place.strip().lower())


def reserve_marks() -> set[tuple[str, ...]]:
    """The marks of all there are."""
    return {reserve_mark(*row) for row in Resource.objects.values_list("kind", "matter__title", "unit", "place")}


def reserve_counts(by: Actor) -> dict[str, int]:
    """How many there are, and how many each view shows."""
    rows = reserves_visible_to(by).order_by()
    return {show: rows.filter(_shown(show)).count() if show else rows.count() for show in SHOWS}


def reserve(number: str, by: Actor) -> Resource:
    """One reserve, or Gone."""
    found = reserves_visible_to(by).select_related("matter__owner", "matter__department").filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def movements(resource: Resource, cursor: str = "") -> Slice:
    """A page of the ledger, newest first."""
    rows = Movement.objects.filter(resource=resource).select_related("by", "dispatch__emergency__matter")
    return keyset(rows, ("-id",), cursor)


def out_of(resource: Resource) -> list[Dispatch]:
    """What of it is out."""
    rows = Dispatch.objects.filter(resource=resource, quantity__gt=F("returned") + F("used"))
    return list(rows.select_related("emergency__matter", "by").order_by("id"))


def reserves_for(by: Actor) -> list[Resource]:
    """What could be dispatched by this person: something is left, and they may."""
    rows = reserves_visible_to(by).filter(rules.DISPATCH.where(by), out__lt=F("total")).select_related("matter__owner")
    return list(rows.order_by("kind", "matter__title")[:200])
