"""Customers nobody looks after: without an owner, or with one who left."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers import rules as seeing
from yingxu.customers.models import Customer

SORTS = {"name": ("name", "matter_id"), "-opened": ("-matter__opened_at", "-matter_id")}
NOBODY = Q(matter__owner=None) | Q(matter__owner__is_active=False)


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. `show`: "" both, none (never had one), left."""

    show: str = ""
    text: str = ""
    sort: str = "name"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        wish = cls(asked.get("show", ""), asked.get("q", "").replace("\x00", "").strip()[:100], asked.get("sort") or "name")
        if wish.show not in ("", "none", "left") or wish.sort not in SORTS:
            raise Invalid(_("This list has no such filter."), code="filter")
        return wish


def visible_to(by: Actor) -> QuerySet[Customer]:
    """The ownerless customers this actor may change."""
    return customers.visible_to(by).filter(seeing.EDIT.where(by)).filter(NOBODY).select_related("matter__owner", "matter__department")


def listed(by: Actor, wish: Wish, cursor: str = "") -> Slice:
    """A page of them. One query."""
    rows = visible_to(by)
    if wish.show:
        rows = rows.filter(matter__owner__isnull=wish.show == "none")
    return keyset(rows.filter(name__icontains=wish.text) if wish.text else rows, SORTS[wish.sort], cursor, size=50)


def count(by: Actor) -> int:
    """How many; 0 for whoever may give nobody an owner. One query."""
    return visible_to(by).select_related(None).order_by().count() if by.may(seeing.EDIT) else 0
