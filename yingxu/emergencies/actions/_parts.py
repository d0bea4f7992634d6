"""Steps the verbs share."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor, within
from yingxu.base.action import step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import move
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Matter
from yingxu.people import queries as people
from yingxu.people.models import User

from .. import rules
from ..events import EmergencyEvent
from ..models import Affected, Call, Emergency
from ..queries import look_again
from ..states import ENDED, MOVES, State

CADENCE = 30  # minutes, until a pack says otherwise


def going(emergency: Emergency) -> None:
    """Raise WrongMoment when it has ended."""
    if emergency.state in ENDED:
        raise WrongMoment(_("This emergency has ended (%(state)s); its record stays as it is.") % {"state": State(emergency.state).label})


def put(emergency: Emergency, to: State) -> None:
    """Move to a state; an end closes the matter."""
    move(emergency, to, MOVES)
    look_again()
    if to in ENDED:
        emergency.matter.closed_at = clock.now()
        emergency.matter.save(update_fields=["closed_at"])


def state(event: EmergencyEvent, emergency: Emergency, by: Actor, *, tell: Iterable[int | None] = ()) -> Entry:
    return matters.record(event, on=emergency.matter, by=by, tell=tell)


def everybody(emergency: Emergency) -> list[int]:
    """Who was called."""
    return list(emergency.calls.values_list("user_id", flat=True))


@step
def call(emergency: Emergency, users: Iterable[User | None]) -> list[User]:
    """Call people: each must acknowledge, and follows the emergency. Who was called before and has not answered is called once
    more. Nobody is called to what they could not see."""
    now, called = clock.now(), []
    for user in {u.pk: u for u in users if u is not None and u.is_active}.values():
        if not may_be_called(user, emergency):
            continue
        made, new = Call.objects.get_or_create(emergency=emergency, user=user, defaults={"called_at": now})
        if not new and made.acknowledged_at is None:
            Call.objects.filter(pk=made.pk).update(times=F("times") + 1)
        called.append(user)
    matters.watch(emergency.matter, [user.pk for user in called])
    return called


def may_be_called(user: User, emergency: Emergency) -> bool:
    """Whether following it would let this person see it: a role with the rule, and a level and circle that let them."""
    actor = people.actor(user)
    return actor.may(rules.VIEW) and within(actor, emergency.matter)


def leader(user: User | None, *about: Matter) -> User:
    """A person who may lead an emergency that is about these. Raises Invalid with the reason why not."""
    if user is None or not user.is_active:
        raise Invalid.field("leader", _("Nobody leads the response group. Name a leader, or set the head of the response group in Settings → Departments."))
    actor = people.actor(user)
    if not actor.may(rules.LEAD):
        raise Invalid.field("leader", _("%(name)s holds no role that lets them lead an emergency.") % {"name": user.name})
    if not all(within(actor, matter) for matter in about):
        raise Invalid.field("leader", _("%(name)s may not see what this is about: their clearance or a circle of persons keeps them out.") % {"name": user.name})
    return user


def next_due(emergency: Emergency) -> dict:
    """The columns of Affected when its countdown begins again now."""
    return {"due_at": clock.now() + timedelta(minutes=emergency.cadence_minutes), "late_at": None}


def still_affected(emergency: Emergency):
    return Affected.objects.filter(emergency=emergency, left_at=None)
