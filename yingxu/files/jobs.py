"""Every night: bytes without a row are thrown away."""

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    actions.sweep()
