"""Tasks and the emergency meeting: the general rooms do the work, the leader's word sets it going."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid
from yingxu.matters import actions as matters
from yingxu.meetings import actions as meetings
from yingxu.meetings.models import Meeting, Purpose
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Origin, Task

from .. import rules
from ..models import Emergency
from ._parts import going, may_be_called

LONGEST = 8 * 60  # minutes of a meeting


@action(rules.LEAD)
def give_task(
    emergency: Emergency, *, by: Actor, title: str, owner: User | None = None, department: Department | None = None, due_at: datetime | None = None,
) -> Task:  # fmt: skip
    """Something is to be done about it, by somebody, by a time. Whoever gets it follows the emergency and may write in its log."""
    going(emergency)
    if owner is None and department is None:
        raise Invalid.field("owner", _("Name a person or a department."))
    if due_at is not None and due_at <= clock.now():
        raise Invalid.field("due_at", _("This moment is already over."))
    made = tasks.add(emergency.matter, by=by, title=title, owner=owner, department=department, due_at=due_at, origin=Origin.EMERGENCY)
    if owner is not None and may_be_called(owner, emergency):
        matters.watch(emergency.matter, [owner.pk])
    return made


@action(rules.LEAD)
def call_meeting(
    emergency: Emergency, *, by: Actor, title: str, starts_at: datetime, minutes: int = 30, place: str = "", link: str = "",
    people: Iterable[User] = (),
) -> Meeting:  # fmt: skip
    """The emergency meeting: invitations go out, minutes and decisions are kept with it, decisions become tasks on the emergency."""
    going(emergency)
    if not 5 <= minutes <= LONGEST:
        raise Invalid.field("minutes", _("From 5 to %(most)s minutes.") % {"most": LONGEST})
    if not place.strip() and not link.strip():
        raise Invalid.field("place", _("Say where, or give a link."))
    return meetings.call(
        emergency.matter, by=by, title=title, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), purpose=Purpose.EMERGENCY,
        place=place, link=link, attendees=list(people),
    )  # fmt: skip
