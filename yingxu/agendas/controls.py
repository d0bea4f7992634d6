"""What meetings of management can prove: minutes are written, decisions have somebody and a day, and are carried out."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, control, tally
from yingxu.meetings.models import State as MeetingState
from yingxu.tasks.models import State as TaskState

from .models import Agenda, Decision

MOST = 100


def _visible(rows: QuerySet, seen: Any, path: str) -> QuerySet:
    return rows if seen is None else rows.filter(**{path + "__in": seen})


@control("agendas.minutes_written", gettext_lazy("Minutes of management's meetings"), "record")
def minutes_written(start: datetime, end: datetime, seen: Any) -> Asked:
    """Meetings whose time was over in the period and that were not cancelled: each has its minutes."""
    over = Agenda.objects.filter(meeting__ends_at__gte=start, meeting__ends_at__lt=min(end, clock.now()))
    rows = _visible(over.exclude(meeting__state=MeetingState.CANCELLED), seen, "meeting_id")
    return tally(rows, rows.filter(meeting__minutes=None), "meeting__ends_at", _("no minutes"), matter="meeting_id")


@control("agendas.decisions_have_owner_and_day", gettext_lazy("Decisions have somebody and a day"), "lock")
def decisions_have_owner_and_day(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Decision.objects.filter(at__gte=start, at__lt=end), seen, "task__matter_id")
    bad = rows.filter(Q(task__due_at=None) | Q(task__owner=None, task__department=None))
    return tally(rows, bad, "at", _("nobody or no day"), matter="task__matter_id")


@control("agendas.decisions_carried_out", gettext_lazy("Decisions carried out in time"), "clock")
def decisions_carried_out(start: datetime, end: datetime, seen: Any) -> Asked:
    """Decisions that were due in the period (withdrawn ones left out): done by their day, or not."""
    due = Decision.objects.filter(task__due_at__gte=start, task__due_at__lt=end).exclude(task__state=TaskState.WITHDRAWN)
    rows = _visible(due, seen, "task__matter_id")
    late = Q(task__done_at__gt=F("task__due_at")) | Q(task__state=TaskState.OPEN, task__due_at__lt=clock.now())
    bad, running = rows.filter(late), rows.filter(task__state=TaskState.OPEN, task__due_at__gte=clock.now())
    newest = bad.order_by("-task__due_at").values_list("task__matter_id", "task__due_at", "task__title")[:MOST]
    return tally(rows, bad, "task__due_at", "", running=running, evidence=lambda: [Evidence(pk, at, title) for pk, at, title in newest])
