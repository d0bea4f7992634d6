"""What the ways in can prove to a policy clause about mail."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, control, tally

from .models import Received

MOST = 100
DAY = timedelta(days=1)
S = Received.State


def _mails(start: datetime, end: datetime, seen: Any) -> QuerySet[Received]:
    """Mails of the period that belong to a matter this person may see, or to none yet."""
    rows = Received.objects.filter(at__gte=start, at__lt=end, original=None)
    return rows if seen is None else rows.filter(Q(about=None) | Q(about__in=seen))


@control("intake.mail_recorded", gettext_lazy("Every mail ends as a need, on one, or with a person"), "lock")
def mail_recorded(start: datetime, end: datetime, seen: Any) -> Asked:
    """Mails that became something or were decided about; broken when one has been neither for a day."""
    rows = _mails(start, end, seen)
    open_ = rows.filter(state__in=[S.WAITING, S.QUARANTINE])
    late = open_.filter(at__lt=clock.now() - DAY)
    newest = late.exclude(maybe=None).order_by("-at").values_list("maybe_id", "at")[:MOST]
    said = _("a mail nobody has decided about for a day")
    return tally(rows, late, "at", "", running=open_.exclude(pk__in=late.values("pk")), evidence=lambda: [Evidence(pk, at, said) for pk, at in newest])


@control("intake.mail_once", gettext_lazy("The same mail is one need, however often it comes"), "lock")
def mail_once(start: datetime, end: datetime, seen: Any) -> Asked:
    """Further arrivals of a mail; broken when one of them had become a need of its own."""
    again = Received.objects.filter(at__gte=start, at__lt=end, original__isnull=False)
    again = again if seen is None else again.filter(Q(original__about=None) | Q(original__about__in=seen))
    bad = again.exclude(about=None)
    return tally(again, bad, "at", _("came twice"), matter="about_id")


@control("intake.mail_by_participants", gettext_lazy("Only whoever takes part adds to a need by mail"), "lock")
def mail_by_participants(start: datetime, end: datetime, seen: Any) -> Asked:
    """Mails put to a need by themselves, whose sender was known there, and those that wait because the sender was not."""
    rows = _mails(start, end, seen)
    asked = rows.filter(Q(state=S.REPLY) | Q(reason=Received.Reason.STRANGER))
    bad = asked.filter(state=S.REPLY, decided_by=None, sender_mark=None)
    return tally(asked, bad, "at", _("nobody known had written it"), matter="about_id")
