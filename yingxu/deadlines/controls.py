"""What deadlines can prove: every measured step, kept or broken, and that time limits are changed only openly."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.controls import Asked, Evidence, control, tally

from .models import Climb, Clock, ClockMove, ExtensionRequest, Outcome, Step, Told

MOST = 100
PROMPT = timedelta(minutes=5)
_TITLES = {
    Step.REGISTRATION: gettext_lazy("Registered in time"),
    Step.FIRST_RESPONSE: gettext_lazy("First response in time"),
    Step.TRIAGE: gettext_lazy("Assessed in time"),
    Step.ACCEPTANCE: gettext_lazy("Accepted in time"),
    Step.PLAN: gettext_lazy("Plan in time"),
    Step.PROGRESS: gettext_lazy("Progress reported in time"),
    Step.HANDLING: gettext_lazy("Handled in time"),
    Step.REVIEW: gettext_lazy("Reviewed in time"),
    Step.FEEDBACK: gettext_lazy("Fed back in time"),
    Step.CONFIRMATION: gettext_lazy("Confirmed in time"),
    Step.FOLLOW_UP: gettext_lazy("Visited in time"),
    Step.WATCH_REVIEW: gettext_lazy("Looked at again in time"),
    Step.MANAGEMENT: gettext_lazy("Management answered in time"),
}


def _step(step: str, start: datetime, end: datetime, seen: Any) -> Asked:
    """Clocks of this step that ended in the period, and those that ran late in it and still run."""
    rows = _visible(Clock.objects.filter(step=step), seen)
    ended = Q(stopped_at__gte=start, stopped_at__lt=end)
    late = Q(outcome=Outcome.BREACHED) & ended | Q(breached_at__gte=start, breached_at__lt=end, stopped_at=None)

    def found() -> list[Evidence]:
        newest = rows.filter(late).order_by(F("breached_at").desc(nulls_last=True), "-id")[:MOST]
        return [Evidence(c.matter_id, c.breached_at or c.stopped_at, _late(c, end)) for c in newest]

    return tally(rows.filter(late | ended & Q(outcome=Outcome.MET)), rows.filter(late), "breached_at", "", evidence=found)


for _each, _title in _TITLES.items():
    control(f"deadlines.{_each.value}", _title, "clock")(partial(_step, _each.value))


@control("deadlines.extension_decided_by_another", gettext_lazy("Longer limits decided by another person"), "lock")
def extensions(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(ExtensionRequest.objects.filter(decided_at__gte=start, decided_at__lt=end), seen)
    bad = rows.filter(decided_by=F("asked_by"))
    return tally(rows, bad, "decided_at", _("decided by the person who asked"))


@control("deadlines.pauses_counted", gettext_lazy("Pauses are visible and counted"), "record")
def pauses(start: datetime, end: datetime, seen: Any) -> Asked:
    """Clocks that rested and ended in the period: each must say for how long."""
    rows = _visible(Clock.objects.filter(stopped_at__gte=start, stopped_at__lt=end).exclude(pauses=[]), seen)
    bad = rows.filter(paused_minutes__lt=0)
    return tally(rows, bad, "stopped_at", "", evidence=lambda: [Evidence(c.matter_id, c.stopped_at, c.get_step_display()) for c in bad[:MOST]])


@control("deadlines.escalated", gettext_lazy("Escalated when due"), "clock")
def escalated(start: datetime, end: datetime, seen: Any) -> Asked:
    """Rungs that fell due in the period: told within five minutes, or late."""
    rows = Told.objects.filter(due_at__gte=start, due_at__lt=end, climb__clock__isnull=False)
    rows = rows if seen is None else rows.filter(climb__matter__in=seen)
    bad = rows.filter(at__gt=F("due_at") + PROMPT)

    def found() -> list[Evidence]:
        late = bad.select_related("climb").order_by("-at", "-id")[:MOST]
        return [Evidence(t.climb.matter_id, t.at, _("rung %(rung)s was due %(due)s") % {"rung": t.rung, "due": _short(t.due_at)}) for t in late]

    return tally(rows, bad, "at", "", evidence=found)


def _taken(alarms: bool, start: datetime, end: datetime, seen: Any) -> Asked:
    """Begun in the period: kept when somebody took it or it was done before the top of the ladder was told; broken when even the
    top was told and nobody had taken it."""
    rows = _visible(Climb.objects.filter(begun_at__gte=start, begun_at__lt=end, clock__isnull=alarms), seen)
    late = Q(topped_at__isnull=False) & (Q(taken_at=None) | Q(taken_at__gt=F("topped_at")))
    open_ = Q(topped_at=None, taken_at=None) & ~Q(state=Climb.State.ENDED)
    return tally(rows, rows.filter(late), "topped_at", _("nobody took it until the top of the ladder was told"), running=rows.filter(open_))


control("deadlines.escalation_taken", gettext_lazy("What was escalated is taken"), "record")(partial(_taken, False))
control("deadlines.alarm_taken", gettext_lazy("Alarms are answered"), "record")(partial(_taken, True))


@control("deadlines.moves_said", gettext_lazy("Moved dates say why"), "record")
def moves_said(start: datetime, end: datetime, seen: Any) -> Asked:
    """Open clocks whose date was moved by a change of settings, category or limit: each keeps from when to when, why and by whom."""
    rows = _visible(ClockMove.objects.filter(at__gte=start, at__lt=end), seen)
    return tally(rows, rows.none(), "at", "")


def _short(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def _visible(rows: QuerySet, seen: Any) -> QuerySet:
    return rows if seen is None else rows.filter(matter__in=seen)


def _late(clock: Clock, end: datetime) -> str:
    over = (clock.elapsed_minutes or 0) - clock.allowance
    if clock.stopped_at is None or clock.due_at is None:
        return _("still open, due %(moment)s") % {"moment": f"{timezone.localtime(clock.due_at):%m-%d %H:%M}" if clock.due_at else "–"}
    hours, minutes = divmod(max(1, round(over)), 60)
    if hours:
        return _("%(hours)s h %(minutes)s min late") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min late") % {"minutes": minutes}
