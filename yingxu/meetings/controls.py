"""What meetings can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally

from .models import Meeting, Minutes, Outcome, State


@control("meetings.minutes_kept", gettext_lazy("Meetings leave minutes"), "record")
def minutes_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    """Meetings that were to end in the period and were not cancelled: each has minutes."""
    rows = Meeting.objects.filter(ends_at__gte=start, ends_at__lt=min(end, clock.now())).exclude(state=State.CANCELLED)
    rows = rows if seen is None else rows.filter(Q(matter_id__in=seen) | Q(about_id__in=seen))
    written = Minutes.objects.filter(meeting=OuterRef("pk"))
    return tally(rows, rows.filter(~Exists(written)), "ends_at", _("no minutes were written"))


@control("meetings.decisions_assigned", gettext_lazy("Decisions have somebody and a date"), "lock")
def decisions_assigned(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every task a meeting decided names a person or a department, and a date."""
    rows = Outcome.objects.filter(task__given_at__gte=start, task__given_at__lt=end)
    rows = rows if seen is None else rows.filter(task__matter_id__in=seen)
    bad = rows.filter(Q(task__due_at=None) | Q(task__owner=None, task__department=None))
    return tally(rows, bad, "task__given_at", _("nobody or no date was named"), matter="task__matter_id")
