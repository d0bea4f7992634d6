"""Every hour: who was here long ago is forgotten."""

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="11 * * * *")
@app.task(queueing_lock="matters.forget_presence")
def forget_presence(timestamp: int) -> None:
    actions.forget_presence()
