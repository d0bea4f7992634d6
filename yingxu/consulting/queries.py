"""What was asked to be consulted: one's own requests, those of all that one guards, who reads a file now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.archives import looks
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers.models import Customer
from yingxu.customers.rules import VIEW
from yingxu.matters.models import Look
from yingxu.matters.queries import seen_by

from . import rules
from .models import Consultation, State


def _called(named: str) -> Q:
    return Q(matter__number__iexact=named) | Q(name=named)


def open_already(by: Actor, named: str) -> bool:
    """May the actor open a file called so? The one thing asked while somebody waits, whatever there is."""
    return Customer.objects.filter(VIEW.where(by), _called(named), merged_into=None).exists()


def meant(named: str) -> Customer | None:
    """The one file called so; None when there is none, or several."""
    found = list(Customer.objects.filter(_called(named), merged_into=None).select_related("matter")[:2])
    return found[0] if len(found) == 1 else None


def mine(by: Actor, cursor: str = "", *, size: int = 50) -> Slice:
    rows = Consultation.objects.filter(asked_by_id=by.user_id).select_related("serves", "matter")
    return keyset(rows, ("-id",), cursor, size=size)


def kept(by: Actor) -> QuerySet[Consultation]:
    """For those who guard archives: every request that waits, and what became of those for files they may see."""
    if not by.may(rules.KEEP):
        return Consultation.objects.none()
    return Consultation.objects.filter(Q(state__in=(State.ASKED, State.REFUSED, State.WITHDRAWN)) | Q(matter=None) | seen_by(by, "matter_id")).select_related("asked_by__department", "serves", "matter", "ended_by")


def listed(by: Actor, state: str = "", text: str = "", cursor: str = "", *, size: int = 50) -> Slice:
    """A page of them. Raises Invalid for a state there is not."""
    if state not in ("", *State.values):
        raise Invalid(_("This list has no such filter."), code="filter")
    rows = kept(by)
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(named__icontains=text) | Q(asked_by__name__icontains=text))
    return keyset(rows, ("-id",), cursor, size=size)


def seen(by: Actor, rows: list[Consultation]) -> set[int]:
    """Of which of these the actor may know the file. One query; the others look as if no such file had been found."""
    keys = [row.matter_id for row in rows if row.matter_id]
    return set(Consultation.objects.filter(seen_by(by, "matter_id"), matter_id__in=keys).values_list("matter_id", flat=True)) if keys else set()


def find(pk: int, by: Actor) -> Consultation:
    """One that is the actor's own or that they may answer. Raises Gone."""
    rows = Consultation.objects.select_related("asked_by", "matter", "serves")
    found = rows.filter(Q(asked_by_id=by.user_id) | Q(pk__in=kept(by).values("pk")), pk=pk).first()
    if found is None:
        raise Gone()
    return found


def of(customer: Customer) -> list[Consultation]:
    """Every request for this file, the newest first; for whoever may see how it is guarded."""
    return list(Consultation.objects.filter(matter_id=customer.pk).select_related("asked_by__department", "serves", "ended_by")[:100])


def to_look_at(asked_before: datetime, urgent_before: datetime) -> list[tuple[int, str]]:
    over = Q(state=State.GRANTED, ends_at__lte=clock.now()) | Q(state=State.ASKED, asked_at__lte=asked_before)
    over |= Q(state=State.ASKED, urgent=True, asked_at__lte=urgent_before)
    return list(Consultation.objects.filter(over).order_by("id").values_list("pk", "state"))


def counts(by: Actor) -> dict[str, Any]:
    """How many wait for those who guard archives, for the side of the list."""
    return {"asked": kept(by).filter(state=State.ASKED).order_by().count()}


# ── readings in an emergency ──

URGENT: list[Callable[[int, int], int | None]] = []  # for a customer's and the asker's key: the key of an emergency open on it
MOST = 5_000
PARTS = {
    "": Q(), "going": Q(state=State.GRANTED), "unreviewed": Q(reviewed_at=None), "unjustified": Q(finding="unjustified"), "at_once": Q(emergency__isnull=False),
}  # fmt: skip


def urgent(emergency: Callable[[int, int], int | None]) -> None:
    """A room above knows of emergencies: with one open on a customer, as others than the asker said, its file is opened at once."""
    URGENT.append(emergency)


def emergency_of(customer: int, asker: int) -> int | None:
    return next((found for ask in URGENT if (found := ask(customer, asker))), None)


@dataclass(frozen=True)
class UsesWish:
    """What the list of readings in emergencies is asked for."""

    part: str = ""
    text: str = ""
    sort: str = "-id"

    @classmethod
    def of(cls, asked: Any) -> "UsesWish":
        part, sort = asked.get("part", ""), asked.get("sort") or "-id"
        if part not in PARTS or sort not in ("-id", "id"):
            raise Invalid(_("This list has no such filter."), code="filter")
        return cls(part, asked.get("q", "").strip()[:100], sort)


def uses(by: Actor) -> QuerySet[Consultation]:
    """Every reading in an emergency: whoever looks after them knows who, when and what came of it; of which file and what for, only those
    who may know of the file (`seen`)."""
    if not by.may(rules.USES):
        return Consultation.objects.none()
    rows = Consultation.objects.filter(urgent=True, state__in=[State.GRANTED, State.ENDED])
    return rows.select_related("asked_by__department", "matter", "emergency", "reviewed_by")


def uses_matching(by: Actor, wish: UsesWish) -> QuerySet[Consultation]:
    rows = uses(by).filter(PARTS[wish.part])
    if wish.text:
        rows = rows.filter(Q(asked_by__name__icontains=wish.text) | Q(reviewed_by__name__icontains=wish.text))
    return rows.order_by(wish.sort)


def uses_listed(by: Actor, wish: UsesWish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(uses_matching(by, wish).order_by(), (wish.sort,), cursor, size=size)


def use(pk: int, by: Actor) -> Consultation:
    """One reading of a file the actor may know of. Raises Gone."""
    found = uses(by).filter(seen_by(by, "matter_id"), pk=pk).first()
    if found is None:
        raise Gone()
    return found


def looks_within(row: Consultation, by: Actor) -> list[looks.Shown]:
    """What the reader looked at meanwhile, of the file and of what hangs from it, from the access log, oldest first; as far as the actor
    may know of it."""
    tree = Q(matter=row.matter_id) | (Q(matter__circle=row.matter.circle_id) if row.matter and row.matter.circle_id else Q(pk__in=[]))
    until = row.ended_at or row.ends_at
    rows = Look.objects.filter(tree, ~looks.beyond(by), seen_by(by, "matter_id"), user_id=row.asked_by_id, at__gte=row.answered_at, at__lte=until)
    return looks.shown(list(rows.select_related("matter", "serves").order_by("at", "id")[:500]), by)
