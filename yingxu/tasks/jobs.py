"""The clock ticks: which tasks are late."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.loops import named

from . import actions, queries

named("tasks.sweep", gettext_lazy("Due dates of tasks"))

BATCH = 200


def sweep(now: datetime) -> int:
    """State every task that has become late, each once; returns how many. Safe with several workers at a time."""
    said = 0
    while True:
        with clock.at(now), transaction.atomic():
            tasks = list(queries.due_to_state(now, BATCH))
            for task in tasks:
                actions.state_late(task)
        said += len(tasks)
        if not tasks:
            return said


@app.periodic(cron="* * * * *")
@app.task(name="tasks.sweep", queueing_lock="tasks.sweep", pass_context=False)
def sweep_now(timestamp: int) -> None:
    if now := clock.agreed("tasks.sweep"):
        sweep(now)
