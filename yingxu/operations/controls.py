"""What operations can prove to a policy clause: backups are taken each day, and one is really restored each week."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Tally, control

from .models import Backup, Proof, Work

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def _spans(rows: QuerySet, start: datetime, end: datetime, span: timedelta) -> Tally:
    """Whole spans of the period since the first backup: kept when something was done in them."""
    first = Backup.objects.filter(state=Work.State.DONE).order_by("begun_at").values_list("begun_at", flat=True).first()
    if first is None:
        return Tally()
    begin, until = max(start, first), min(end, clock.now())
    count = max(0, (until - begin) // span)
    hit = {(at - begin) // span for at in rows.filter(begun_at__gte=begin, begun_at__lt=begin + count * span).values_list("begun_at", flat=True)}
    return Tally(count, len(hit), count - len(hit))


@control("operations.backup_taken", gettext_lazy("A backup every day"), "clock")
def taken(start: datetime, end: datetime, seen: Any) -> Tally:
    """Days since the first backup: each has one."""
    return _spans(Backup.objects.filter(state=Work.State.DONE), start, end, DAY)


@control("operations.backup_verified", gettext_lazy("A backup is really restored and compared every week"), "clock")
def verified(start: datetime, end: datetime, seen: Any) -> Tally:
    """Weeks since the first backup: in each one was restored for a try and was the same."""
    return _spans(Proof.objects.filter(state=Work.State.DONE), start, end, WEEK)


@control("operations.backup_encrypted", gettext_lazy("Backups are encrypted"), "lock")
def encrypted(start: datetime, end: datetime, seen: Any) -> Tally:
    """Every backup of the period; there is no way to take one that is not."""
    count = Backup.objects.filter(state=Work.State.DONE, begun_at__gte=start, begun_at__lt=end).count()
    return Tally(count, count, 0)
