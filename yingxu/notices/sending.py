"""Takes what is due out of the outbox, one at a time, and writes down what became of it.

Any number of workers may do this at once: a row is taken under a lock that others skip, with a lease, and only the holder of the
lease writes down the outcome. A worker that dies leaves a lease that runs out; then the next try knows that the last one may have gone
through. Leases are measured by the database's clock, since machines disagree; giving up is counted in tries, so that a clock that jumps
gives nothing up.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import close_old_connections, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto, outlets
from yingxu.base.access import SYSTEM
from yingxu.base.web import AWAY
from yingxu.matters.actions import record
from yingxu.matters.models import Matter

from . import queries
from .events import DeliveryFailed
from .models import Attempt, Channel, Delivery

log = logging.getLogger("yingxu.notices")
LEASE = timedelta(minutes=3)  # longer than any try may take
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240, 480, 480, 480, 480, 489)]  # 48 hours in all
DEATHS = 3
RECORD_SECONDS = 60
State, Outcome = Delivery.State, Attempt.Outcome


@dataclass(frozen=True)
class Result:
    """What became of a try. LOST: it may have arrived or not. `wait` is what the other side asked for; `hold` leaves it to a person."""

    outcome: str
    words: str = ""
    provider_id: str = ""
    wait: timedelta | None = None
    hold: bool = False


@dataclass(frozen=True)
class Taken:
    """A delivery that is ours for the time of its lease. `unsure`: the last try may have arrived."""

    row: Delivery
    attempt: int
    unsure: bool


Port = Callable[[Taken], Result]


def send_due(channel: str, port: Port, *, seconds: float = 20.0) -> int:
    """Send what is due by this way, for about so long; returns how many were tried."""
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        taken = take(channel)
        if taken is None:
            break
        settle(taken, attempt(taken, port))
        done += 1
    return done


def take(channel: str) -> Taken | None:
    """The next one, marked as ours."""
    while True:
        with transaction.atomic():
            rows = Delivery.objects.filter(channel=channel).select_for_update(skip_locked=True, of=("self",))
            row = (
                rows.filter(state=State.SENDING, lease_until__lt=Now()).order_by("lease_until").first()
                or rows.filter(state=State.WAITING, next_at__lte=clock.now()).order_by("-urgent", "next_at", "id").first()
            )
            taken = claim(row) if row is not None else None
        if taken is not None or row is None:
            return taken


def claim(row: Delivery) -> Taken | None:
    """Mark a locked row as ours; None when it has killed so many workers that a person must look at it first."""
    before = list(Attempt.objects.filter(delivery=row).order_by("-number")[:DEATHS])
    if before and before[0].ended_at is None:
        Attempt.objects.filter(pk=before[0].pk).update(outcome=Outcome.LOST, ended_at=clock.now())
        before[0].outcome = Outcome.LOST
    if len(before) == DEATHS and all(a.outcome == Outcome.LOST and not a.words for a in before):
        words = _("The worker ended three times while sending this.")
        Delivery.objects.filter(pk=row.pk).update(state=State.HELD, error=words, lease=None, lease_until=None)
        return None
    row.state, row.tries, row.lease = State.SENDING, row.tries + 1, uuid.uuid4()
    Delivery.objects.filter(pk=row.pk).update(state=row.state, tries=row.tries, lease=row.lease, lease_until=Now() + LEASE)
    number = before[0].number + 1 if before else 1
    made = Attempt.objects.create(delivery=row, number=number, at=clock.now())
    return Taken(row, made.pk, bool(before) and before[0].outcome == Outcome.LOST)


def attempt(taken: Taken, port: Port) -> Result:
    """Ask once more whether it may leave, then send. Never raises for what the other side or our own code does wrong."""
    try:
        row = Delivery.objects.select_related("matter", "user", "robot", "entry").get(pk=taken.row.pk)
        if stays := queries.why_it_stays(row):
            return Result(Outcome.LEFT, stays.words, hold=stays.hold)
        return port(Taken(row, taken.attempt, taken.unsure))
    except crypto.KeyMissing as missing:
        return Result(Outcome.LATER, _("It cannot be unsealed: %(why)s") % {"why": missing})
    except AWAY:
        raise
    except Exception as fault:
        log.exception("notices: delivery %s", taken.row.pk)
        return Result(Outcome.LATER, _("A fault of our own: %(fault)s") % {"fault": type(fault).__name__})


def named(row: Delivery) -> list[str]:
    """What a delivery gives to whoever brings it there, by name (P8)."""
    if row.channel == Channel.MAIL:
        return ["address", "subject", "body", *(["files"] if row.parts.exists() else [])]
    if row.channel == Channel.SMS:
        params = row.content.get("params") or {} if row.sealed_content else {}
        return ["address", *sorted(str(name)[:40] for name in params)]
    return ["kind", "number", "state", "page"]


def settle(taken: Taken, result: Result) -> None:
    """Write down what became of it. When the database is away, try for a minute: what was sent should not be sent again."""
    until = time.monotonic() + RECORD_SECONDS
    while True:
        try:
            with transaction.atomic():
                _settle(taken, result)
            return
        except AWAY:
            if time.monotonic() > until or transaction.get_connection().in_atomic_block:
                raise
            log.warning("notices: the outcome of delivery %s cannot be written down yet", taken.row.pk)
            time.sleep(0.5)
            close_old_connections()


def _settle(taken: Taken, result: Result) -> None:
    tries = taken.row.tries
    failed = result.outcome == Outcome.REFUSED or (result.outcome in (Outcome.LATER, Outcome.LOST) and tries > len(WAITS))
    failed = failed and not result.hold
    if failed and taken.row.matter_id:
        Matter.objects.select_for_update().get(pk=taken.row.matter_id)  # verbs lock the matter first, too
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("matter")
    row = rows.filter(pk=taken.row.pk, lease=taken.row.lease, state=State.SENDING).first()
    now, words = clock.now(), str(result.words)[:300]
    Attempt.objects.filter(pk=taken.attempt).update(outcome=result.outcome, ended_at=now, words=words)
    if row is None:
        log.warning("notices: delivery %s was taken over by another worker", taken.row.pk)
        return
    row.error, row.lease, row.lease_until = ("" if result.outcome == Outcome.SENT else words), None, None
    if result.outcome == Outcome.SENT:
        row.state, row.sent_at, row.provider_id = State.SENT, now, result.provider_id[:120]
        row.recipient, row.sent = outlets.name(queries.outlet(row)), named(row)
    elif failed:
        row.state = State.FAILED
    elif result.hold:
        row.state = State.HELD
    elif result.outcome == Outcome.LEFT:
        row.state = State.CANCELLED
    else:
        row.state, row.next_at = State.WAITING, now + (result.wait or WAITS[tries - 1])
    row.save(update_fields=["state", "error", "lease", "lease_until", "sent_at", "provider_id", "next_at", "recipient", "sent"])
    if failed:
        fact = DeliveryFailed(delivery=row.pk, channel=row.channel, to=row.hint, why=words)
        record(fact, on=row.matter, by=SYSTEM, tell=[row.caused_by_id or row.user_id])
