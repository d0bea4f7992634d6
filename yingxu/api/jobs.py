"""Every night: deliveries that were done with long ago are thrown away."""

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="17 3 * * *")
@app.task(name="api.tidy", queueing_lock="api.tidy", pass_context=False)
def tidy(timestamp: int) -> None:
    actions.forget_deliveries()
