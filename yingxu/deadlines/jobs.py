"""The clock ticks: who must be warned, what is late."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock as time
from yingxu.base.access import SYSTEM
from yingxu.base.loops import named
from yingxu.matters.actions import record
from yingxu.people.queries import service_department

from . import actions, climbing, queries
from .actions import climbs
from .events import ClockBreached, ClockWarned
from .models import Climb, Clock

named("deadlines.sweep", gettext_lazy("Clocks of deadlines"))
named("deadlines.realign", gettext_lazy("Deadlines after a change of the calendar"))

BATCH = 200


class Swept(NamedTuple):
    warned: int
    breached: int


def sweep(now: datetime) -> Swept:
    """State every warning and breach that has come about, each once. Safe with several workers at a time: a matter somebody
    holds is left for the next sweep."""
    warned = breached = 0
    while True:
        with time.at(now), transaction.atomic():
            clocks = list(
                Clock.objects.filter(look_at__lt=now).select_related("matter__department", "asked__department")
                .select_for_update(skip_locked=True, of=("self", "matter")).order_by("look_at")[:BATCH]
            )  # fmt: skip
            late = [clock for clock in clocks if clock.due_at < now]
            soon = [clock for clock in clocks if clock.due_at >= now]
            _state(late, ClockBreached, now)
            _state(soon, ClockWarned, now)
        warned, breached = warned + len(soon), breached + len(late)
        if not clocks:
            return Swept(warned, breached)


def _state(clocks: list[Clock], event: type[ClockWarned] | type[ClockBreached], now: datetime) -> None:
    """One statement each to whoever must act; a breach begins the ladder, or tells the head of their department where none is set."""
    breached = event is ClockBreached
    marks = {"warned_at": Coalesce("warned_at", Value(now)), **({"breached_at": now} if breached else {})}
    Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(**marks)
    service = service_department() if clocks else None
    laddered = bool(climbing.ladders_of(climbing.version_now())) if clocks and breached else False
    for clock in clocks:
        user_id, department = queries.responsible(clock, clock.matter, service)
        head = department.head_id if department and breached and not laddered else None
        entry = record(queries.stated(event, clock, user_id, department), on=clock.matter, by=SYSTEM, tell=[user_id, head])
        if laddered:
            climbs.begin(clock, clock.matter, at=now, breach=entry)


def climb(now: datetime) -> int:
    """Tell every rung that is due, each once, in order; returns how many. Safe with several workers at a time, as `sweep` is."""
    told = 0
    while True:
        with time.at(now), transaction.atomic():
            due = list(
                Climb.objects.filter(next_at__lte=now).select_related("matter__department", "clock", "taken_by")
                .select_for_update(skip_locked=True, of=("self", "matter")).order_by("next_at", "id")[:BATCH]
            )  # fmt: skip
            told += sum(climbs.tell_due(each, now) for each in due)
        if not due:
            return told


@app.periodic(cron="* * * * * */15")
@app.task(name="deadlines.sweep", queueing_lock="deadlines.sweep", pass_context=False)
def sweep_now(timestamp: int) -> None:
    """Sweep, unless nothing can be said to be late (`clock.agreed`)."""
    if now := time.agreed("deadlines.sweep"):
        sweep(now)
        climb(now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="deadlines.realign", queueing_lock="deadlines.realign", pass_context=False)
def realign(timestamp: int) -> None:
    """Measure clocks anew that were opened with settings just replaced by another process."""
    with transaction.atomic():
        actions.recompute_open(at=time.now())
