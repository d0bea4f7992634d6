"""What runs in the worker beside the loop that fetches mail (`mail/fetching.py`): imports, and sorting mail."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.loops import named

from . import actions
from .mail import arriving

named("intake.look", gettext_lazy("Sorting of mail"))


@app.task(name="intake.run_import", queue="slow", retry=3, lock="intake.import")
def run_import(run_id: int) -> None:
    actions.run_all(run_id)


@app.periodic(cron="* * * * *")
@app.task(name="intake.look", queueing_lock="intake.look", pass_context=False)
def look(timestamp: int) -> None:
    """Each minute: sort what still waits."""
    arriving.sort_waiting()


@app.task(name="intake.sort_mail", queue="mail")
def sort_mail(received_id: int) -> None:
    arriving.sort(received_id)
