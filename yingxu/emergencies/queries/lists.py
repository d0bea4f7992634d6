"""Lists of emergencies: open ones, drills, past ones; what burns for somebody; what touches a need or customer."""

import time
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base.access import Actor, within
from yingxu.base.kept import kept
from yingxu.base.remember import forgets
from yingxu.base.web import Slice, keyset
from yingxu.customers.models import Customer
from yingxu.matters.models import Matter
from yingxu.needs.models import Need

from ..models import Affected, Emergency
from ..states import BURNING, ENDED, OPEN
from .board import visible_to
from .words import worded

TABS = {
    "open": (pgettext_lazy("tab", "Open"), "alarm", Q(drill=False, state__in=OPEN)),
    "past": (pgettext_lazy("tab", "Past"), "check", Q(drill=False, state__in=ENDED)),
    "drills": (_("Drills"), "training", Q(drill=True)),
}
SORTS = {
    "-opened": ("-matter__opened_at", "-matter_id"), "opened": ("matter__opened_at", "matter_id"), "level": ("level", "-matter_id"),
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a list is asked for."""

    tab: str = "open"
    text: str = ""
    level: int | None = None
    sort: str = "-opened"


def listed(by: Actor, wish: Wish) -> QuerySet[Emergency]:
    """The visible emergencies a wish asks for, in its order."""
    rows = visible_to(by).select_related("matter__owner").filter(TABS[wish.tab][2])
    if wish.level:
        rows = rows.filter(level=wish.level)
    if wish.text.strip():
        rows = rows.filter(worded(wish.text) | Q(matter__number__iendswith=wish.text.strip()))
    return rows.order_by(*SORTS[wish.sort])


def index(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of emergencies with how many are affected."""
    found = keyset(listed(by, wish).order_by(), SORTS[wish.sort], cursor, size=size)
    touched = Affected.objects.filter(emergency__in=[e.pk for e in found.rows], left_at=None)
    counted = dict(touched.order_by().values_list("emergency_id").annotate(n=Count("pk")))
    for row in found.rows:
        row.touched = counted.get(row.pk, 0)
    return found


def counts(by: Actor) -> dict[str, int]:
    """How many each tab holds, in one query."""
    return visible_to(by).order_by().aggregate(**{name: Count("pk", filter=asked) for name, (_label, _icon, asked) in TABS.items()})


# ── what burns ──

KEEP = 2.0  # seconds a process may not know that something burns
_known: tuple[float, list[Matter]] | None = None


@forgets
def look_again() -> None:
    """Ask the database at the next page whether anything burns."""
    global _known
    _known = None


def anything_burns(by: Actor) -> bool:
    """Asked on every page, so it is remembered for two seconds; what this process declares itself is known at once. What is above the
    actor's clearance, or for a circle they are not in, does not count: their pages take as long as if it were not there."""
    global _known
    now = time.monotonic()
    if _known is None or _known[0] < now:
        burning = Emergency.objects.filter(state__in=BURNING).values("pk")
        _known = (now + KEEP, list(Matter.objects.filter(pk__in=burning).only("secrecy", "circle")))
    return any(within(by, matter) for matter in _known[1])


def burning(by: Actor) -> list[Emergency]:
    """The emergencies and drills under way that this person may see, the gravest first. No query while none is."""
    if not anything_burns(by):
        return []
    return _burning(by)


@kept
def _burning(by: Actor) -> QuerySet[Emergency]:
    rows = visible_to(by).filter(state__in=BURNING).select_related("matter__owner")
    return rows.order_by("drill", "level", "matter_id")[:4]


def of_need(need: Need, by: Actor) -> list[Affected]:
    """The emergencies this need is or was in, as far as this person may see them, newest first."""
    return _of_need(by, need.pk)


@kept
def _of_need(by: Actor, need: int) -> QuerySet[Affected]:
    rows = Affected.objects.filter(need_id=need, left_at=None, emergency__in=visible_to(by).order_by())
    return rows.select_related("emergency__matter__owner").order_by("-emergency_id")[:5]


def of_customer(customer: Customer, by: Actor) -> list[Affected]:
    """The same for a customer."""
    rows = Affected.objects.filter(customer=customer, left_at=None, emergency__in=visible_to(by).order_by())
    return list(rows.select_related("emergency__matter__owner", "need__matter").order_by("-emergency_id")[:50])


def open_on(customer: int, asker: int) -> int | None:
    """The key of an emergency (no drill) that is under way and affects this customer, as somebody else than the asker said; None without
    one."""
    rows = Affected.objects.exclude(joined_by=asker).filter(Q(customer_id=customer) | Q(need__customer_id=customer), left_at=None, emergency__state__in=BURNING, emergency__drill=False)
    return rows.order_by("emergency_id").values_list("emergency_id", flat=True).first()
