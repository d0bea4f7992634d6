"""Whose reading is over, and which requests nobody answered."""

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="*/10 * * * *")
@app.task(name="consulting.over", queueing_lock="consulting.over", pass_context=False)
def over(timestamp: int) -> None:
    actions.look_over()
