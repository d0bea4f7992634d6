"""The clock ticks: who must be warned, what is late, who can no longer sign, what lapses."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.action import locked
from yingxu.base.loops import named

from . import actions, queries
from .models import Request, Step

named("approvals.sweep", gettext_lazy("Due dates of approvals"))
named("approvals.look_over", gettext_lazy("Who can still sign"))

BATCH = 100


def sweep(now: datetime) -> int:
    """Every open step whose moment has come, each in a transaction of its own with its request locked; returns how many."""
    done = 0
    with clock.at(now):
        for step in queries.to_look_at(now, BATCH):
            with transaction.atomic():
                request = locked(step.round.request)
                here = Step.objects.select_related("round").get(pk=step.pk)
                if here.open and here.look_at and here.look_at <= now:
                    actions.tick(here, request, now)
                    done += 1
        for pk in queries.to_lapse(now, BATCH):
            with transaction.atomic():
                actions.lapse(locked(Request.objects.get(pk=pk)))
    return done


def look_over(now: datetime) -> None:
    """Everybody asked at any open step: can they still sign?"""
    with clock.at(now):
        for step in Step.objects.filter(state=Step.State.OPEN).select_related("round__request").iterator():
            with transaction.atomic():
                request = locked(step.round.request)
                here = Step.objects.select_related("round").get(pk=step.pk)
                if here.open:
                    actions.look_over(here, request)


@app.periodic(cron="* * * * *")
@app.task(name="approvals.sweep", queueing_lock="approvals.sweep", pass_context=False)
def sweep_now(timestamp: int) -> None:
    if now := clock.agreed("approvals.sweep"):
        sweep(now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="approvals.look_over", queueing_lock="approvals.look_over", pass_context=False)
def look_over_now(timestamp: int) -> None:
    if now := clock.agreed("approvals.sweep"):
        look_over(now)
