"""Sending what waits, fairly: one call at a time for each endpoint, endpoints beside each other, who waited longest first.

Calls run in threads of their own and touch no database; claiming and recording happen here, in short transactions. An endpoint is
claimed by a lease, so that several workers share the work and a killed one's endpoint is free again after half a minute; what it had
sent without recording is then sent again under the same id (at least once, R4).
"""

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections, transaction
from django.db.models import Exists, F, OuterRef, Q

from yingxu.base import addresses, clock, crypto, outlets
from yingxu.base.access import SYSTEM
from yingxu.base.calling import SECONDS, Answer, Trouble, call
from yingxu.base.errors import Invalid
from yingxu.matters.actions import record
from yingxu.people import queries as people

from . import hooked, payload, signing
from .actions.endpoints import SECRET, URL, halt, outlet
from .events import EndpointFailing
from .models import Attempt, Delivery, Endpoint

log = logging.getLogger("yingxu.webhooks")
CROWD = 16  # endpoints that are called at the same time
LEASE = timedelta(seconds=3 * SECONDS)
ROUND = 50.0  # seconds after which a round ends, so that the worker hears from the loop
GIVE_UP = timedelta(days=3)
# seconds after the first, second … failed attempt of a delivery: three days in all
SCHEDULE = (30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 64_800, 79_200)
# seconds an endpoint rests after so many failures in a row, whatever waits for it
REST = (30, 60, 120, 300, 600, 1_800, 3_600)
TELL_AFTER = 5
SKIM = 100  # deliveries looked at to find one that may be sent
S = Delivery.State


@dataclass(frozen=True)
class Claim:
    """A delivery about to be sent, with everything the call needs."""

    delivery: int
    endpoint: int
    target: addresses.Target | None
    headers: dict[str, str]
    body: bytes


def run(*, stop: Callable[[], bool] = lambda: False, crowd: int = CROWD, seconds: float = SECONDS, round_: float = ROUND) -> int:
    """Send everything that is due; returns how many calls were made. Ends when nothing is due or its round is over."""
    made, until = 0, time.monotonic() + round_
    with ThreadPoolExecutor(crowd, thread_name_prefix="webhook") as pool:
        flying: dict[Future[Answer], Claim] = {}
        while True:
            if time.monotonic() < until and not stop():
                for claim in claims(crowd - len(flying)):
                    flying[pool.submit(_call, claim, seconds)] = claim
                    made += 1
            if not flying:
                return made
            for landed in wait(flying, timeout=0.5, return_when=FIRST_COMPLETED).done:
                settle(flying.pop(landed), landed.result())


def run_forever(stop: Callable[[], bool], *, pause: float = 1.0) -> None:
    """The worker's loop, in a thread of its own: receivers that hang take no place from its jobs. Survives a database restart."""
    while not stop():
        try:
            if run(stop=stop):
                continue
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("webhooks")
            time.sleep(2)
        finally:
            close_old_connections()
        time.sleep(pause)


def _call(claim: Claim, seconds: float) -> Answer:
    if claim.target is None:
        return Answer(0, trouble=Trouble.REFUSED)
    return call(claim.target, claim.headers, claim.body, seconds=seconds)


def claims(most: int) -> list[Claim]:
    """At most so many endpoints with something due, each with its oldest delivery, taken for the length of a lease."""
    if most <= 0:
        return []
    now = clock.now()
    with transaction.atomic():
        free = Q(held_until=None) | Q(held_until__lte=now) | Q(held_until__gt=now + LEASE)  # the last: this clock was set back
        rested = Q(rest_until=None) | Q(rest_until__lte=now)
        due = Delivery.objects.filter(endpoint=OuterRef("pk"), state=S.WAITING, next_at__lte=now)
        wanted = Q(Exists(due), paused_at=None) & rested | Q(Exists(due.filter(entry=None)))
        rows = Endpoint.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user__department")
        found = list(rows.filter(free, wanted, deleted_at=None).order_by(F("held_until").asc(nulls_first=True), "pk")[:most])
        return [claim for endpoint in found if (claim := _claim(endpoint, now)) is not None]


def _claim(endpoint: Endpoint, now: datetime) -> Claim | None:
    """The oldest due delivery its person may see; those they may not are withheld for good."""
    resting = endpoint.paused_at is not None or (endpoint.rest_until is not None and endpoint.rest_until > now)
    due = endpoint.deliveries.filter(state=S.WAITING, next_at__lte=now).select_related("entry__matter").order_by("next_at", "pk")
    due = due.filter(entry=None) if resting else due
    if not endpoint.user.is_active:
        halt(endpoint, Endpoint.Why.LEFT)
        due = due.filter(entry=None)
    elif not resting and outlets.why_not(outlet(endpoint)):
        halt(endpoint, Endpoint.Why.PARTY)
        due = due.filter(entry=None)
    sees = people.actor(endpoint.user)
    for delivery in due[:SKIM]:
        if delivery.entry is None:
            body = payload.test(delivery.key, delivery.made_at)
        elif hooked.may_be_told(sees, delivery.entry):
            body = payload.of(delivery.key, delivery.entry)
        else:
            Delivery.objects.filter(pk=delivery.pk).update(state=S.WITHHELD, next_at=None, done_at=now)
            continue
        Endpoint.objects.filter(pk=endpoint.pk).update(held_until=now + LEASE)
        Delivery.objects.filter(pk=delivery.pk).update(sent=sorted(body["data"]["facts"]))
        raw = payload.encode(body)
        return Claim(delivery.pk, endpoint.pk, _target(endpoint), signing.headers(delivery.key, now, raw, _secrets(endpoint, now)), raw)
    return None


def _target(endpoint: Endpoint) -> addresses.Target | None:
    try:
        return addresses.target(crypto.unseal(endpoint.url, URL))
    except Invalid:
        return None


def _secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    kept = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_until and endpoint.old_until > now:
        kept.append(endpoint.old_secret)
    return [crypto.unseal(secret, SECRET) for secret in kept]


def settle(claim: Claim, answer: Answer) -> None:
    """Write down what came of a call, and what follows from it."""
    now = clock.now()
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().get(pk=claim.endpoint)
        delivery = Delivery.objects.select_for_update().get(pk=claim.delivery)
        Attempt.objects.create(
            delivery=delivery, at=now, status=answer.status, trouble=answer.trouble, took=answer.took, answer=answer.begins
        )
        endpoint.held_until = now
        if answer.good:
            delivery.state, delivery.next_at, delivery.done_at = S.DELIVERED, None, now
            endpoint.failures, endpoint.failing_since, endpoint.rest_until = 0, None, None
        elif delivery.state == S.WAITING:
            _failed(endpoint, delivery, answer, now)
        delivery.tries += 1
        delivery.save(update_fields=["state", "next_at", "done_at", "tries"])
        endpoint.save(update_fields=["held_until", "failures", "failing_since", "rest_until"])
        if delivery.entry_id is not None and endpoint.works:
            _look_at(endpoint, answer, now)


def _failed(endpoint: Endpoint, delivery: Delivery, answer: Answer, now: datetime) -> None:
    test = delivery.entry_id is None
    if test or delivery.tries >= len(SCHEDULE):
        delivery.state, delivery.next_at, delivery.done_at = S.FAILED, None, now
    else:
        delivery.next_at = now + timedelta(seconds=max(answer.wait, _about(SCHEDULE[delivery.tries])))
    if not test:
        rest = max(answer.wait, _about(REST[min(endpoint.failures, len(REST) - 1)]))
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.rest_until = now + timedelta(seconds=rest)


def _look_at(endpoint: Endpoint, answer: Answer, now: datetime) -> None:
    """Is it time to tell somebody, or to stop?"""
    if answer.status == 410:
        halt(endpoint, Endpoint.Why.GONE)
    elif endpoint.failing_since and now - endpoint.failing_since >= GIVE_UP:
        halt(endpoint, Endpoint.Why.FAILING)
    elif endpoint.failures == TELL_AFTER:
        stated = EndpointFailing(endpoint=endpoint.pk, name=endpoint.name, failures=endpoint.failures)
        record(stated, on=None, by=SYSTEM, tell=[endpoint.user_id, endpoint.made_by_id])


def _about(seconds: float) -> float:
    """A tenth more or less, so that endpoints which failed together do not come back together."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311
