"""The day ends (K5): who has not sent what is told before closing time, each head gets the department's list, an unread one is told further."""

import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, sheets
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid
from yingxu.base.given import staff
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines import rules as deadlines_rules
from yingxu.matters import actions as matters
from yingxu.matters.models import Draft, Entry, Matter
from yingxu.notices import actions as notices
from yingxu.people import queries as people
from yingxu.people.models import Department

from .. import rules
from ..events import DayEnding, DayListMade, DayListRead, DayListUnread, NeedAssigned, NeedTransferred
from ..models import DayEnd, DayEndSettings, DayList, Need
from ..queries import dayend


@opens(deadlines_rules.MANAGE)
def set_day_end(*, by: Actor, before_minutes: int, morning_minutes: int) -> DayEndSettings:
    """How long before closing time the unsent is flagged, and how much of next morning a list may stay unread."""
    if not 5 <= before_minutes <= 240:
        raise Invalid.field("before_minutes", _("Choose 5 to 240 minutes."))
    if not 5 <= morning_minutes <= 480:
        raise Invalid.field("morning_minutes", _("Choose 5 to 480 minutes."))
    given = {"before_minutes": before_minutes, "morning_minutes": morning_minutes}
    return DayEndSettings.objects.update_or_create(id=1, defaults=given)[0]


@action(rules.DAY_LIST)
def read_day_list(row: DayList, *, by: Actor) -> DayList:
    """The list was read; the first reader is kept, and nobody further is told. Reading it again changes nothing."""
    user_id = staff(by)
    if row.read_at is None:
        row.read_by_id, row.read_at, row.look_at = user_id, clock.now(), None
        row.save(update_fields=["read_by", "read_at", "look_at"])
        matters.record(DayListRead(list=row.pk, department=row.department.name, day=row.day), on=None, by=by)
    return row


# ── parts of the worker's job ──


@part
def end_day(day: date, *, at: datetime) -> DayEnd | None:
    """Do what is due of one working day by now, each part once: flag the unsent before closing time, make the lists at it (or when
    the worker is back). None while nothing is due, and for a day nobody works."""
    closes = dayend.closing(day)
    if closes is None:
        return None
    flags = closes - timedelta(minutes=dayend.settings().before_minutes)
    if at < flags:
        return None
    DayEnd.objects.bulk_create([DayEnd(day=day, closes_at=closes)], ignore_conflicts=True)
    end = DayEnd.objects.select_for_update().get(pk=day)
    if end.listed_at is not None:
        return end
    end.closes_at = closes
    if end.flagged_at is None and at < closes:
        end.flagged_at, end.flagged = at, _flag(day, closes)
    if at >= closes:
        _lists(end)
        end.listed_at = at
    end.save()
    return end


@part
def tell_unread(*, at: datetime) -> int:
    """Lists that nobody has read by now are told to the head's superior and the response group's head, once; returns how many."""
    rows = DayList.objects.filter(look_at__lte=at).select_related("department__parent", "head").select_for_update(of=("self",), skip_locked=True)
    found = list(rows.order_by("look_at", "id"))
    group = Department.objects.filter(response_group=True, active=True).first()
    for row in found:
        row.look_at, row.escalated_at = None, at
        row.save(update_fields=["look_at", "escalated_at"])
        above = row.department.parent.head_id if row.department.parent else None
        event = DayListUnread(list=row.pk, department=row.department.name, day=row.day, head=row.head.name if row.head else "")
        matters.record(event, on=None, by=SYSTEM, tell={above, group.head_id if group else None} - {row.head_id})
    return len(found)


def _flag(day: date, closes: datetime) -> int:
    """Tell everybody who has unsent records of the day; returns how many people."""
    midnight = timezone.make_aware(datetime.combine(day, datetime.min.time()), clock.zone())
    rows = Draft.objects.filter(saved_at__gte=midnight, user__is_active=True).values_list("user_id").annotate(n=Count("id")).order_by("user_id")
    local = timezone.localtime(closes)
    for user_id, drafts in rows:
        matters.record(DayEnding(day=day, closes=f"{local:%H:%M}", drafts=drafts), on=None, by=SYSTEM, tell=[user_id])
    return len(rows)


def _lists(end: DayEnd) -> None:
    """One list for each department that has a head."""
    before = DayEnd.objects.filter(day__lt=end.day, listed_at__isnull=False).order_by("-day").first()
    midnight = timezone.make_aware(datetime.combine(end.day, datetime.min.time()), clock.zone())
    since = before.closes_at if before else midnight
    morning = deadlines.calendar().add(end.closes_at, dayend.settings().morning_minutes)
    for department in Department.objects.filter(active=True, head__is_active=True).select_related("head").order_by("id"):
        needs = _snapshot(_new(department, since, end.closes_at), end.closes_at)
        drafts = _drafts(department, since, end.closes_at)
        row = DayList(
            department=department, day=end.day, since=since, closes_at=end.closes_at, made_at=clock.now(), head=department.head,
            needs=needs, drafts=drafts, new=len(needs), unsent=sum(d["count"] for d in drafts),
            late=Matter.objects.filter(kind="need", department=department, closed_at=None, due_at__lt=end.closes_at).count(),
        )  # fmt: skip
        row.look_at = morning if row.new or row.unsent else None
        row.save()
        if row.look_at:
            _hand(row)


def _new(department: Department, since: datetime, until: datetime) -> list[Need]:
    """Needs that came to the department from one closing to the next: assigned or transferred to it and still there, or registered by
    its people and not assigned yet."""
    came = Entry.objects.filter(
        matter=OuterRef("pk"), event__in=[NeedAssigned.NAME, NeedTransferred.NAME], at__gt=since, at__lte=until
    )
    opened = Q(matter__opened_at__gt=since, matter__opened_at__lte=until)
    here = Q(matter__department=department) & (opened | Q(Exists(came)))
    ours = Q(matter__department=None, registered_by__department=department) & opened
    return list(Need.objects.filter(here | ours).select_related("matter__owner").order_by("matter__opened_at", "pk"))


def _snapshot(needs: Iterable[Need], at: datetime) -> list[dict]:
    """How they stand at this moment."""
    needs = list(needs)
    clocks = deadlines.nearest_of([need.pk for need in needs])
    found = []
    for need in needs:
        near = clocks.get(need.pk)
        due = near.due_at if near else None
        found.append({
            "id": need.pk, "state": need.state, "category": need.category, "owner": need.matter.owner.name if need.matter.owner else "",
            "step": near.step if near else "", "due": due.isoformat() if due else None, "late": bool(due and due < at),
        })  # fmt: skip
    return found


def _drafts(department: Department, since: datetime, until: datetime) -> list[dict]:
    rows = Draft.objects.filter(user__department=department, user__is_active=True, saved_at__gt=since, saved_at__lte=until)
    counted = rows.values_list("user__name").annotate(n=Count("id")).order_by("user__name")
    return [{"name": name, "count": n} for name, n in counted]


def _hand(row: DayList) -> None:
    """Tell the head, and send the list by mail with the table attached where they have an address."""
    event = DayListMade(list=row.pk, department=row.department.name, day=row.day, new=row.new, unsent=row.unsent, late=row.late)
    entry = matters.record(event, on=None, by=SYSTEM, tell=[row.head_id])
    if not row.head.email:
        return
    table = io.BytesIO()
    sheets.write_xlsx(table, dayend.heads(), dayend.cells(row, people.actor(row.head), leaves=True), title=f"{row.department.name} {row.day}")
    name = f"{row.department.name} {row.day.isoformat()}.xlsx"
    notices.send(
        channel="mail", to=row.head.email, key=f"daylist:{row.pk}", subject=str(event.sentence()), body=dayend.letter(row), entry=entry,
        user=row.head, automatic=True, files=[notices.Paper(name, sheets.TYPES["xlsx"], table.getvalue())],
    )  # fmt: skip
