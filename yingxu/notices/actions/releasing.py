"""What a person may do with what lies in the outbox, and trying a way out."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check
from yingxu.base.errors import Gone, WrongMoment
from yingxu.matters.actions import record
from yingxu.matters.queries import may_see

from .. import post, queries, rules, sending
from ..chat import saying
from ..events import DeliveryCancelled, DeliveryReleased
from ..models import CHATS, Channel, Delivery, Robot
from ..sms import handing
from .outbox import send

State = Delivery.State


@action(rules.OUTBOX)
def release(delivery: Delivery, *, by: Actor) -> Delivery:
    """Send it again, or for the first time when it was held. What may have arrived already is the person's own risk."""
    _seen(delivery, by)
    if delivery.state not in (State.FAILED, State.HELD, State.CANCELLED, State.BOUNCED):
        raise WrongMoment(_("It is on its way or has arrived already."))
    if not _leads_out(delivery):
        raise WrongMoment(_("This way is switched off; switch it on first."))
    if stays := queries.why_it_stays(delivery):
        raise WrongMoment(stays.words)
    delivery.state, delivery.tries, delivery.next_at, delivery.error = State.WAITING, 0, clock.now(), ""
    delivery.save(update_fields=["state", "tries", "next_at", "error"])
    record(DeliveryReleased(delivery=delivery.pk, channel=delivery.channel, to=delivery.hint), on=delivery.matter, by=by)
    return delivery


def _seen(delivery: Delivery, by: Actor) -> None:
    if delivery.matter is not None and by.kind != "system" and not may_see(by, delivery.matter):
        raise Gone()


def _leads_out(delivery: Delivery) -> bool:
    return delivery.robot.on if delivery.robot is not None else queries.is_on(delivery.channel)


@action(rules.OUTBOX)
def cancel(delivery: Delivery, *, by: Actor) -> Delivery:
    """It does not leave."""
    _seen(delivery, by)
    if delivery.state not in (State.WAITING, State.HELD):
        raise WrongMoment(_("It is on its way or has arrived already."))
    delivery.state = State.CANCELLED
    delivery.save(update_fields=["state"])
    record(DeliveryCancelled(delivery=delivery.pk, channel=delivery.channel, to=delivery.hint), on=delivery.matter, by=by)
    return delivery


def try_out(channel: str, to: str, *, by: Actor, template: str = "") -> Delivery:
    """Send a test by this way now and wait for the outcome, whether the way is switched on or not. It stays in the outbox."""
    check(rules.MANAGE, by)
    body = _("This is a test from Yingxu: the way out works.")
    with transaction.atomic():
        made = send(
            channel=channel, to=to, key=f"test:{secrets.token_hex(8)}", subject=_("Test"), body=body, by=by, automatic=True,
            template=template, params={"number": "TEST", "what": _("Test"), "words": _("Test"), "code": "TEST"} if template else None,
        )  # fmt: skip
        taken = sending.claim(Delivery.objects.select_for_update(of=("self",)).get(pk=made.pk))
    if taken is not None:
        result = sending.attempt(taken, _port(channel))
        sending.settle(taken, result)
        if result.outcome == sending.Outcome.LATER:  # a test is not tried again behind the person's back
            Delivery.objects.filter(pk=made.pk, state=State.WAITING).update(state=State.CANCELLED)
    made.refresh_from_db()
    return made


def _port(channel: str) -> sending.Port:
    if channel in CHATS:
        return _say
    return {Channel.MAIL.value: post.hand_over, Channel.SMS.value: handing.hand_over}[channel]


def _say(taken: sending.Taken) -> sending.Result:
    robot = taken.row.robot
    assert isinstance(robot, Robot)
    return saying.say(robot, taken.row.content.get("body", ""))
