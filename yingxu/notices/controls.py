"""What notices can prove: emergencies reach people at once by every way, nothing sent is lost from sight, nothing with a level leaves."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, control, tally

from .models import Delivery

MOST = 100
AT_ONCE = timedelta(minutes=1)
LONGEST = timedelta(hours=50)  # two days of trying, and a little
State = Delivery.State


@control("notices.emergency_at_once", gettext_lazy("Emergencies leave by every way within a minute"), "clock")
def emergencies(start: datetime, end: datetime, seen: Any) -> Asked:
    """Messages about emergencies to mail, SMS and robots; those still within their minute count neither way."""
    rows = _visible(Delivery.objects.filter(urgent=True, made_at__gte=start, made_at__lt=end).exclude(notices=None), seen)
    kept = rows.filter(state=State.SENT, sent_at__lte=F("made_at") + AT_ONCE)
    late = rows.filter(made_at__lt=min(end, clock.now()) - AT_ONCE).exclude(pk__in=kept.values("pk"))
    neither = rows.exclude(pk__in=kept.values("pk")).exclude(pk__in=late.values("pk"))
    return _tally(rows, late, gettext_lazy("%(channel)s: %(state)s"), neither)


@control("notices.outcome_known", gettext_lazy("Every message out has an outcome"), "record")
def outcomes(start: datetime, end: datetime, seen: Any) -> Asked:
    """Messages to people outside: sent, refused (then who caused it was told) or cancelled by somebody, but not forgotten."""
    rows = _visible(Delivery.objects.filter(user=None, robot=None, made_at__gte=start, made_at__lt=end), seen)
    open_ = Q(state__in=[State.WAITING, State.SENDING, State.HELD])
    forgotten = rows.filter(open_, made_at__lt=min(end, clock.now()) - LONGEST, next_at__lt=clock.now() - LONGEST)
    waiting = rows.filter(open_).exclude(pk__in=forgotten.values("pk"))
    return _tally(rows, forgotten, gettext_lazy("%(channel)s: %(state)s for more than two days"), waiting)


@control("notices.levels_stay_inside", gettext_lazy("What has a secrecy level does not leave"), "lock")
def levels(start: datetime, end: datetime, seen: Any) -> Asked:
    """Messages about matters with a secrecy level or a circle of persons: only those without content (a link for a colleague) may leave."""
    rows = _visible(Delivery.objects.filter(Q(matter__secrecy__gt=0) | Q(matter__circle__isnull=False), made_at__gte=start, made_at__lt=end), seen)
    wrong = rows.filter(state=State.SENT, user=None, robot=None)
    return _tally(rows, wrong, gettext_lazy("%(channel)s: %(state)s"))


def _tally(rows: QuerySet, failed: QuerySet, words: Any, running: QuerySet | None = None) -> Asked:
    def found() -> list[Evidence]:
        newest = failed.exclude(matter=None).order_by("-id")[:MOST]
        return [Evidence(d.matter_id, d.made_at, str(words) % {"channel": d.get_channel_display(), "state": d.get_state_display()}) for d in newest]

    return tally(rows, failed, "made_at", "", running=running, evidence=found)


def _visible(rows: QuerySet, seen: Any) -> QuerySet:
    return rows if seen is None else rows.filter(Q(matter=None) | Q(matter__in=seen))
