"""The clock ticks: papers that run out, contracts that end, instalments that are due or late."""

from datetime import date

from django.db import transaction
from procrastinate.contrib.django import app

from yingxu.base import clock

from . import actions, queries

BATCH = 200


def sweep(today: date) -> int:
    """State each of them once; returns how many. Safe with several workers at a time: each row is locked and looked at again."""
    said = 0
    for rows, speak in (
        (queries.papers.ending, actions.speak_of_paper), (queries.contracts.ending, actions.speak_of_contract),
        (queries.contracts.coming, actions.speak_of_instalment),
    ):  # fmt: skip
        last = 0
        while found := list(rows(today).filter(pk__gt=last)[:BATCH]):
            for row in found:
                with transaction.atomic():
                    speak(row, today)
            last, said = found[-1].pk, said + len(found)
    return said


@app.periodic(cron="7 * * * *")
@app.task(name="customers.sweep", queueing_lock="customers.sweep", pass_context=False)
def sweep_now(timestamp: int) -> None:
    if now := clock.agreed("customers.sweep"):
        with clock.at(now):
            sweep(clock.today())
