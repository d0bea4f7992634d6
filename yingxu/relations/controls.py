"""What classes, prospects and care can prove to a policy clause."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally

from . import queries
from .models import Care, Move, Override, Prospect, Turn


@control("relations.class_explained", gettext_lazy("Every change of a class says why"), "record")
def class_explained(start: datetime, end: datetime, seen: Any) -> Asked:
    """Changes of the period: by the rules with their version and figures, by a person with the reason."""
    rows = Turn.objects.filter(at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    bad = rows.filter(Q(cause=Turn.Cause.RULE) & (Q(version=None) | Q(figures={})) | Q(cause=Turn.Cause.PERSON, why=""))
    return tally(rows, bad, "at", _("a change of class without its reason"), matter="customer_id")


@control("relations.override_with_reason", gettext_lazy("A class is set by hand only with a reason"), "lock")
def override_with_reason(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = Override.objects.filter(at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    return tally(rows, rows.filter(reason=""), "at", _("a class set by hand without a reason"), matter="customer_id")


@control("relations.prospects_known", gettext_lazy("Prospects move on only with what must be known"), "lock")
def prospects_known(start: datetime, end: datetime, seen: Any) -> Asked:
    """Prospects that moved in the period: what the rules in force want known for the step they are in is there; given up with a reason."""
    rows = Prospect.objects.filter(pk__in=Move.objects.filter(at__gte=start, at__lt=end).values("prospect"))
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    bad = Q(outcome=Prospect.Outcome.LOST, reason="")
    for step in ("screen", "target", "contact", "proposal", "contract"):
        for fact in queries.facts_of(step):
            bad |= Q(step=step) & ~Q(facts__has_key=fact["code"])
    return tally(rows, rows.filter(bad), "since", _("a prospect moved on without what must be known"), matter="customer_id")


@control("relations.care_taken", gettext_lazy("Care taken by its day"), "clock")
def care_taken(start: datetime, end: datetime, seen: Any) -> Asked:
    """Occasions of the period that were planned: taken care of or left out with a reason within a week after their day, or not."""
    rows = Care.objects.filter(on__gte=start.date(), on__lt=end.date()).exclude(state=Care.State.WITHHELD)
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    waiting, over = rows.filter(state=Care.State.PLANNED), clock.today() - timedelta(days=7)
    return tally(rows, waiting.filter(on__lt=over), "made_at", _("care nobody took"), matter="customer_id", running=waiting.filter(on__gte=over))


@control("relations.care_by_consent", gettext_lazy("No marketing without consent"), "lock")
def care_by_consent(start: datetime, end: datetime, seen: Any) -> Asked:
    """Marketing occasions of the period: planned only for who agreed; the others are withheld and have no task."""
    rows = Care.objects.filter(on__gte=start.date(), on__lt=end.date(), marketing=True)
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    return tally(rows, rows.filter(state=Care.State.WITHHELD).exclude(task=None), "made_at", _("marketing without consent"), matter="customer_id")
