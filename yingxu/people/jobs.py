"""Every night: ended sessions, old sign-in attempts and lists that were read long ago are thrown away."""

from django.core.management import call_command
from procrastinate.contrib.django import app

from . import actions
from .directory import actions as directory


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="people.tidy")
def tidy(timestamp: int) -> None:
    call_command("clearsessions")
    actions.forget_attempts()
    directory.forget_lists()
