"""Every night: who wrote an impact assessment is asked in time to look at it again."""

from django.db import transaction
from procrastinate.contrib.django import app

from . import actions


@app.periodic(cron="40 6 * * *")
@app.task(name="privacy.remind", queueing_lock="privacy.remind", pass_context=False)
def remind(timestamp: int) -> None:
    with transaction.atomic():
        actions.remind_of_reviews()
