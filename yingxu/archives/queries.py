"""The register of guarded archives, one file's custody, what the levels are called."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.remember import Remembered
from yingxu.base.web import Slice, keyset
from yingxu.customers.models import Customer
from yingxu.customers.queries import sections
from yingxu.matters import circles
from yingxu.matters.queries import Line, timeline
from yingxu.people.models import User

from . import events, rules
from .models import Custody, LevelName, Stamp

SOON = timedelta(days=30)
SORTS = {
    "-level": ("-matter__secrecy", "-matter_id"), "name": ("name", "matter_id"), "term": ("custody__ends_on", "matter_id"),
    "-set": ("-custody__at", "-matter_id"),
}  # fmt: skip
TERMS = {"soon": gettext_lazy("ends within 30 days"), "over": gettext_lazy("is over"), "none": gettext_lazy("has no end")}
KINDS = (events.LevelSet, events.LoweringAsked, events.Lowered, events.TermSet, events.TermEnded, events.TermAsked, events.CircleSet, events.SectionRaised, events.SectionLoweringAsked, events.SectionLowered, events.PaperRaised, events.PaperLoweringAsked, events.PaperLowered)


def _load() -> dict[int, str]:
    return dict(LevelName.objects.values_list("level", "text"))


names = Remembered(_load, lambda: Stamp.objects.values_list("value", flat=True).first())


def find(number: str, by: Actor) -> Customer:
    """The customer with this number whose guarding this actor may see. Raises Gone."""
    rows = Customer.objects.filter(rules.VIEW.where(by)).select_related("matter__owner", "matter__department", "custody__by")
    found = rows.filter(matter__number=number, merged_into=None).first()
    if found is None:
        raise Gone()
    return found


def custody(customer: Customer) -> Custody | None:
    return Custody.objects.select_related("by").filter(customer=customer).first()


def members(customer: Customer) -> list[User]:
    """Who is in the circle of the file; none when it has none."""
    return circles.people_in(customer.matter)


def history(customer: Customer, by: Actor) -> list[Line]:
    """How it was guarded, the newest first; of its sections as far as this actor may know of them."""
    wanted = {kind.NAME for kind in KINDS}
    lines = [line for line in reversed(timeline(customer.matter)) if line.entry.event in wanted]
    return sections.known(lines, customer, by)


def over() -> list[int]:
    """The files whose term is over and about which nothing was done yet."""
    return list(Custody.objects.filter(ends_on__lt=clock.today(), asked_on=None).order_by("pk").values_list("pk", flat=True))


# ── the register ──


@dataclass(frozen=True)
class Wish:
    """What the register is asked for."""

    text: str = ""
    level: int | None = None
    term: str = ""
    circle: bool = False
    sort: str = "-level"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        level, term, sort = asked.get("level", ""), asked.get("term", ""), asked.get("sort") or "-level"
        if level not in ("", "1", "2", "3") or term not in ("", *TERMS) or sort not in SORTS or asked.get("circle", "") not in ("", "1"):
            raise Invalid(_("This list has no such filter."), code="filter")
        return cls(asked.get("q", "").strip()[:100], int(level) if level else None, term, bool(asked.get("circle")), sort)


def guarded(by: Actor) -> QuerySet[Customer]:
    """The files with a level or a circle that this actor may see."""
    rows = Customer.objects.filter(rules.VIEW.where(by), Q(matter__secrecy__gt=0) | Q(matter__circle__isnull=False), merged_into=None)
    return rows.select_related("matter__owner", "matter__department", "custody__by")


def matching(by: Actor, wish: Wish) -> QuerySet[Customer]:
    rows, today = guarded(by), clock.today()
    if wish.level:
        rows = rows.filter(matter__secrecy=wish.level)
    if wish.circle:
        rows = rows.filter(matter__circle__isnull=False)
    if wish.term == "none":
        rows = rows.filter(custody__ends_on=None)
    elif wish.term == "over":
        rows = rows.filter(custody__ends_on__lt=today)
    elif wish.term == "soon":
        rows = rows.filter(custody__ends_on__gte=today, custody__ends_on__lte=today + SOON)
    if wish.text:
        rows = rows.filter(Q(name__icontains=wish.text) | Q(matter__number__iexact=wish.text))
    return rows


def register(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(matching(by, wish), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Customer]:
    keys = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in SORTS[wish.sort]]
    return matching(by, wish).order_by(*keys)


def counts(by: Actor) -> dict[int, int]:
    """How many files of each level this actor may see, 0 for those with a circle only. One query."""
    return dict(guarded(by).select_related(None).order_by().values_list("matter__secrecy").annotate(n=Count("pk")))


def sizes(rows: list[Customer]) -> dict[int, int]:
    """How many persons are in the circle of each of these files. One query."""
    return circles.sizes([row.matter.circle_id for row in rows if row.matter.circle_id])
