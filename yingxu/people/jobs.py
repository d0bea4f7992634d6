"""Every night: ended sessions and old sign-in attempts are thrown away."""

from django.core.management import call_command
from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="people.tidy")
def tidy(timestamp: int) -> None:
    call_command("clearsessions")
    actions.forget_attempts()
