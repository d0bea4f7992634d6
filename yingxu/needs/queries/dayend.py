"""The end of the day: when a day closes, what a person has not sent, the departments' lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Step
from yingxu.matters.models import Draft
from yingxu.notices import queries as outgoing
from yingxu.people.models import Department

from .. import rules
from ..models import DayEnd, DayEndSettings, DayList, Need
from ..states import Category, State

MOST_BACK = 7  # days


def settings() -> DayEndSettings:
    return next(iter(_settings()), None) or DayEndSettings()


@kept
def _settings() -> QuerySet[DayEndSettings]:
    return DayEndSettings.objects.filter(pk=1)


def closing(day: date) -> datetime | None:
    """When work ends on this day by the working calendar: the end of its last window; None on a day off."""
    calendar = deadlines.calendar()
    windows = calendar.windows(day)
    if not windows:
        return None
    end = windows[-1][1]
    on = day if end != datetime.min.time() else day + timedelta(days=1)
    return datetime.combine(on, end, ZoneInfo(calendar.zone))


def closing_now() -> datetime | None:
    return closing(clock.today())


def days_to_end(now: datetime) -> list[date]:
    """Days that may still have something due: all since the last one that was listed, at most a week back; only today at first."""
    today = timezone.localdate(now)
    last = DayEnd.objects.filter(listed_at__isnull=False).order_by("-day").values_list("day", flat=True).first()
    begun = DayEnd.objects.order_by("day").values_list("day", flat=True).first()
    first = max(last + timedelta(days=1) if last else begun or today, today - timedelta(days=MOST_BACK))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


@dataclass(frozen=True)
class Ending:
    """The day is about to end for somebody with records that were not sent."""

    drafts: int
    closes_at: datetime
    over: bool


def ending(by: Actor, now: datetime | None = None) -> Ending | None:
    """What home says in the last minutes of a working day, and until midnight after it; None when all is sent."""
    now = now or clock.now()
    closes = closing(timezone.localdate(now))
    if by.user_id is None or closes is None or now < closes - timedelta(minutes=settings().before_minutes):
        return None
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    drafts = Draft.objects.filter(user_id=by.user_id, saved_at__gte=midnight).count()
    return Ending(drafts, closes, now >= closes) if drafts else None


# ── the lists ──


def day_lists(by: Actor) -> QuerySet[DayList]:
    """The lists this person may read."""
    return DayList.objects.filter(rules.DAY_LIST.where(by)).select_related("department", "head", "read_by")


def day_list(by: Actor, pk: int) -> DayList | None:
    return day_lists(by).filter(pk=pk).first()


def day_list_page(by: Actor, *, department: str = "", unread: bool = False, cursor: str = "") -> Slice:
    """A page of lists, the newest day first."""
    rows = day_lists(by)
    rows = rows.filter(department_id=int(department)) if department.isdecimal() else rows
    rows = rows.filter(read_at=None).exclude(new=0, unsent=0) if unread else rows
    return keyset(rows, ("-day", "department_id"), cursor, size=50)


def list_departments(by: Actor) -> list[Department]:
    return list(Department.objects.filter(pk__in=day_lists(by).values("department")).order_by("order", "id"))


@dataclass(frozen=True)
class Listed:
    """One need of a list: as it stood at closing time, and as it stands now."""

    need: Need
    state: str
    now: str
    owner: str
    step: str
    due: datetime | None
    late: bool


def listed_needs(row: DayList, by: Actor) -> tuple[list[Listed], int]:
    """The needs of a list that this reader may see, and how many they may not."""
    seen = Need.objects.filter(rules.VIEW.where(by), pk__in=[n["id"] for n in row.needs]).select_related("matter", "customer")
    known = {need.pk: need for need in seen}
    found = []
    for shown in row.needs:
        if (need := known.get(shown["id"])) is None:
            continue
        due = datetime.fromisoformat(shown["due"]) if shown["due"] else None
        step = str(Step(shown["step"]).label) if shown["step"] else ""
        found.append(Listed(need, str(State(shown["state"]).label), str(State(need.state).label), shown["owner"], step, due, shown["late"]))
    return found, len(row.needs) - len(found)


def heads() -> list[str]:
    return [
        _("Number"), _("Category"), _("Subject"), _("Customer"), _("State at closing time"), _("State now"), _("Person"), _("Time limit"),
        pgettext("column", "Step due"), _("Late"),
    ]  # fmt: skip


def cells(row: DayList, by: Actor, *, leaves: bool = False) -> Iterator[list[Any]]:
    """The list as a table, of what this reader may see; then the unsent records, counted by person. In a file that leaves the house what
    has a secrecy level is only counted."""
    found, _hidden = listed_needs(row, by)
    covered = [each for each in found if leaves and each.need.matter.guarded]
    for each in found:
        need = each.need
        if leaves and need.matter.guarded:
            continue
        category = str(Category(need.category).label) if need.category else ""
        yield [
            need.matter.number, category, need.matter.title, need.customer.name if need.customer else need.caller, each.state, each.now,
            each.owner, each.step, each.due, _("late") if each.late else "",
        ]  # fmt: skip
    if covered:
        yield ["", "", ngettext("%(n)s need with a secrecy level: sign in to read it", "%(n)s needs with a secrecy level: sign in to read them", len(covered)) % {"n": len(covered)}, "", "", "", "", "", None, ""]
    for draft in row.drafts:
        yield ["", "", _("%(n)s records not sent") % {"n": draft["count"]}, "", "", "", draft["name"], "", None, ""]


def keys(row: DayList, by: Actor) -> list[int]:
    """The needs of the list that this reader may see."""
    return [each.need.pk for each in listed_needs(row, by)[0]]


def letter(row: DayList) -> str:
    """The words of the mail that brings the list."""
    return _(
        "%(department)s, %(day)s: %(new)s new needs, %(late)s open ones late at closing time, %(unsent)s records not sent.\n"
        "The list is attached. Please read it: %(address)s"
    ) % {
        "department": row.department.name, "day": row.day.isoformat(), "new": row.new, "late": row.late, "unsent": row.unsent,
        "address": outgoing.address(reverse("needs:day_list", args=[row.pk])),
    }  # fmt: skip
