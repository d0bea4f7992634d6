"""The clock ticks: who must be warned, what is late."""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from procrastinate.contrib.django import app

from yingxu.base import clock as time
from yingxu.base.access import SYSTEM
from yingxu.matters.actions import record

from . import actions, queries
from .actions.clocks import breach
from .events import ClockWarned
from .models import Clock

log = logging.getLogger("yingxu.deadlines")
BATCH = 200
APART = timedelta(minutes=2)


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
                Clock.objects.filter(look_at__lt=now).select_related("matter__department")
                .select_for_update(skip_locked=True, of=("self", "matter")).order_by("look_at")[:BATCH]
            )  # fmt: skip
            for clock in clocks:
                if clock.due_at < now:
                    _breached(clock, now)
                    breached += 1
                else:
                    _warned(clock, now)
                    warned += 1
        if not clocks:
            return Swept(warned, breached)


def _warned(clock: Clock, now: datetime) -> None:
    user_id, department_id = queries.responsible(clock, clock.matter)
    Clock.objects.filter(pk=clock.pk).update(warned_at=now)
    event = ClockWarned(
        step=clock.step, round=clock.round, due_at=clock.due_at, user_id=user_id, department_id=department_id
    )
    record(event, on=clock.matter, by=SYSTEM, tell=[user_id])


def _breached(clock: Clock, now: datetime) -> None:
    Clock.objects.filter(pk=clock.pk).update(warned_at=clock.warned_at or now, breached_at=now)
    event = breach(clock, clock.matter)
    record(event, on=clock.matter, by=SYSTEM, tell=[event.user_id, queries.head_of(event.department_id)])


@app.periodic(cron="* * * * * */15")
@app.task(name="deadlines.sweep", queueing_lock="deadlines.sweep", pass_context=False)
def sweep_now(timestamp: int) -> None:
    """Sweep, unless this machine's clock and the database's disagree: then nothing can be said to be late."""
    now = time.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - now)
    if apart > APART:
        log.error("deadlines: this machine's clock and the database's are %s apart; nothing is declared late", apart)
        return
    sweep(now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="deadlines.realign", queueing_lock="deadlines.realign", pass_context=False)
def realign(timestamp: int) -> None:
    """Measure clocks anew that were opened with settings just replaced by another process."""
    with transaction.atomic():
        actions.recompute_open(at=time.now())
