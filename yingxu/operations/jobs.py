"""Every minute: is there room on the disks? Every hour: is a backup or a proof due? What was asked for is done at once. One of the two places for jobs stays free meanwhile."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.loops import named

from . import running, watching

named("operations.watch", gettext_lazy("Room on the disks"))


@app.periodic(cron="* * * * *")
@app.task(name="operations.watch", queueing_lock="operations.watch", pass_context=False)
def watch(timestamp: int) -> None:
    watching.look()


@app.periodic(cron="7 * * * *")
@app.task(name="operations.look", queue="slow", lock="operations", queueing_lock="operations.look", pass_context=False)
def look(timestamp: int) -> None:
    running.look()


@app.task(name="operations.work_off", queue="slow", lock="operations", pass_context=False)
def work_off() -> None:
    running.work_off()
