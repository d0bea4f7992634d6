"""What the worker does: carry out what was approved, deletions at a person's request, and once a week look for what is over its time."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.loops import named
from yingxu.privacy.models import Request

from . import carrying

named("destruction.go_on", gettext_lazy("Destruction and deletion"))


@app.task(name="destruction.carry_out", queue="slow", retry=3, lock="destruction")
def carry_out(proposal: int) -> None:
    carrying.carry_out(proposal)


@app.task(name="destruction.erase_subject", queue="slow", retry=3, lock="destruction")
def erase_subject(request: int) -> None:
    carrying.erase_subject(request)


@app.periodic(cron="*/10 * * * *")
@app.task(name="destruction.go_on", queue="slow", lock="destruction", queueing_lock="destruction.go_on", pass_context=False)
def go_on(timestamp: int) -> None:
    """What a fall of the machine interrupted."""
    for pk in carrying.waiting():
        carrying.carry_out(pk)
    for pk in Request.objects.filter(state=Request.State.ERASING).values_list("pk", flat=True):
        carrying.erase_subject(pk)


@app.periodic(cron="20 7 * * 1")
@app.task(name="destruction.over_time", queueing_lock="destruction.over_time", pass_context=False)
def over_time(timestamp: int) -> None:
    carrying.look_over_time()
