"""What customers can prove to a policy clause."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally
from yingxu.matters.models import Entry

from .events import ContactChanged, CustomerChanged, SectionFilled
from .models import Change, Contract, Dealing, Instalment, Paper

NEAR = timedelta(seconds=30)  # one transaction states and keeps a change


@control("customers.history_kept", gettext_lazy("Every change of a file keeps old and new value"), "record")
def history_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    """Changes stated in the period: each has its old and new value, who, when and why in the file's own history."""
    stated = [event.NAME for event in (CustomerChanged, ContactChanged, SectionFilled)]
    rows = Entry.objects.filter(event__in=stated, at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    kept = Change.objects.filter(customer=OuterRef("matter_id"), at__gte=OuterRef("at") - NEAR, at__lte=OuterRef("at") + NEAR)
    return tally(rows, rows.filter(~Exists(kept)), "at", _("a change without its old and new value"))


@control("customers.papers_spoken_of", gettext_lazy("Papers spoken of before they run out"), "clock")
def papers_spoken_of(start: datetime, end: datetime, seen: Any) -> Asked:
    """Papers in use whose last day lies in the period: somebody was told by then, with a task. Those whose day is still to come and
    that nobody was told of yet still run."""
    rows = Paper.objects.filter(active=True, valid_until__gte=start.date(), valid_until__lt=end.date())
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    untold = rows.filter(Q(told_on=None) | Q(told_on__gt=F("valid_until")))
    bad = untold.filter(valid_until__lt=clock.today())
    return tally(rows, bad, "valid_until", _("a paper ran out unspoken of"), matter="customer_id", running=untold.filter(valid_until__gte=clock.today()))


@control("customers.contracts_spoken_of", gettext_lazy("Contracts spoken of before they end"), "clock")
def contracts_spoken_of(start: datetime, end: datetime, seen: Any) -> Asked:
    """Contracts that were in force and whose end lies in the period: whoever looks after it was told by then."""
    rows = Contract.objects.exclude(state__in=[Contract.State.DRAFT, Contract.State.CANCELLED]).filter(ends_on__gte=start.date(), ends_on__lt=end.date())
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    rows = rows.exclude(state=Contract.State.RENEWED, told_on=None)
    untold = rows.filter(Q(told_on=None) | Q(told_on__gt=F("ends_on")))
    bad = untold.filter(ends_on__lt=clock.today())
    return tally(rows, bad, "ends_on", _("a contract ended unspoken of"), matter="customer_id", running=untold.filter(ends_on__gte=clock.today()))


@control("customers.paid_in_time", gettext_lazy("Instalments received by their day"), "clock")
def paid_in_time(start: datetime, end: datetime, seen: Any) -> Asked:
    """Instalments due in the period: received in full by their day, or in arrears (also those still open)."""
    rows = Instalment.objects.filter(due_on__gte=start.date(), due_on__lt=end.date()).exclude(contract__state=Contract.State.CANCELLED)
    rows = rows if seen is None else rows.filter(contract__customer_id__in=seen)
    unpaid = Q(paid__lt=F("amount"))
    bad = rows.filter((unpaid & Q(due_on__lt=clock.today())) | (~unpaid & Q(paid_on__gt=F("due_on"))))
    running = rows.filter(unpaid, due_on__gte=clock.today())
    return tally(rows, bad, "due_on", _("an instalment was late"), matter="contract__customer_id", running=running)


@control("customers.next_step_given", gettext_lazy("The next step of a dealing is a task"), "lock")
def next_step_given(start: datetime, end: datetime, seen: Any) -> Asked:
    """Dealings of the period with a next step: each is a task with an owner, in somebody's list."""
    rows = Dealing.objects.filter(at__gte=start, at__lt=end, struck_at=None).exclude(next_step="")
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    return tally(rows, rows.filter(Q(task=None) | Q(task__owner=None, task__department=None)), "at", _("a next step nobody has"), matter="customer_id")
