"""Rounds, their lists, and how far they are. A row is seen by whoever sees its list and its customer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset
from yingxu.customers import rules as customers
from yingxu.customers.models import Customer

from .. import fields, rules
from ..models import Check, Round, Sheet
from ..models.rounds import DONE
from .ownerless import count as ownerless
from .reports import waiting

R = Check.Result


@dataclass(frozen=True)
class Rate:
    """How many rows there are and what came of them."""

    all: int = 0
    open: int = 0
    confirmed: int = 0
    changed: int = 0
    unreachable: int = 0
    none: int = 0
    carried: int = 0

    @property
    def done(self) -> int:
        return self.confirmed + self.changed + self.unreachable + self.none

    @property
    def share(self) -> float | None:
        return self.done / self.all if self.all else None


RATE = {
    "all": Count("pk", filter=~Q(result=R.LAPSED)), "open": Count("pk", filter=Q(result=R.OPEN)), "confirmed": Count("pk", filter=Q(result=R.CONFIRMED)),
    "changed": Count("pk", filter=Q(result=R.CHANGED)), "unreachable": Count("pk", filter=Q(result=R.UNREACHABLE)),
    "none": Count("pk", filter=Q(result=R.NOT_APPLICABLE)), "carried": Count("pk", filter=Q(result=R.CARRIED)),
}  # fmt: skip


def sheets(by: Actor) -> QuerySet[Sheet]:
    """The lists this actor may see."""
    return Sheet.objects.filter(rules.VIEW.where(by)).select_related("matter__owner", "matter__department", "round", "person")


def rows(by: Actor) -> QuerySet[Check]:
    """The rows of those lists whose customers this actor may see."""
    seen = Customer.objects.filter(customers.VIEW.where(by)).values("pk")
    return Check.objects.filter(sheet__in=Sheet.objects.filter(rules.VIEW.where(by)).values("pk"), customer__in=seen).exclude(fields.above(by))


def sheet(number: str, by: Actor) -> Sheet:
    """The list with this number. Raises Gone."""
    found = sheets(by).filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def rates(by: Actor, checks: QuerySet[Check], per: str) -> dict[int, Rate]:
    """How far the rows are, by a column of theirs ("sheet", "sheet__round"). One query."""
    return {row.pop(per): Rate(**row) for row in checks.order_by().values(per).annotate(**RATE)}


def mine(by: Actor) -> list[tuple[Sheet, Rate]]:
    """The lists this person has to go through now, the nearest first."""
    found = list(sheets(by).filter(matter__owner_id=by.user_id, finished_at=None, round__closed_at=None).order_by("round__due_on", "pk"))
    done = rates(by, rows(by).filter(sheet__in=found), "sheet") if found else {}
    return [(one, done.get(one.pk, Rate())) for one in found]


def at_hand(by: Actor) -> dict[str, Any] | None:
    """What home says of upkeep: one's open lists and how far they are, one's reports still to be written, and for who sets its rhythm
    how many customers nobody looks after. None when there is nothing. Two to four queries."""
    if not by.may(rules.VIEW):
        return None
    sheets_, reports = mine(by), waiting(by)
    nobody = ownerless(by) if by.may(rules.SET) else 0
    return {"sheets": sheets_, "reports": reports, "ownerless": nobody, "today": clock.today()} if sheets_ or reports or nobody else None


def listed(by: Actor, kind: str = "", cursor: str = "") -> tuple[Slice, dict[int, Rate], dict[int, int]]:
    """Rounds with something this actor may see, how far each is, and how many lists of each are late. Three queries."""
    found = Round.objects.filter(pk__in=Sheet.objects.filter(rules.VIEW.where(by)).values("round"))
    found = found.filter(kind=kind) if kind else found
    page = keyset(found, ("-starts_on", "-id"), cursor, size=30)
    keys = [row.pk for row in page.rows]
    late = sheets(by).filter(round__in=keys, finished_at=None, round__due_on__lt=clock.today()).select_related(None).order_by().values_list("round").annotate(n=Count("pk"))
    return page, rates(by, rows(by).filter(sheet__round__in=keys), "sheet__round"), dict(late)


def round(pk: int, by: Actor) -> Round:  # noqa: A001  the word of the trade
    """The round, when this actor may see one of its lists. Raises Gone."""
    found = Round.objects.filter(pk=pk, pk__in=Sheet.objects.filter(rules.VIEW.where(by)).values("round")).first()
    if found is None:
        raise Gone()
    return found


@dataclass
class Overview:
    """A round for whoever looks after it: the whole, each department, each list."""

    whole: Rate
    departments: list[tuple[str, Rate]]
    sheets: list[tuple[Sheet, Rate]]


def overview(one: Round, by: Actor) -> Overview:
    """Two queries."""
    found = list(sheets(by).filter(round=one).order_by("matter__department__order", "matter__owner__name", "pk"))
    done = rates(by, rows(by).filter(sheet__round=one), "sheet")
    each = [(row, done.get(row.pk, Rate())) for row in found]
    places: dict[str, list[Rate]] = {}
    for row, rate in each:
        places.setdefault(row.matter.department.name if row.matter.department else "", []).append(rate)
    return Overview(total(r for _s, r in each), [(name, total(of)) for name, of in places.items()], each)


def total(of: Iterable[Rate]) -> Rate:
    found = list(of)
    return Rate(**{name: sum(getattr(r, name) for r in found) for name in RATE})


@dataclass
class Line:
    """A customer of a list: its rows, and what the file says now."""

    customer: Customer
    checks: list[Check] = field(default_factory=list)
    now: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> list[Check]:
        return [c for c in self.checks if c.result == R.OPEN]

    @property
    def carried(self) -> int:
        return max((c.times for c in self.checks), default=0)


def lines(one: Sheet, by: Actor, *, result: str | None = None) -> list[Line]:
    """The customers of a list, those with something open first, then by name; `result` leaves only rows with it."""
    found = rows(by).filter(sheet=one).exclude(result=R.LAPSED).select_related("customer__matter", "by")
    if result is not None:
        found = found.filter(result=result)
    each: dict[int, Line] = {}
    for check in found.order_by("customer__name", "customer_id", "id"):
        each.setdefault(check.customer_id, Line(check.customer)).checks.append(check)
    return sorted(each.values(), key=lambda line: not line.open)


def labels(found: Iterable[Line]) -> dict[str, str]:
    """What the fields of these lines are called."""
    return {name: fields.label(name) for name in {check.field for here in found for check in here.checks}}


def line(one: Sheet, customer: int, by: Actor) -> Line:
    """One customer of a list with what its file says now. Raises Gone."""
    found = list(rows(by).filter(sheet=one, customer=customer).exclude(result=R.LAPSED).select_related("customer__matter", "by"))
    if not found:
        raise Gone()
    now = fields.read([found[0].customer], [check.field for check in found])
    return Line(found[0].customer, found, now[customer])


def following(one: Sheet, by: Actor, customer: int) -> int | None:
    """The next customer of the list with something open, after this one in the order of the list, else from its beginning."""
    order = list(dict.fromkeys(rows(by).filter(sheet=one, result=R.OPEN).order_by("customer__name", "customer_id").values_list("customer__name", "customer_id")))
    name = Customer.objects.filter(pk=customer).values_list("name", flat=True).first() or ""
    later = [pk for at, pk in order if (at, pk) > (name, customer)]
    return next(iter([*later, *(pk for _at, pk in order if pk != customer)]), None)


def to_export(one: Round, by: Actor) -> QuerySet[Check]:
    """Every row of a round this actor may see."""
    return rows(by).filter(sheet__round=one).select_related("sheet__matter__owner", "sheet__matter__department", "customer__matter", "by").order_by("sheet", "customer__name", "id")


def before(kind: str) -> Round | None:
    """The latest round of this kind that is not closed."""
    return Round.objects.filter(kind=kind, closed_at=None).order_by("-starts_on").first()


def latest(by: Actor, customer: int) -> dict[str, Any]:
    """When each field of a customer was last confirmed or changed in a round."""
    return dict(Check.objects.filter(customer=customer, result__in=DONE).order_by().values_list("field").annotate(at=Max("at")))
