"""The worker's part: classes are reckoned every night, and when somebody asks; care that comes near is made into tasks."""

from datetime import date

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.loops import named

from . import actions, queries
from .models import Reckoning

named("relations.go_on", gettext_lazy("Classification of customers"))


def finish(run: Reckoning) -> None:
    """Carry a reckoning to its end, batch by batch; each batch is kept by itself."""
    while actions.carry_on(run):
        pass


@app.periodic(cron="23 2 * * *")
@app.task(name="relations.reckon_nightly", queueing_lock="relations.reckon_nightly", pass_context=False)
def reckon_nightly(timestamp: int) -> None:
    if (now := clock.agreed("relations.reckon_nightly")) and (run := actions.nightly(now.astimezone(clock.zone()).date())):
        finish(run)


@app.periodic(cron="*/10 * * * *")
@app.task(name="relations.go_on", pass_context=False)
def go_on(timestamp: int = 0) -> None:
    """What was asked for, or was left half done by a worker that stopped."""
    for run in Reckoning.objects.filter(finished_at=None).order_by("pk"):
        finish(run)


def plan_care(today: date) -> int:
    """Every occasion that has come near enough, each once; returns how many. What a stopped worker left is found by the next."""
    return sum(actions.plan(rule, queries.due(rule, today)) for rule in queries.care_rules() if rule.active)


@app.periodic(cron="41 5 * * *")
@app.task(name="relations.plan_care", queueing_lock="relations.plan_care", pass_context=False)
def plan_care_now(timestamp: int) -> None:
    if now := clock.agreed("relations.plan_care"):
        plan_care(now.astimezone(clock.zone()).date())
