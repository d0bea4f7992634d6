"""Putting a need aside for a while: a matter between a person and their own lists. Clocks run on, and nobody else's lists change."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.given import staff
from yingxu.matters import actions as matters
from yingxu.matters.models import Snooze

from .. import rules
from ..events import SnoozeOver
from ..models import Need
from ..states import ENDED

LONGEST = timedelta(days=365)


@action(rules.VIEW)
def snooze(need: Need, *, by: Actor, until: datetime) -> Need:
    """Out of one's own list until a moment; then it stands on top of it, with a notice."""
    if need.state in ENDED:
        raise WrongMoment(_("This need has ended; there is nothing to be reminded of."))
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise Invalid.field("until", _("Choose a moment from now on, within a year."))
    matters.snooze(need.matter, staff(by), until)
    return need


@action(rules.VIEW)
def unsnooze(need: Need, *, by: Actor) -> Need:
    """Back in one's list at once."""
    matters.unsnooze(need.matter, staff(by))
    return need


def remind_of_snoozed() -> int:
    """Tell everybody whose moment has come, each once; returns how many. Safe with several workers at a time."""
    told = 0
    for pk in Snooze.objects.filter(told=False, until__lte=clock.now(), matter__kind="need").order_by("until").values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            row = Snooze.objects.select_for_update(skip_locked=True, of=("self",)).select_related("matter").filter(pk=pk, told=False).first()
            if row is not None:
                row.told = True
                row.save(update_fields=["told"])
                matters.record(SnoozeOver(about=row.matter_id, number=row.matter.number), on=None, by=SYSTEM, tell=[row.user_id])
                told += 1
    return told
