"""The alarm of an emergency: it reaches the leader at once by every way they have and climbs the ladder until somebody takes it."""

from django.db.models import F
from django.utils.translation import ngettext

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.errors import Invalid
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines import rules as deadlines_rules
from yingxu.deadlines.models import Climb
from yingxu.matters import actions as matters
from yingxu.people.models import User

from ..models import Call, Emergency
from ..queries import look_again
from ..states import State
from ._parts import may_be_called

LADDER = "emergency"


@step
def raise_alarm(emergency: Emergency, by: Actor, about: str = "") -> bool:
    """Begin to climb; one that climbs already goes on. False without a ladder: the call itself has gone out, but nothing climbs."""
    try:
        deadlines.alarm(emergency.matter, ladder=LADDER, about=about or emergency.title, by=by)
    except Invalid:
        return False
    return True


@step
def still(emergency: Emergency, by: Actor) -> None:
    """The climbing ends. Who may take an alarm takes it, so that those it called hear who; a verb of somebody else ends it."""
    climb = Climb.objects.filter(matter=emergency.matter, clock=None, ladder=LADDER).exclude(state=Climb.State.ENDED).first()
    if climb is None:
        return
    if climb.state == Climb.State.CLIMBING and by.user_id and deadlines_rules.ACKNOWLEDGE.allows(by, climb):
        deadlines.acknowledge(climb, by=by)
    deadlines.stop_alarm(emergency.matter, ladder=LADDER, by=by)


@step
def reached(emergency: Emergency, user_ids: list[int]) -> None:
    """The ladder has called these people: they are on the list of who must acknowledge, and follow the emergency."""
    now, seen = clock.now(), []
    for user in User.objects.filter(pk__in=user_ids, is_active=True).order_by("id"):
        if may_be_called(user, emergency):
            seen.append(user.pk)
            made, new = Call.objects.get_or_create(emergency=emergency, user=user, defaults={"called_at": now})
            if not new and made.acknowledged_at is None:
                Call.objects.filter(pk=made.pk).update(times=F("times") + 1)
    matters.watch(emergency.matter, seen)


@step
def taken(emergency: Emergency, user_id: int | None) -> None:
    """Somebody took the alarm, perhaps from the list of escalations: the emergency is under way."""
    now = clock.now()
    Call.objects.filter(emergency=emergency, user_id=user_id, acknowledged_at=None).update(acknowledged_at=now)
    Emergency.objects.filter(pk=emergency.pk, state=State.DECLARED).update(state=State.RUNNING, acknowledged_at=now)
    look_again()


def overdue_words(count: int) -> str:
    """What an alarm about customers who wait is about."""
    return ngettext("%(n)d affected customer waits for word", "%(n)d affected customers wait for word", count) % {"n": count}
