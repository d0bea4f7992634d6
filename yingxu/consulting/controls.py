"""What consulting can prove to a policy clause."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.approvals.models import Request
from yingxu.approvals.models import State as Signed
from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, Tally, control, tally
from yingxu.matters.models import Entry

from .events import ConsultGranted
from .glass import REVIEW
from .models import Consultation, State

MOST = 100
GRACE = timedelta(hours=1)  # in which the clock must have seen it


@control("archives.consult_approved", gettext_lazy("Who consults a closed archive was let in by signatures, for a time"), "lock")
def consult_approved(start: datetime, end: datetime, seen: Any) -> Tally:
    """Files opened to somebody in the period: each by a request every signature stands on."""
    rows = Entry.objects.filter(event=ConsultGranted.NAME, at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    granted = set(Request.objects.filter(chain="archives.consult", state=Signed.GRANTED).values_list("pk", flat=True))
    bad = [(e.matter_id, e.at) for e in rows if e.facts["request"] not in granted]
    applied = rows.count()
    return Tally(applied, applied - len(bad), len(bad), [Evidence(pk, at, _("no signatures stand on it")) for pk, at in bad[:MOST]])


@control("archives.consult_ended", gettext_lazy("A permission to read ends when its time is over"), "clock")
def consult_ended(start: datetime, end: datetime, seen: Any) -> Asked:
    """Permissions whose time was over in the period: none is still in force."""
    rows = Consultation.objects.filter(ends_at__gte=start, ends_at__lt=end, state__in=[State.GRANTED, State.ENDED])
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad = rows.filter(Q(ended_at__gt=F("ends_at") + GRACE) | Q(ended_at=None, ends_at__lt=clock.now() - GRACE))
    return tally(rows, bad, "ends_at", _("it was not ended in time"))


@control("archives.glass_reviewed", gettext_lazy("Who reads a closed archive in an emergency is reviewed by somebody else"), "clock")
def glass_reviewed(start: datetime, end: datetime, seen: Any) -> Asked:
    """Files opened in an emergency in the period: each reviewed within three days. That the reviewer neither read nor signed, and what
    opened the file, the verbs see to."""
    rows = Consultation.objects.filter(urgent=True, state__in=[State.GRANTED, State.ENDED], answered_at__gte=start, answered_at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = rows.filter(Q(reviewed_at__gt=F("answered_at") + REVIEW) | Q(reviewed_at=None, answered_at__lt=clock.now() - REVIEW))
    return tally(rows, late, "answered_at", _("it was not reviewed in time"))
