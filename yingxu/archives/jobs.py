"""Every morning: whose term is over. Every hour: who opened unusually many guarded files."""

from procrastinate.contrib.django import app

from yingxu.base import clock

from . import actions


@app.periodic(cron="10 6 * * *")
@app.task(name="archives.terms", queueing_lock="archives.terms", pass_context=False)
def terms(timestamp: int) -> None:
    actions.look_at_terms()


@app.periodic(cron="25 * * * *")
@app.task(name="archives.readers", queueing_lock="archives.readers", pass_context=False)
def readers(timestamp: int) -> None:
    if clock.agreed("archives.readers"):
        actions.tell_of_many_looks()
