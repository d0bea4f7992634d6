"""What waits for an endpoint, and sending it once more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import Actor
from yingxu.base.action import action, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters.actions import record
from yingxu.matters.models import Entry

from .. import payload, rules
from ..events import EndpointReplayed
from ..models import Attempt, Delivery, Endpoint

LATE = timedelta(days=1)  # an entry written down so long after it happened is history that was brought in
STALE = timedelta(days=30)  # a journal that is read again from its beginning sends nothing twice; deliveries are kept longer
KEPT, ANSWERS_KEPT = timedelta(days=1_097), timedelta(days=90)
S = Delivery.State


@step
def queue(entry: Entry) -> int:
    """A delivery for each endpoint that chose this event; returns how many. Asked again it changes nothing. What happened before an
    endpoint was made is not for it, nor is history that an import brought in."""
    if entry.recorded_at - entry.at > LATE or clock.now() - entry.recorded_at > STALE:
        return 0
    found = Endpoint.objects.filter(deleted_at=None, events__contains=[entry.event], made_at__lt=entry.recorded_at)
    now = clock.now()
    rows = [_waiting(pk, entry.event, now, entry) for pk in found.values_list("pk", flat=True)]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _waiting(endpoint: int, event: str, now: datetime, entry: Entry | None = None) -> Delivery:
    return Delivery(endpoint_id=endpoint, entry=entry, event=event, key=crypto.token("msg_", size=18), made_at=now, next_at=now)


@action(rules.MANAGE)
def send_test(endpoint: Endpoint, *, by: Actor) -> Delivery:
    """A body that means nothing, tried once, also while the endpoint is paused."""
    if endpoint.deleted_at is not None:
        raise WrongMoment(_("This webhook was deleted; bring it back first."))
    made = _waiting(endpoint.pk, payload.TEST, clock.now())
    made.save()
    return made


@action(rules.MANAGE)
def replay(delivery: Delivery, *, by: Actor) -> Delivery:
    """Send it once more, under the same id, with the whole schedule before it; what may be seen is asked again."""
    if delivery.endpoint.deleted_at is not None:
        raise WrongMoment(_("This webhook was deleted; bring it back first."))
    if delivery.state == S.WAITING and delivery.tries == 0:
        raise WrongMoment(_("This delivery is still waiting for its first attempt."))
    _again(Delivery.objects.filter(pk=delivery.pk))
    _said(delivery.endpoint, 1, by)
    delivery.refresh_from_db()
    return delivery


@action(rules.MANAGE)
def replay_span(endpoint: Endpoint, *, by: Actor, start: datetime, end: datetime, states: Sequence[str] = (S.FAILED,)) -> int:
    """Everything of these states that came up from `start` (included) to `end`, once more; returns how many. Raises Invalid."""
    if endpoint.deleted_at is not None:
        raise WrongMoment(_("This webhook was deleted; bring it back first."))
    if start >= end:
        raise Invalid.field("end", _("The end lies before the beginning."))
    if not states or set(states) - {S.FAILED, S.DELIVERED, S.WITHHELD}:
        raise Invalid.field("states", _("Choose what is sent once more."))
    rows = Delivery.objects.filter(endpoint=endpoint, made_at__gte=start, made_at__lt=end, state__in=states)
    count = _again(rows.exclude(entry=None))
    if count:
        _said(endpoint, count, by)
    return count


def _again(rows) -> int:
    return rows.update(state=S.WAITING, tries=0, next_at=clock.now(), done_at=None)


def _said(endpoint: Endpoint, count: int, by: Actor) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)
    record(EndpointReplayed(endpoint=endpoint.pk, name=endpoint.name, count=count), on=None, by=by)


def forget_deliveries() -> int:
    """Records of handing data over are kept three years (P17); what was answered to each attempt 90 days."""
    now = clock.now()
    Attempt.objects.filter(at__lt=now - ANSWERS_KEPT).exclude(delivery__state=S.WAITING).delete()
    return Delivery.objects.filter(made_at__lt=now - KEPT).exclude(state=S.WAITING).delete()[0]
