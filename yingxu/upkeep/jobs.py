"""The clock ticks: rounds and reports begin, remind, are late, go into other hands. Everything here may run twice, or late, or on two
workers at once."""

from procrastinate.contrib.django import app

from yingxu.base import clock

from . import actions


def turn() -> None:
    """What the present demands."""
    actions.hand_over_left()
    actions.open_rounds()
    actions.settle_finished()
    actions.draft()
    actions.remind()
    actions.state_late_news()


@app.periodic(cron="*/15 * * * *")
@app.task(name="upkeep.turn", queueing_lock="upkeep.turn", pass_context=False)
def turn_now(timestamp: int) -> None:
    if clock.agreed("upkeep.turn"):
        turn()
