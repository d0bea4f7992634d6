"""What guarding archives can prove to a policy clause."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.approvals.models import Request, State
from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, Tally, control, tally
from yingxu.customers.models import Customer
from yingxu.matters.models import Entry, Look, Matter

from . import looks
from .events import LevelSet, Lowered, PaperLowered, PaperRaised, SectionLowered, SectionRaised
from .models import Custody

MOST = 100
GRACE = timedelta(days=7)  # to say what becomes of a level whose term is over


@control("archives.levels_reasoned", gettext_lazy("Every level has a reason and somebody who set it"), "record")
def levels_reasoned(start: datetime, end: datetime, seen: Any) -> Asked:
    """Levels set in the period, each with who and why."""
    rows = Entry.objects.filter(event__in=[LevelSet.NAME, SectionRaised.NAME, PaperRaised.NAME], at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad = rows.filter(Q(personal__why="") | Q(actor_id=None, actor_kind="user"))
    return tally(rows, bad, "at", _("no reason was given"))


@control("archives.hanging_inherits", gettext_lazy("What hangs from a guarded archive is guarded as well"), "lock")
def hanging_inherits(start: datetime, end: datetime, seen: Any) -> Asked:
    """Needs registered in the period for files that have a level or a circle now: none is of a lower level or open to more persons."""
    files = Customer.objects.filter(Q(matter__secrecy__gt=0) | Q(matter__circle__isnull=False))
    rows = Matter.objects.filter(need__customer__in=files, opened_at__gte=start, opened_at__lt=end)
    rows = rows if seen is None else rows.filter(pk__in=seen)
    bad = rows.filter(Q(secrecy__lt=F("need__customer__matter__secrecy")) | Q(circle=None, need__customer__matter__circle__isnull=False))
    return tally(rows, bad, "opened_at", _("it is less guarded than its customer's file"), matter="pk")


@control("archives.terms_decided", gettext_lazy("A level whose term is over is decided on"), "clock")
def terms_decided(start: datetime, end: datetime, seen: Any) -> Asked:
    """Terms that end in the period: nobody has waited longer than a week for what becomes of the level."""
    rows = Custody.objects.filter(ends_on__gte=start.date(), ends_on__lt=min(end.date(), clock.today()))
    rows = rows if seen is None else rows.filter(customer_id__in=seen)
    bad = rows.filter(ends_on__lt=clock.today() - GRACE)
    return tally(rows, bad, "at", _("its term is over and nobody decided"), matter="customer_id")


@control("archives.lowered_by_two", gettext_lazy("Levels come down by two persons only"), "lock")
def lowered_by_two(start: datetime, end: datetime, seen: Any) -> Tally:
    """Levels lowered and circles ended in the period: each was asked for by one person and granted by another."""
    rows = Entry.objects.filter(event__in=[Lowered.NAME, SectionLowered.NAME, PaperLowered.NAME], at__gte=start, at__lt=end)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    granted = set(Request.objects.filter(chain="archives.lower", state=State.GRANTED).values_list("pk", flat=True))
    bad = [(e.matter_id, e.at) for e in rows if e.facts["request"] not in granted]
    applied = rows.count()
    return Tally(applied, applied - len(bad), len(bad), [Evidence(pk, at, _("no second person granted it")) for pk, at in bad[:MOST]])


@control("archives.looks_serve_a_need", gettext_lazy("Looks at guarded archives and uncovered numbers say what they are for"), "record")
def looks_serve_a_need(start: datetime, end: datetime, seen: Any) -> Asked:
    """Looks at customers' files written down in the period, by persons and programs: each names the need it served, a reason, or the work
    of ours it was part of. What left in lists is counted elsewhere."""
    rows = Look.objects.filter(matter__kind="customer", at__gte=start, at__lt=end, what__in=looks.KINDS).exclude(actor_kind="system").exclude(facts__has_key="list")
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    return tally(rows, rows.exclude(looks.named()), "at", _("nobody said what the look was for"))
