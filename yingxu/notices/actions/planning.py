"""From a notice to the ways its reader wants: at once, together with others, or by every way there is."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import NamedTuple

from yingxu.base import clock, crypto
from yingxu.base.errors import Invalid
from yingxu.base.events import Event

from .. import addresses, queries
from ..choosing import Way, When, Wishes, slot
from ..events import DeliveryBounced, DeliveryFailed
from ..models import Channel, Delivery, Notice, Robot

EMPTY = json.dumps({})


class Plan(NamedTuple):
    """A delivery to come, by its key, and the notices in it."""

    row: Delivery
    notices: list[Notice]


def plan(event: Event, told: Sequence[Notice]) -> None:
    """Put what these people want to be told outside the inbox into the outbox; once, however often it is asked. What the house says
    about its own failing deliveries stays in the inbox."""
    ways = queries.ways_out() if told and not isinstance(event, DeliveryFailed | DeliveryBounced) else set()
    if not ways:
        return
    wishes = queries.ways_of(n.user_id for n in told)
    robots = [robot for robot in queries.robots(on=True) if robot.channel in ways]
    daily_at, now = queries.common().daily_at, clock.now()
    plans: dict[str, Plan] = {}
    for notice in told:
        wish = wishes[notice.user_id]
        if Channel.MAIL in ways and notice.user.email:
            _add(plans, _own(notice, Channel.MAIL, wish, event, now, daily_at))
        if Channel.SMS in ways and notice.user.sealed_mobile:
            _add(plans, _own(notice, Channel.SMS, wish, event, now, daily_at))
        for robot in robots:
            if _serves(robot, notice):
                _add(plans, _group(notice, robot, wish, event, now))
    _keep(plans)


def _own(notice: Notice, channel: str, wish: Wishes, event: Event, now: datetime, daily_at: time) -> Plan | None:
    when = When.NOW if event.URGENT else wish.when(notice.kind, Way(channel))
    if when == When.OFF:
        return None
    at = now if when == When.NOW else slot(when, now, daily_at)
    if not event.URGENT and (wakes := wish.wakes_at(at)) is not None:
        at = wakes
    together = at > now
    key = f"digest:{notice.user_id}:{channel}:{at:%Y%m%d%H%M%z}" if together else f"notice:{notice.pk}:{channel}"
    try:
        to = addresses.clean(channel, notice.user.email if channel == Channel.MAIL else notice.user.mobile)
    except Invalid:  # an address that never worked keeps nobody else from being told
        return None
    row = Delivery(channel=channel, key=key, user=notice.user, next_at=at, urgent=event.URGENT)
    row.sealed_to, row.hint = crypto.seal(to, Delivery.SEALED), addresses.hint(channel, to)
    if not together:
        row.matter_id, row.entry_id = notice.matter_id, notice.entry_id
    if channel == Channel.MAIL:
        row.token_hash = crypto.token_hash(row.token)
    return Plan(row, [notice])


def _serves(robot: Robot, notice: Notice) -> bool:
    departments = {d.pk for d in robot.departments.all()}
    mine = not departments or notice.user.department_id in departments
    return mine and (not robot.kinds or notice.kind in robot.kinds)


def _group(notice: Notice, robot: Robot, wish: Wishes, event: Event, now: datetime) -> Plan | None:
    """One message for all in the group whom this entry concerns."""
    if not event.URGENT and wish.when(notice.kind, Way.ROBOT) == When.OFF:
        return None
    at = now if event.URGENT else wish.wakes_at(now) or now
    row = Delivery(channel=robot.channel, key=f"robot:{robot.pk}:{notice.entry_id}", robot=robot, next_at=at, urgent=event.URGENT)
    row.matter_id, row.entry_id, row.sealed_to = notice.matter_id, notice.entry_id, crypto.seal(str(robot.pk), Delivery.SEALED)
    return Plan(row, [notice])


def _add(plans: dict[str, Plan], made: Plan | None) -> None:
    if made is None:
        return
    if made.row.key in plans:
        plans[made.row.key].notices.extend(made.notices)
    else:
        plans[made.row.key] = made


def _keep(plans: dict[str, Plan]) -> None:
    """All at once. What is already on its way takes nothing more: a notice that comes too late for its digest goes by itself."""
    if not plans:
        return
    now = clock.now()
    for made in plans.values():
        made.row.made_at, made.row.sealed_content = now, crypto.seal(EMPTY, Delivery.SEALED)
    Delivery.objects.bulk_create([made.row for made in plans.values()], ignore_conflicts=True)
    kept = Delivery.objects.select_for_update(of=("self",)).in_bulk(plans, field_name="key")
    late: dict[str, Plan] = {}
    links = []
    for key, made in plans.items():
        row = kept[key]
        if row.state == Delivery.State.WAITING or row.ref == made.row.ref:
            links += [Delivery.notices.through(delivery_id=row.pk, notice_id=n.pk) for n in made.notices]
        elif key.startswith("digest:"):
            late |= _alone(made)
    Delivery.notices.through.objects.bulk_create(links, ignore_conflicts=True)
    _keep(late)


def _alone(made: Plan) -> dict[str, Plan]:
    found: dict[str, Plan] = {}
    for notice in made.notices:
        row = Delivery(
            channel=made.row.channel, key=f"notice:{notice.pk}:{made.row.channel}", user=notice.user, matter_id=notice.matter_id,
            entry_id=notice.entry_id, next_at=clock.now(), sealed_to=made.row.sealed_to, hint=made.row.hint,
        )  # fmt: skip
        row.token_hash = crypto.token_hash(row.token) if row.channel == Channel.MAIL else None
        found[row.key] = Plan(row, [notice])
    return found


def heard(told: Iterable[Notice], wishes: dict[int, Wishes]) -> None:
    """Kinds somebody does not want in the inbox are filed as read from the beginning."""
    for notice in told:
        if wishes[notice.user_id].when(notice.kind, Way.SCREEN) == When.OFF:
            notice.read_at = notice.at
