"""What emergencies can prove to a policy clause. Drills count in none of them but the one about drills."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, control, tally
from yingxu.matters.models import Entry

from . import events
from .models import Affected, Dispatch, Emergency, Movement, Resource, Review, Told
from .states import State, Way

AT_ONCE = timedelta(minutes=5)


def _seen(rows: QuerySet, seen: Any, path: str) -> QuerySet:
    return rows if seen is None else rows.filter(**{path + "__in": seen})


def _within(start: datetime, end: datetime, name: str) -> Q:
    return Q(**{name + "__gte": start, name + "__lt": end})


def _real(start: datetime, end: datetime, seen: Any) -> QuerySet:
    """Emergencies declared in the period, without drills."""
    return _seen(Emergency.objects.filter(_within(start, end, "matter__opened_at"), drill=False), seen, "pk")


@control("emergencies.leader_called", gettext_lazy("The leader is called at once"), "lock")
def leader_called(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _real(start, end, seen)
    called = Entry.objects.filter(matter=OuterRef("pk"), event=events.EmergencyDeclared.NAME).exclude(tell=[])
    alone = Q(declared_by_id=F("matter__owner_id"))
    return tally(rows, rows.filter(~Exists(called)).exclude(alone), "matter__opened_at", _("nobody was called"), matter="pk")


@control("emergencies.acknowledged", gettext_lazy("Acknowledged within five minutes"), "clock")
def acknowledged(start: datetime, end: datetime, seen: Any) -> Asked:
    """Those nobody has acknowledged count as broken once the five minutes are over; called off before is neither."""
    rows = _real(start, end, seen).exclude(state=State.CALLED_OFF, acknowledged_at=None)
    late = Q(acknowledged_at__gt=F("matter__opened_at") + AT_ONCE)
    open_ = Q(acknowledged_at=None, matter__opened_at__lt=clock.now() - AT_ONCE)
    return tally(rows, rows.filter(late | open_), "matter__opened_at", _("acknowledged late"), matter="pk")


@control("emergencies.customers_told", gettext_lazy("Affected customers told at the cadence"), "clock")
def customers_told(start: datetime, end: datetime, seen: Any) -> Asked:
    """Each message to one customer: done before their countdown ran out, or after it."""
    rows = Told.objects.filter(_within(start, end, "done_at"), telling__emergency__drill=False).exclude(way=Way.DRILL)
    rows = _seen(rows, seen, "telling__emergency_id")
    return tally(rows, rows.filter(late=True), "done_at", _("told late"), matter="telling__emergency_id")


@control("emergencies.end_told", gettext_lazy("Closed only when every customer knows it is over"), "lock")
def end_told(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _seen(Emergency.objects.filter(_within(start, end, "matter__closed_at"), drill=False, state=State.CLOSED), seen, "pk")
    untold = Affected.objects.filter(emergency=OuterRef("pk"), left_at=None, told_end_at=None)
    return tally(rows, rows.filter(Exists(untold)), "matter__closed_at", _("closed before everybody was told"), matter="pk")


@control("emergencies.reviewed", gettext_lazy("After-action review before closing"), "lock")
def reviewed(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _seen(Emergency.objects.filter(_within(start, end, "matter__closed_at"), drill=False, state=State.CLOSED), seen, "pk")
    written = Review.objects.filter(emergency=OuterRef("pk"))
    return tally(rows, rows.filter(~Exists(written)), "matter__closed_at", _("closed without a review"), matter="pk")


@control("emergencies.improvements", gettext_lazy("Reviews name improvements"), "lock")
def improvements(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _seen(Review.objects.filter(_within(start, end, "at"), emergency__drill=False), seen, "emergency_id")
    return tally(rows, rows.filter(improvements=[]), "at", _("without an improvement"), matter="emergency_id")


@control("emergencies.call_off_with_reason", gettext_lazy("Called off only with a reason"), "lock")
def call_off_with_reason(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = Entry.objects.filter(_within(start, end, "at"), event=events.EmergencyCalledOff.NAME, facts__drill=False)
    rows = _seen(rows, seen, "matter_id")
    return tally(rows, rows.filter(personal__reason=""), "at", _("no reason"))


@control("emergencies.log_kept", gettext_lazy("Everything in one log, corrections beside the old words"), "record")
def log_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _real(start, end, seen)
    told = Entry.objects.filter(matter=OuterRef("pk"), event=events.EmergencyDeclared.NAME)
    return tally(rows, rows.filter(~Exists(told)), "matter__opened_at", _("without a beginning"), matter="pk")


@control("emergencies.drills", gettext_lazy("Drills are held and marked"), "record")
def drills(start: datetime, end: datetime, seen: Any) -> Asked:
    """Drills of the period; broken are those that told a customer."""
    rows = _seen(Emergency.objects.filter(_within(start, end, "matter__opened_at"), drill=True), seen, "pk")
    told = Told.objects.filter(telling__emergency=OuterRef("pk")).exclude(way=Way.DRILL)
    return tally(rows, rows.filter(Exists(told)), "matter__opened_at", _("a customer was told in a drill"), matter="pk")


@control("emergencies.reserves_registered", gettext_lazy("Every movement of a reserve is in the ledger"), "lock")
def reserves_registered(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every movement of the period; broken where the ledger's line says more is out than there is."""
    rows = _seen(Movement.objects.filter(_within(start, end, "at")), seen, "resource_id")
    return tally(rows, rows.filter(out__gt=F("total")), "at", _("more out than there is"), matter="resource_id")


@control("emergencies.reserves_ready", gettext_lazy("Reserves looked over and not expired"), "clock")
def reserves_ready(start: datetime, end: datetime, seen: Any) -> Asked:
    """The reserves there were by the end of the period; broken are those expired or not looked over by today."""
    rows = _seen(Resource.objects.filter(matter__opened_at__lt=end, total__gt=0), seen, "pk")
    today = clock.today()
    bad = rows.filter(Q(expires_on__lt=today) | Q(check_on__lt=today))
    return tally(rows, bad, "matter__opened_at", _("expired, or not looked over in time"), matter="pk")


@control("emergencies.reserves_back", gettext_lazy("Dispatched reserves come back in time"), "clock")
def reserves_back(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = Dispatch.objects.filter(_within(start, end, "at"), emergency__drill=False, back_on__isnull=False)
    rows = _seen(rows, seen, "resource_id")
    late = Q(back_on__lt=clock.today(), quantity__gt=F("returned") + F("used")) | Q(late_told_at__isnull=False)
    return tally(rows, rows.filter(late), "at", _("back late, or not yet"), matter="resource_id")
