"""What deadlines can prove: every measured step, kept or broken, and that time limits are changed only openly."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.controls import Evidence, Tally, control

from .models import Clock, ExtensionRequest, Outcome, Step

MOST = 100
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


def _step(step: str, start: datetime, end: datetime, seen: Any) -> Tally:
    """Clocks of this step that ended in the period, and those that ran late in it and still run."""
    rows = _visible(Clock.objects.filter(step=step), seen)
    ended = Q(stopped_at__gte=start, stopped_at__lt=end)
    late = Q(outcome=Outcome.BREACHED) & ended | Q(breached_at__gte=start, breached_at__lt=end, stopped_at=None)
    sums = rows.aggregate(kept=Count("id", filter=ended & Q(outcome=Outcome.MET)), failed=Count("id", filter=late))
    broken = rows.filter(late).order_by(F("breached_at").desc(nulls_last=True), "-id")[:MOST]
    found = [Evidence(c.matter_id, c.breached_at or c.stopped_at, _late(c, end)) for c in broken]
    return Tally(sums["kept"] + sums["failed"], sums["kept"], sums["failed"], found)


for _each, _title in _TITLES.items():
    control(f"deadlines.{_each.value}", _title, "clock")(partial(_step, _each.value))


@control("deadlines.extension_decided_by_another", gettext_lazy("Longer limits decided by another person"), "lock")
def extensions(start: datetime, end: datetime, seen: Any) -> Tally:
    rows = _visible(ExtensionRequest.objects.filter(decided_at__gte=start, decided_at__lt=end), seen)
    bad = rows.filter(decided_by=F("asked_by"))
    evidence = [Evidence(r.matter_id, r.decided_at, _("decided by the person who asked")) for r in bad[:MOST]]
    total = rows.count()
    return Tally(total, total - len(evidence), len(evidence), evidence)


@control("deadlines.pauses_counted", gettext_lazy("Pauses are visible and counted"), "record")
def pauses(start: datetime, end: datetime, seen: Any) -> Tally:
    """Clocks that rested and ended in the period: each must say for how long."""
    rows = _visible(Clock.objects.filter(stopped_at__gte=start, stopped_at__lt=end).exclude(pauses=[]), seen)
    bad = rows.filter(paused_minutes__lt=0)
    total, wrong = rows.count(), bad.count()
    return Tally(total, total - wrong, wrong, [Evidence(c.matter_id, c.stopped_at, c.get_step_display()) for c in bad[:MOST]])


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
