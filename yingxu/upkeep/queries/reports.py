"""Monthly reports: what the archive says of a month, and who has to read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers.models import Change, Customer, Dealing, SectionLevel
from yingxu.deadlines.models import Climb, Clock
from yingxu.matters.models import Matter
from yingxu.matters.queries import page_of, visible_matters
from yingxu.needs import queries as needs
from yingxu.needs.models import Confirmation

from .. import fields, rhythm, rules
from ..models import Report
from .setting import settings

QUIET = 90  # days without a need or a dealing: about to be lost
S = Report.State
FIGURES: dict[str, tuple[Any, Any]] = {
    "customers": (gettext_lazy("Customers"), gettext_lazy("Looked after at the end of the time")),
    "new": (pgettext_lazy("reports", "New customers"), gettext_lazy("Files opened in the time")),
    "changed": (gettext_lazy("Files changed"), gettext_lazy("Customers whose file changed in the time")),
    "dealings": (gettext_lazy("Dealt with"), gettext_lazy("Customers called, visited, received or written to in the time")),
    "needs": (gettext_lazy("Needs"), gettext_lazy("Registered in the time")),
    "late": (gettext_lazy("Needs with a late step"), gettext_lazy("A time limit ran out in the time")),
    "escalated": (gettext_lazy("Needs escalated"), gettext_lazy("Told to more than the owner in the time")),
    "unsatisfied": (pgettext_lazy("reports", "Not satisfied"), gettext_lazy("Needs whose customer said no in the time")),
    "quiet": (gettext_lazy("Gone quiet"), gettext_lazy("Neither a need nor a dealing for 90 days at the end of the time")),
    "gaps": (gettext_lazy("Files with gaps"), gettext_lazy("A field to be supplemented is empty")),
}
SORTS = {"-month": ("-month", "-matter_id"), "month": ("month", "matter_id"), "due": ("due_on", "matter_id")}


def measured(by: Actor, owner_id: int, first: date, last: date) -> list[dict[str, Any]]:
    """The figures of a person's customers over a span of days: [{code, ids}], keys of customers or needs `by` may see. However many
    customers, the same two dozen queries at most."""
    start, end = rhythm.begins(first, clock.zone()), rhythm.begins(last + timedelta(days=1), clock.zone())
    mine = customers.visible_to(by).filter(matter__owner_id=owner_id, matter__opened_at__lt=end)
    return [{"code": code, "ids": sorted(ids)} for code, ids in _counted(mine, by, start, end).items()]


def of_customer(by: Actor, customer: Customer, first: date, last: date) -> dict[str, list[int]]:
    """The same for one customer."""
    start, end = rhythm.begins(first, clock.zone()), rhythm.begins(last + timedelta(days=1), clock.zone())
    return {code: sorted(ids) for code, ids in _counted(customers.visible_to(by).filter(pk=customer.pk), by, start, end).items()}


def _counted(mine: QuerySet[Customer], by: Actor, start: datetime, end: datetime) -> dict[str, set[int]]:
    keys = set(mine.values_list("pk", flat=True))
    new = set(mine.filter(matter__opened_at__gte=start).values_list("pk", flat=True))
    within = {"at__gte": start, "at__lt": end}
    hidden = [row.pk for row in customers.sections.every() if row.secrecy > by.clearance]
    raised = SectionLevel.objects.filter(customer=OuterRef("customer"), section=OuterRef("row"), secrecy__gt=by.clearance)
    told = Change.objects.filter(customer__in=keys, **within).exclude(part="value", row__in=hidden).exclude(Q(part="value") & Exists(raised))
    rows = needs.visible_to(by).filter(customer__in=keys)
    every = rows.select_related(None).order_by().values("pk")
    since = end - timedelta(days=QUIET)
    asked = set(rows.filter(matter__opened_at__gte=since, matter__opened_at__lt=end).values_list("customer_id", flat=True))
    met = set(Dealing.objects.filter(customer__in=keys, at__gte=since, at__lt=end, struck_at=None).values_list("customer_id", flat=True))
    old = set(mine.filter(matter__opened_at__lt=since).values_list("pk", flat=True))
    return {
        "customers": keys, "new": new, "changed": set(told.values_list("customer_id", flat=True)) - new,
        "dealings": set(Dealing.objects.filter(customer__in=keys, struck_at=None, **within).values_list("customer_id", flat=True)),
        "needs": set(rows.filter(matter__opened_at__gte=start, matter__opened_at__lt=end).values_list("pk", flat=True)),
        "late": set(Clock.objects.filter(matter__in=every, breached_at__gte=start, breached_at__lt=end).values_list("matter_id", flat=True)),
        "escalated": set(Climb.objects.filter(matter__in=every, told__gte=2, begun_at__gte=start, begun_at__lt=end).values_list("matter_id", flat=True)),
        "unsatisfied": set(Confirmation.objects.filter(need__in=every, satisfied=False, **within).values_list("need_id", flat=True)),
        "quiet": old - asked - met, "gaps": _gaps(mine, by),
    }  # fmt: skip


def _gaps(mine: QuerySet[Customer], by: Actor) -> set[int]:
    wanted = settings().week_fields
    asked = [field for field in wanted if field not in fields.hidden(wanted, by)]
    if not asked:
        return set()
    rows, types, closed = list(mine.select_related(None)), fields.types(), fields.closed(by)
    now = fields.read(rows, asked)
    return {row.pk for row in rows if any(not now[row.pk][f].text for f in asked if fields.applies(f, row, types) and (row.pk, f.partition(".")[0]) not in closed)}


@dataclass(frozen=True)
class Figure:
    """A figure as one reader may count it; `ids` open its rows, `delta` is the difference to the time before (None: unknown)."""

    code: str
    name: str
    meant: str
    ids: list[int]
    delta: int | None = None

    @property
    def n(self) -> int:
        return len(self.ids)


def shown(by: Actor, figures: Iterable[dict[str, Any]], before: Iterable[dict[str, Any]] = ()) -> list[Figure]:
    """Figures as this reader may count them: what they may not see is in none of them. One query."""
    now, then = list(figures), {row["code"]: row["ids"] for row in before}
    seen = set(visible_matters(by).filter(pk__in={pk for row in now for pk in row["ids"]} | {pk for ids in then.values() for pk in ids}).values_list("pk", flat=True))
    found = []
    for row in now:
        name, meant = FIGURES[row["code"]]
        ids = [pk for pk in row["ids"] if pk in seen]
        was = len([pk for pk in then[row["code"]] if pk in seen]) if row["code"] in then else None
        found.append(Figure(row["code"], str(name), str(meant), ids, None if was is None else len(ids) - was))
    return found


def of_report(report: Report, by: Actor) -> list[Figure]:
    """The figures of a report as this reader may count them, against the report before: frozen once it was handed in, as of now before."""
    then = before(report)
    figures = report.figures if report.as_of else measured(by, report.person_id, *rhythm.month(report.month))
    return shown(by, figures, then.figures if then else ())


def behind(by: Actor, ids: Iterable[int]) -> list[tuple[Matter, str]]:
    """The rows a figure stands for, as far as the reader may see them, each with its page."""
    found = visible_matters(by).filter(pk__in=list(ids)).select_related("owner", "department").order_by("-opened_at", "-pk")
    return [(matter, page_of(matter)) for matter in found]


# ── reports ──


@dataclass(frozen=True)
class Wish:
    """What a list of reports is asked for."""

    part: str = ""
    state: str = ""
    month: str = ""
    sort: str = "-month"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        wish = cls(asked.get("part", ""), asked.get("state", ""), asked.get("month", ""), asked.get("sort") or "-month")
        if wish.part not in ("", *PARTS) or wish.state not in ("", *S.values) or wish.sort not in SORTS or _month(wish.month) is False:
            raise Invalid(_("This list has no such filter."), code="filter")
        return wish


def _month(text: str) -> date | bool | None:
    try:
        return datetime.strptime(text, "%Y-%m").date() if text else None
    except ValueError:
        return False


PARTS: dict[str, Any] = {
    "mine": pgettext_lazy("reports", "My reports"), "unread": pgettext_lazy("reports", "To read"), "late": pgettext_lazy("reports", "Not handed in, late"),
}  # fmt: skip


def visible_to(by: Actor) -> QuerySet[Report]:
    """The reports this actor may see; another's draft is nobody else's to read, but that it is there is."""
    return Report.objects.filter(rules.VIEW_REPORT.where(by)).select_related("matter__owner", "matter__department", "read_by")


def find(number: str, by: Actor) -> Report:
    """The report with this number. Raises Gone."""
    found = visible_to(by).filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def matching(by: Actor, wish: Wish) -> QuerySet[Report]:
    rows = visible_to(by)
    rows = rows.filter(_part(wish.part, by)) if wish.part else rows
    rows = rows.filter(state=wish.state) if wish.state else rows
    return (rows.filter(month=_month(wish.month)) if wish.month else rows).order_by(*SORTS[wish.sort])


def _part(part: str, by: Actor) -> Q:
    return {
        "mine": Q(matter__owner_id=by.user_id), "unread": Q(state=S.SUBMITTED) & ~Q(matter__owner_id=by.user_id),
        "late": Q(state=S.DRAFT, due_on__lt=clock.today()),
    }[part]  # fmt: skip


def listed(by: Actor, wish: Wish, cursor: str = "") -> Slice:
    return keyset(matching(by, wish), SORTS[wish.sort], cursor, size=50)


def counts(by: Actor) -> dict[str, int]:
    """How many are in each part. One query."""
    return visible_to(by).select_related(None).order_by().aggregate(all=Count("pk"), **{part: Count("pk", filter=_part(part, by)) for part in PARTS})


def months(by: Actor) -> list[date]:
    return list(visible_to(by).select_related(None).order_by("-month").values_list("month", flat=True).distinct()[:24])


def before(report: Report) -> Report | None:
    """The same person's report of the month before, when it was handed in."""
    first, _last = rhythm.before("month", report.month)
    return Report.objects.filter(person_id=report.person_id, month=first).exclude(state=S.DRAFT).first()


def waiting(by: Actor) -> int:
    """How many of one's own are to be written."""
    return Report.objects.filter(matter__owner_id=by.user_id, state=S.DRAFT).count() if by.user_id else 0
