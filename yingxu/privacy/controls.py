"""What privacy can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally
from yingxu.deadlines.models import Clock, Step
from yingxu.matters.models import Entry

from .models import Assessment, Breach, Consent, Handover, Purpose, Request


@control("privacy.consent_known", gettext_lazy("Consent with purpose, wording and evidence"), "record")
def consent_known(start: datetime, end: datetime, seen: Any) -> Asked:
    """Each consent written down by staff says where it can be read or heard."""
    rows = Consent.objects.filter(at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad = rows.filter(act=Consent.Act.GIVEN, by__isnull=False, evidence="")
    return tally(rows, bad, "at", _("a consent without evidence"))


@control("privacy.answered_in_time", gettext_lazy("Privacy requests answered in time"), "clock")
def answered_in_time(start: datetime, end: datetime, seen: Any) -> Asked:
    """Requests that came in the period: answered or refused within fifteen working days, or late, also when still open."""
    rows = Request.objects.filter(matter__opened_at__gte=start, matter__opened_at__lt=end).exclude(state=Request.State.WITHDRAWN)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = Entry.objects.filter(event="privacy.request_answered", facts__late=True).values("matter_id")
    open_late = Q(ended_at=None, matter__due_at__lt=clock.now())
    bad = rows.filter(open_late | Q(matter_id__in=late))
    running = rows.filter(ended_at=None, matter__due_at__gte=clock.now())
    return tally(rows, bad, "matter__opened_at", _("a privacy request was late"), running=running)


@control("privacy.identity_first", gettext_lazy("Nothing is given out before the identity is checked"), "lock")
def identity_first(start: datetime, end: datetime, seen: Any) -> Asked:
    """Answered requests have their check, made before the answer."""
    rows = Request.objects.filter(ended_at__gte=start, ended_at__lt=end, state=Request.State.ANSWERED)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    return tally(rows, rows.filter(Q(checked_at=None) | Q(checked_at__gt=F("ended_at"))), "ended_at", _("answered before the check"))


def _counted(rows: QuerySet, bad: QuerySet, seen: Any) -> Asked:
    """Of what stands on no matter, so that no page of one is the evidence; the register itself is. Who sees nothing counts nothing."""
    if seen is not None:
        rows, bad = rows.filter(Exists(seen)), bad.filter(Exists(seen))
    return tally(rows, bad, "pk", "", evidence=list)


@control("privacy.recipients_in_order", gettext_lazy("Data goes only to recipients of the register"), "lock")
def recipients_in_order(start: datetime, end: datetime, seen: Any) -> Asked:
    """Ways out given to a recipient in the period: one across the border has its impact assessment; the verbs refuse the rest."""
    rows = Handover.objects.filter(began_at__gte=start, began_at__lt=end)
    bad = rows.filter(ended_at=None).exclude(recipient__region="CN").exclude(recipient__assessment__state=Assessment.State.APPROVED)
    return _counted(rows, bad, seen)


@control("privacy.weighed_up", gettext_lazy("What touches people deeply is weighed up first, by two"), "record")
def weighed_up(start: datetime, end: datetime, seen: Any) -> Asked:
    """Purposes with sensitive data or automated decisions rest on an assessment in force that is not late for its next look."""
    rows = Purpose.objects.filter(Q(sensitive=True) | Q(automated=True), active=True).annotate(since=Min("wordings__made_at")).filter(since__lt=end)
    good = Q(assessment__state=Assessment.State.APPROVED, assessment__review_on__gte=clock.today())
    return _counted(rows, rows.exclude(good), seen)


@control("privacy.breach_told", gettext_lazy("Breaches of personal data are reported in time"), "clock")
def breach_told(start: datetime, end: datetime, seen: Any) -> Asked:
    """Breaches found in the period (drills apart): the authority was told in time."""
    rows = Breach.objects.filter(found_at__gte=start, found_at__lt=end, drill=False)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = Clock.objects.filter(step=Step.BREACH_REPORT, breached_at__isnull=False).values("matter_id")
    return tally(rows, rows.filter(matter_id__in=late), "found_at", _("the authority was told late"))


@control("privacy.drilled", gettext_lazy("The plan for breaches is tried out once a year"), "record")
def drilled(start: datetime, end: datetime, seen: Any) -> Asked:
    """Drills of the period; one that is not closed still runs. A period without a drill shows none."""
    rows = Breach.objects.filter(found_at__gte=start, found_at__lt=end, drill=True)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    running = rows.exclude(state=Breach.State.CLOSED)
    return tally(rows, rows.none(), "found_at", _("a drill was not finished"), running=running)
