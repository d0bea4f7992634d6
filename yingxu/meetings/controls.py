"""What meetings can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Evidence, Tally, control

from .models import Meeting, Minutes, Outcome, State

MOST = 100


def _tally(rows: QuerySet, bad: QuerySet, at: str, matter: str, note: str) -> Tally:
    applied, failed = rows.count(), bad.count()
    found = bad.order_by("-" + at).values_list(matter, at)[:MOST] if failed else []
    return Tally(applied, applied - failed, failed, [Evidence(pk, moment, note) for pk, moment in found])


@control("meetings.minutes_kept", gettext_lazy("Meetings leave minutes"), "record")
def minutes_kept(start: datetime, end: datetime, seen: Any) -> Tally:
    """Meetings that were to end in the period and were not cancelled: each has minutes."""
    rows = Meeting.objects.filter(ends_at__gte=start, ends_at__lt=min(end, clock.now())).exclude(state=State.CANCELLED)
    rows = rows if seen is None else rows.filter(Q(matter_id__in=seen) | Q(about_id__in=seen))
    written = Minutes.objects.filter(meeting=OuterRef("pk"))
    return _tally(rows, rows.filter(~Exists(written)), "ends_at", "matter_id", _("no minutes were written"))


@control("meetings.decisions_assigned", gettext_lazy("Decisions have somebody and a date"), "lock")
def decisions_assigned(start: datetime, end: datetime, seen: Any) -> Tally:
    """Every task a meeting decided names a person or a department, and a date."""
    rows = Outcome.objects.filter(task__given_at__gte=start, task__given_at__lt=end)
    rows = rows if seen is None else rows.filter(task__matter_id__in=seen)
    bad = rows.filter(Q(task__due_at=None) | Q(task__owner=None, task__department=None))
    return _tally(rows, bad, "task__given_at", "task__matter_id", _("nobody or no date was named"))
