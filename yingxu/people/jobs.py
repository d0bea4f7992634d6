"""Every night: ended sessions, old sign-in attempts and lists that were read long ago are thrown away. Every few minutes: whose account was
tried in vain is told."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.loops import named

from . import actions
from .directory import actions as directory
from .sessions import SessionStore

named("yingxu.people.jobs.watch", gettext_lazy("Sign-ins that failed"))


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="people.tidy")
def tidy(timestamp: int) -> None:
    SessionStore.clear_expired()
    actions.forget_attempts()
    directory.forget_lists()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="people.watch")
def watch(timestamp: int) -> None:
    actions.tell_of_failures()
