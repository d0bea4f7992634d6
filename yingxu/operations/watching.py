"""Room on the disks: people are told when one gets full, before anything is refused (F10)."""

from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters.actions import record
from yingxu.people.queries import holders

from . import queries, rules
from .events import DiskFilling
from .models import Disk

WORSE = {"good": 0, "warn": 1, "bad": 2}


def look() -> None:
    """State each disk that has become worse, and once a day while it stays so."""
    now = clock.now()
    for volume in queries.volumes():
        with transaction.atomic():
            kept, _made = Disk.objects.select_for_update().get_or_create(name=volume.name)
            again = kept.told_at is None or now - kept.told_at > queries.QUIET
            if volume.level != "good" and (again or WORSE[volume.level] > WORSE[kept.level]):
                kept.told_at = now
                fact = DiskFilling(disk=volume.name, left=int(100 * volume.share), refused=volume.level == "bad" and volume.taken_in)
                record(fact, on=None, by=SYSTEM, tell=[user.pk for user in holders(rules.MANAGE)])
            kept.level = volume.level
            kept.save()
