"""Who signs for whom while they are away."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import record
from yingxu.people import queries as people
from yingxu.people.models import User

from .. import queries, rules
from ..events import DeputyEnded, DeputyNamed
from ..models import Deputy

LONGEST = timedelta(days=180)


@opens(rules.DEPUTISE)
def name_deputy(*, by: Actor, deputy: User, begins_at: datetime, ends_at: datetime, reason: str = "", user: User | None = None) -> Deputy:
    """From then to then `deputy` signs for oneself (for `user`: whoever manages the chains says so). Everything they sign shows for whom,
    and they sign only what they may see themselves."""
    given.staff(by)
    person = user or people.user(by.user_id)
    if person.pk != by.user_id and not by.may(rules.MANAGE):
        raise NotAllowed(_("Only whoever sets up approvals names deputies for others."), code=rules.MANAGE.name)
    if deputy.pk == person.pk:
        raise Invalid.field("deputy", _("A deputy is somebody else."))
    if not deputy.is_active or not people.actor(deputy).may(rules.SIGN):
        raise Invalid.field("deputy", _("%(name)s cannot sign anything here.") % {"name": deputy.name})
    if ends_at <= max(begins_at, clock.now()):
        raise Invalid.field("ends_at", _("The end must be later than the beginning, and still to come."))
    if ends_at - begins_at > LONGEST:
        raise Invalid.field("ends_at", _("A deputy is named for at most %(days)s days.") % {"days": LONGEST.days})
    if Deputy.objects.filter(user=person, ended_at=None, begins_at__lt=ends_at, ends_at__gt=begins_at).exists():
        raise Invalid.field("begins_at", _("Another deputy is named for a part of that time; end that first."))
    made = Deputy.objects.create(
        user=person, deputy=deputy, begins_at=begins_at, ends_at=ends_at, reason=given.words(reason, "reason", required=False, longest=200),
        made_by_id=by.user_id, made_at=clock.now(),
    )  # fmt: skip
    queries.look_again()
    event = DeputyNamed(deputy=made.pk, user=person.name, to=deputy.name, begins_at=begins_at, ends_at=ends_at, reason=made.reason)
    record(event, on=None, by=by, tell=[deputy.pk, person.pk])
    return made


@action(rules.DEPUTISE)
def end_deputy(row: Deputy, *, by: Actor) -> Deputy:
    """Back early, or never gone: from now on they sign for nobody."""
    if row.ended_at is not None or row.ends_at <= clock.now():
        raise WrongMoment(_("This is over already."))
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    record(DeputyEnded(deputy=row.pk, user=row.user.name, to=row.deputy.name), on=None, by=by, tell=[row.deputy_id, row.user_id])
    return row
