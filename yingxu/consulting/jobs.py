"""Whose reading is over, and which requests nobody answered."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.loops import named

from . import actions

named("consulting.over", gettext_lazy("Ends of consultations"))


@app.periodic(cron="*/10 * * * *")
@app.task(name="consulting.over", queueing_lock="consulting.over", pass_context=False)
def over(timestamp: int) -> None:
    actions.look_over()
