"""What tasks can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally

from .models import Postponement, State, Task


@control("tasks.done_in_time", gettext_lazy("Tasks done by their date"), "clock")
def done_in_time(start: datetime, end: datetime, seen: Any) -> Asked:
    """Tasks whose date lies in the period, withdrawn ones left out: done by then, or late (also those still open)."""
    rows = Task.objects.filter(due_at__gte=start, due_at__lt=end).exclude(state=State.WITHDRAWN)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    now = clock.now()
    bad = rows.filter(Q(done_at__gt=F("due_at")) | Q(state=State.OPEN, due_at__lt=now))
    running = rows.filter(state=State.OPEN, due_at__gte=now)
    return tally(rows, bad, "due_at", _("a task was late"), running=running)


@control("tasks.postponed_with_reason", gettext_lazy("Another date only with a reason, both dates kept"), "lock")
def postponed_with_reason(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every wish for another date has a reason, and what was granted on request was decided by another person."""
    rows = Postponement.objects.filter(asked_at__gte=start, asked_at__lt=end)
    rows = rows if seen is None else rows.filter(task__matter_id__in=seen)
    granted = Q(decision=Postponement.Decision.GRANTED, decided_by=F("asked_by")) & ~Q(decided_at=F("asked_at")) & Q(asked_by__isnull=False)
    return tally(rows, rows.filter(Q(reason="") | granted), "asked_at", _("without a reason, or decided by who asked"), matter="task__matter_id")
