"""What upkeep can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, Tally, control, tally
from yingxu.customers.models import Dealing
from yingxu.deadlines import queries as deadlines

from . import queries, rhythm
from .models import News, Report, Sheet

MOST = 100


@control("upkeep.reverified", gettext_lazy("Archives are verified anew each quarter and supplemented each week"), "record")
def reverified(start: datetime, end: datetime, seen: Any) -> Tally:
    """Lists due in the period: gone through to the end by the day, or not."""
    today = clock.today()
    rows = Sheet.objects.filter(round__due_on__gte=clock_day(start), round__due_on__lt=clock_day(end))
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad, running = [], 0
    for pk, due, done, closed in rows.values_list("pk", "round__due_on", "finished_at", "round__closed_at"):
        if done and done.astimezone(clock.zone()).date() <= due:
            continue
        if not done and not closed and due >= today:
            running += 1
        else:
            bad.append((pk, done or closed or clock.now()))
    applied = rows.count()
    return Tally(applied, applied - running - len(bad), len(bad), [Evidence(pk, at, _("the list was not gone through in time")) for pk, at in bad[:MOST]])


@control("upkeep.monthly_report", gettext_lazy("Customer reports are handed in on the first Monday of the month"), "clock")
def monthly_report(start: datetime, end: datetime, seen: Any) -> Asked:
    """Reports due in the period: handed in by the day, late, or missing."""
    rows = Report.objects.filter(due_on__gte=clock_day(start), due_on__lt=clock_day(end))
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = Q(state=Report.State.DRAFT, due_on__lt=clock.today()) | Q(submitted_at__date__gt=F("due_on"))
    running = rows.filter(state=Report.State.DRAFT, due_on__gte=clock.today())
    newest, said = rows.filter(late).order_by("-due_on").values_list("pk", "submitted_at", "matter__opened_at")[:MOST], _("the report was late")
    return tally(rows, rows.filter(late), "due_on", "", running=running, evidence=lambda: [Evidence(pk, at or opened, said) for pk, at, opened in newest])


@control("upkeep.reports_read", gettext_lazy("Customer reports are read"), "record")
def reports_read(start: datetime, end: datetime, seen: Any) -> Tally:
    """Reports handed in in the period: each was read by somebody else than its writer within ten days."""
    rows = Report.objects.filter(submitted_at__gte=start, submitted_at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad, running = [], 0
    for pk, at, read_at in rows.values_list("pk", "submitted_at", "read_at"):
        if read_at and (read_at - at).days < 10:
            continue
        if not read_at and (clock.now() - at).days < 10:
            running += 1
        else:
            bad.append((pk, at))
    applied = rows.count()
    return Tally(applied, applied - running - len(bad), len(bad), [Evidence(pk, at, _("nobody read the report within ten days")) for pk, at in bad[:MOST]])


@control("upkeep.entered_in_time", gettext_lazy("What is new about customers is entered in time"), "clock")
def entered_in_time(start: datetime, end: datetime, seen: Any) -> Tally:
    """New facts noted, and dealings with customers, of the period: in the file within the working days that are set."""
    found, within, calendar = _learned(News.Kind.ENTRY, start, end, seen), queries.settings().entry_days, deadlines.calendar()
    rows = Dealing.objects.filter(at__gte=start, at__lt=end, struck_at=None)
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    bad = [
        Evidence(pk, at, _("a dealing was written down late"))
        for pk, at, recorded in rows.values_list("customer_id", "at", "recorded_at")
        if clock_day(recorded) > rhythm.plus(clock_day(at), within, calendar)
    ]
    many = rows.count()
    return Tally(found.applied + many, found.kept + many - len(bad), found.failed + len(bad), [*found.broken, *bad][:MOST])


@control("upkeep.updated_in_time", gettext_lazy("What changed about customers is updated in time"), "clock")
def updated_in_time(start: datetime, end: datetime, seen: Any) -> Tally:
    """Changes learned in the period: in the file by their day, late, or still missing."""
    return _learned(News.Kind.UPDATE, start, end, seen)


def _learned(kind: str, start: datetime, end: datetime, seen: Any) -> Tally:
    rows = News.objects.filter(kind=kind, learned_on__gte=clock_day(start), learned_on__lt=clock_day(end))
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    bad = rows.filter(Q(entered_at=None, due_on__lt=clock.today()) | Q(entered_at__date__gt=F("due_on")))
    running = rows.filter(entered_at=None, due_on__gte=clock.today()).count()
    found = [Evidence(pk, entered or noted, _("what was learned stood in the file late")) for pk, entered, noted in bad.values_list("customer_id", "entered_at", "noted_at")[:MOST]]
    applied, failed = rows.count(), bad.count()
    return Tally(applied, applied - running - failed, failed, found)


def clock_day(moment: datetime) -> Any:
    return moment.astimezone(clock.zone()).date()
