"""When the clock ticks: words to customers leave once they can no longer be taken back; what people decided about needs is learned, so
that routing can suggest it (N4)."""

from django.db import transaction
from procrastinate.contrib.django import app

from yingxu.base.access import SYSTEM
from yingxu.routing import actions as routing
from yingxu.routing.models import Target

from . import actions
from .models import Need

LATEST = 5_000


@transaction.atomic
def learn() -> None:
    """Train the suggestions again from the latest needs a department accepted: what was said, and what was decided."""
    rows = (
        Need.objects.filter(accepted_by__isnull=False, matter__department__isnull=False, matter__secrecy=0)
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


@app.periodic(cron="* * * * * */5")
@app.task(name="needs.release", queueing_lock="needs.release", pass_context=False)
def release_words(timestamp: int) -> None:
    actions.release()
