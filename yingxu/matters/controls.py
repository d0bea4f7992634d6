"""What the spine can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, control, tally

from . import seals
from .models import Entry, Look

MOST = 100


@control("matters.sealed", gettext_lazy("What happened is sealed within a quarter of an hour"), "lock")
def sealed(start: datetime, end: datetime, seen: Any) -> Asked:
    """Journal entries of the period: sealed, or not yet late."""
    rows = Entry.objects.filter(at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    late = rows.filter(pk__in=seals.unsealed("journal"), recorded_at__lt=clock.now() - seals.LATE)
    found = late.exclude(matter=None).order_by("-at").values_list("matter_id", "at")[:MOST]
    return tally(rows, late, "at", "", evidence=lambda: [Evidence(pk, at, _("no seal")) for pk, at in found])


@control("matters.looks_logged", gettext_lazy("Every look at what has a level is written down before it is shown"), "lock")
def looks_logged(start: datetime, end: datetime, seen: Any) -> Asked:
    """Looks at matters in the period. What cannot be written down is not shown, so there are no others."""
    rows = Look.objects.filter(at__gte=start, at__lt=end).exclude(matter=None)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    return tally(rows, rows.none(), "at", "")
