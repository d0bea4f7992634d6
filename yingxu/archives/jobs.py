"""Every morning: whose term is over."""

from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="10 6 * * *")
@app.task(name="archives.terms", queueing_lock="archives.terms", pass_context=False)
def terms(timestamp: int) -> None:
    actions.look_at_terms()
