"""Keepers are reminded of reserves that expire or are to be looked over, and of what should have come back."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters import actions as matters

from ..events import ReserveDue
from ..models import Dispatch, Resource

BEFORE = timedelta(days=30)


def remind_of_reserves() -> int:
    """Once for each date: a month before it expires, a month before it is to be looked over, the day after it should be back."""
    today, said = clock.today(), 0
    soon = Q(expires_on__lte=today + BEFORE) | Q(check_on__lte=today + BEFORE)
    for pk in Resource.objects.filter(soon).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            resource = Resource.objects.select_for_update(of=("self",)).select_related("matter").get(pk=pk)
            said += _remind(resource, today)
    late = Dispatch.objects.filter(back_on__lt=today, late_told_at=None, quantity__gt=F("returned") + F("used"))
    for pk in late.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            said += _back(pk)
    return said


def _remind(resource: Resource, today: date) -> int:
    dates = [(on, what) for on, what in ((resource.expires_on, "expiry"), (resource.check_on, "check")) if on and on <= today + BEFORE]
    fresh = [(on, what) for on, what in sorted(dates) if resource.reminded_for is None or on > resource.reminded_for]
    for on, what in fresh:
        matters.record(ReserveDue(what=what, on=on.isoformat()), on=resource.matter, by=SYSTEM, tell=[resource.matter.owner_id])
    if fresh:
        resource.reminded_for = max(on for on, _what in dates)
        resource.save(update_fields=["reminded_for"])
    return len(fresh)


def _back(pk: int) -> int:
    row = Dispatch.objects.select_for_update(of=("self",)).select_related("resource__matter", "emergency__matter").get(pk=pk)
    if row.late_told_at is not None or not row.away:
        return 0
    row.late_told_at = clock.now()
    row.save(update_fields=["late_told_at"])
    event = ReserveDue(drill=row.emergency.drill, what="return", on=row.back_on.isoformat())
    matters.record(event, on=row.resource.matter, by=SYSTEM, tell=[row.resource.matter.owner_id, row.by_id, row.emergency.matter.owner_id])
    return 1
