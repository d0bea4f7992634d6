"""When the clock ticks: customers nobody has told in time; reserves that expire, are to be looked over, or should be back."""

from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.loops import named

from . import actions

named("emergencies.countdowns", gettext_lazy("Countdowns of emergencies"))


@app.periodic(cron="* * * * * */15")
@app.task(name="emergencies.countdowns", queueing_lock="emergencies.countdowns", pass_context=False)
def countdowns(timestamp: int) -> None:
    if clock.agreed("emergencies.countdowns"):
        actions.look_at_countdowns()


@app.periodic(cron="30 8 * * *")
@app.task(name="emergencies.reserves", queueing_lock="emergencies.reserves", pass_context=False)
def reserves(timestamp: int) -> None:
    if clock.agreed("emergencies.reserves"):
        actions.remind_of_reserves()
