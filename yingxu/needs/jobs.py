"""When the clock ticks: words to customers leave once they can no longer be taken back; what people decided about needs is learned, so
that routing can suggest it (N4); the day ends (K5)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.loops import named
from yingxu.routing import actions as routing
from yingxu.routing.models import Target

from . import actions
from .models import Need
from .queries import dayend

named("needs.snoozed", gettext_lazy("Reminders of needs put off"))
named("needs.release", gettext_lazy("Words to customers on their way"))
named("needs.end_days", gettext_lazy("End of the working day"))

LATEST = 5_000


@transaction.atomic
def learn() -> None:
    """Train the suggestions again from the latest needs a department accepted: what was said, and what was decided."""
    rows = (
        Need.objects.filter(accepted_by__isnull=False, matter__department__isnull=False, matter__secrecy=0, matter__circle=None)
        .exclude(category="")
        .order_by("-pk")
        .values_list("matter__number", "matter__title", "body", "kind", "category", "matter__department__code")[:LATEST]
    )
    told = [(number, f"{title}。{body}", kind, category, code) for number, title, body, kind, category, code in rows]
    routing.learn(Target.DEPARTMENT, [routing.Example(n, text, code, (f"kind:{kind}",)) for n, text, kind, _c, code in told], by=SYSTEM)
    routing.learn(Target.CATEGORY, [routing.Example(n, text, category, (f"kind:{kind}",)) for n, text, kind, category, _d in told], by=SYSTEM)
    routing.learn(Target.KIND, [routing.Example(n, text, kind) for n, text, kind, _c, _d in told], by=SYSTEM)


@app.periodic(cron="20 3 * * *")
@app.task(name="needs.learn", queueing_lock="needs.learn", pass_context=False)
def learn_nightly(timestamp: int) -> None:
    learn()


@app.periodic(cron="* * * * * */30")
@app.task(name="needs.snoozed", queueing_lock="needs.snoozed", pass_context=False)
def remind_of_snoozed(timestamp: int) -> None:
    if clock.agreed("needs.snoozed"):
        actions.remind_of_snoozed()


@app.periodic(cron="* * * * * */5")
@app.task(name="needs.release", queueing_lock="needs.release", pass_context=False)
def release_words(timestamp: int) -> None:
    actions.release()


def end_days(now: datetime) -> None:
    """Flag, list and tell further what is due by now; each day in a transaction of its own. A worker that was away makes up for it,
    once, and two at a time do it once."""
    for day in dayend.days_to_end(now):
        with clock.at(now), transaction.atomic():
            actions.end_day(day, at=now)
    with clock.at(now), transaction.atomic():
        actions.tell_unread(at=now)


@app.periodic(cron="* * * * *")
@app.task(name="needs.end_days", queueing_lock="needs.end_days", pass_context=False)
def end_days_now(timestamp: int) -> None:
    if now := clock.agreed("needs.end_days"):
        end_days(now)
