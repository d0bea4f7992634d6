"""People are called, acknowledge, and hand the lead over."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.given import staff, words
from yingxu.people.models import User

from .. import rules
from ..events import CallAcknowledged, LeadHandedOver, PeopleCalled
from ..models import Call, Emergency
from ..states import State
from . import alarms
from ._parts import call, going, leader, may_be_called, put, state


@action(rules.ACKNOWLEDGE)
def acknowledge(emergency: Emergency, *, by: Actor) -> Emergency:
    """I know of it and act. From whoever may lead it (the leader, or those the ladder reached) it also takes the emergency in
    hand: the climbing ends."""
    going(emergency)
    now = clock.now()
    mine, _new = Call.objects.get_or_create(emergency=emergency, user_id=staff(by), defaults={"called_at": now})
    leads = emergency.state == State.DECLARED and rules.LEAD.allows(by, emergency)
    if mine.acknowledged_at and not leads:
        raise WrongMoment(_("You have acknowledged it already."))
    mine.acknowledged_at = mine.acknowledged_at or now
    mine.save(update_fields=["acknowledged_at"])
    if leads:
        put(emergency, State.RUNNING)
        emergency.acknowledged_at = now
        emergency.save()
    if leads or emergency.matter.owner_id == by.user_id:
        alarms.still(emergency, by)
    minutes = round((mine.acknowledged_at - mine.called_at).total_seconds() / 60, 2)
    state(CallAcknowledged(drill=emergency.drill, minutes=minutes, leads=leads), emergency, by, tell=[emergency.matter.owner_id, emergency.declared_by_id])
    return emergency


@action(rules.LOG)
def call_in(emergency: Emergency, *, by: Actor, people: Iterable[User]) -> list[User]:
    """Call further people, or call again those who do not answer."""
    going(emergency)
    wanted = list(people)
    if not wanted:
        raise Invalid.field("people", _("Name whom to call."))
    for user in wanted:
        if not may_be_called(user, emergency):
            raise Invalid.field("people", _("%(name)s may not see this emergency.") % {"name": user.name})
    called = call(emergency, wanted)
    state(PeopleCalled(drill=emergency.drill, names=[u.name for u in called]), emergency, by, tell=[u.pk for u in called])
    return called


@action(rules.LEAD)
def hand_over(emergency: Emergency, *, by: Actor, to: User, reason: str = "") -> Emergency:
    """Somebody else leads from now on; they are called and must acknowledge."""
    going(emergency)
    reason = words(reason, "reason", required=False, longest=500)
    if to.pk == emergency.matter.owner_id:
        raise Invalid.field("to", _("%(name)s leads it already.") % {"name": to.name})
    fresh = leader(to, emergency.matter)
    old = emergency.matter.owner
    emergency.matter.owner = fresh
    emergency.matter.save(update_fields=["owner"])
    if fresh.pk == by.user_id:
        Call.objects.get_or_create(emergency=emergency, user=fresh, defaults={"called_at": clock.now(), "acknowledged_at": clock.now()})
    else:
        Call.objects.filter(emergency=emergency, user=fresh).update(acknowledged_at=None)
        call(emergency, [fresh])
    state(
        LeadHandedOver(drill=emergency.drill, old=old.name if old else "", new=fresh.name, reason=reason), emergency, by,
        tell=[fresh.pk, old.pk if old else None],
    )  # fmt: skip
    if fresh.pk != by.user_id:
        alarms.raise_alarm(emergency, by)
    return emergency
