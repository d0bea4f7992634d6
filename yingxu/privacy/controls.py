"""What privacy can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Tally, control, tally
from yingxu.matters.models import Entry

from .models import Consent, Request


@control("privacy.consent_known", gettext_lazy("Consent with purpose, wording and evidence"), "record")
def consent_known(start: datetime, end: datetime, seen: Any) -> Tally:
    """Each consent written down by staff says where it can be read or heard."""
    rows = Consent.objects.filter(at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad = rows.filter(act=Consent.Act.GIVEN, by__isnull=False, evidence="")
    return tally(rows, bad, "at", _("a consent without evidence"))


@control("privacy.answered_in_time", gettext_lazy("Privacy requests answered in time"), "clock")
def answered_in_time(start: datetime, end: datetime, seen: Any) -> Tally:
    """Requests that came in the period: answered or refused within fifteen working days, or late, also when still open."""
    rows = Request.objects.filter(matter__opened_at__gte=start, matter__opened_at__lt=end).exclude(state=Request.State.WITHDRAWN)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = Entry.objects.filter(event="privacy.request_answered", facts__late=True).values("matter_id")
    open_late = Q(ended_at=None, matter__due_at__lt=clock.now())
    bad = rows.filter(open_late | Q(matter_id__in=late))
    running = rows.filter(ended_at=None, matter__due_at__gte=clock.now()).count()
    return tally(rows, bad, "matter__opened_at", _("a privacy request was late"), running=running)


@control("privacy.identity_first", gettext_lazy("Nothing is given out before the identity is checked"), "lock")
def identity_first(start: datetime, end: datetime, seen: Any) -> Tally:
    """Answered requests have their check, made before the answer."""
    rows = Request.objects.filter(ended_at__gte=start, ended_at__lt=end, state=Request.State.ANSWERED)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    return tally(rows, rows.filter(Q(checked_at=None) | Q(checked_at__gt=F("ended_at"))), "ended_at", _("answered before the check"))
