"""Links, merging, splitting."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check, locked
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.deadlines import actions as clocks
from yingxu.matters import circles
from yingxu.matters.actions import Once
from yingxu.matters.models import Matter

from .. import rules
from ..events import NeedAbsorbed, NeedLinked, NeedMerged, NeedSplit, NeedUnlinked, NeedUnmerged
from ..models import Link, Need
from ..states import ENDED, State
from ._parts import drop_tasks, put, responsible, state
from .intakes import Intake, Registered
from .management import nothing_open


@action(rules.LINK)
def link(need: Need, *, by: Actor, other: Need, type: str = Link.Type.RELATED) -> Need:
    """`need` is the parent (or older one) of `other`."""
    if type not in (Link.Type.PARENT, Link.Type.RELATED):
        raise Invalid.field("type", _("Choose parent or related."))
    if other.pk == need.pk:
        raise Invalid.field("other", _("A need cannot be linked to itself."))
    if Link.objects.filter(a__in=[need, other], b__in=[need, other], type=type).exists():
        raise WrongMoment(_("These two are already linked."))
    check(rules.VIEW, by, other)
    Link.objects.create(a=need, b=other, type=type, by_id=by.user_id, at=clock.now())
    state(NeedLinked(round=need.round, other=other.matter.number, type=type), need, by)
    state(NeedLinked(round=other.round, other=need.matter.number, type=type), other, by)
    return need


@action(rules.LINK)
def unlink(need: Need, *, by: Actor, other: Need) -> Need:
    """Remove a link made by hand."""
    by_hand = Link.objects.filter(a__in=[need, other], b__in=[need, other], type__in=[Link.Type.PARENT, Link.Type.RELATED])
    if not by_hand.delete()[0]:
        raise WrongMoment(_("These two are not linked."))
    state(NeedUnlinked(round=need.round, other=other.matter.number), need, by)
    state(NeedUnlinked(round=other.round, other=need.matter.number), other, by)
    return need


@action(rules.MERGE)
def merge(need: Need, *, by: Actor, into: Need) -> Need:
    """The same need was recorded twice: this one ends, the other goes on; both stay readable, and the customer's code leads on."""
    if into.pk == need.pk:
        raise Invalid.field("into", _("A need cannot be merged into itself."))
    into = locked(into)
    check(rules.MERGE, by, into)
    if into.state in (State.MERGED, State.VOID):
        raise WrongMoment(_("%(number)s has itself been merged or declared void.") % {"number": into.matter.number})
    if need.state in ENDED or need.state in (State.REVIEW, State.FEEDBACK, State.CONFIRMATION, State.VISIT):
        raise WrongMoment(_("It is too late to merge this need; link the two instead."))
    nothing_open(need)
    put(need, State.MERGED)
    need.merged_into = into
    need.save()
    now = clock.now()
    clocks.cancel(need.matter, at=now)
    drop_tasks(need, by, _("Merged into %(number)s.") % {"number": into.matter.number})
    Link.objects.get_or_create(a=into, b=need, type=Link.Type.DUPLICATE, defaults={"by_id": by.user_id, "at": now})
    state(NeedMerged(round=need.round, into=into.matter.number), need, by, tell=[need.registered_by_id, need.matter.owner_id])
    state(NeedAbsorbed(round=into.round, other=need.matter.number), into, by, tell=[into.matter.owner_id])
    return need


@action(rules.MERGE)
def unmerge(need: Need, *, by: Actor) -> Need:
    """They were two after all: this one goes back to triage."""
    if need.state != State.MERGED or need.merged_into is None:
        raise WrongMoment(_("This need was not merged."))
    into = need.merged_into
    put(need, State.TRIAGE)
    need.merged_into = None
    need.save()
    Link.objects.filter(a=into, b=need, type=Link.Type.DUPLICATE).delete()
    clocks.start(need.matter, "triage", category=need.category, round=need.round, at=clock.now(), by=by)
    state(NeedUnmerged(round=need.round, into=into.matter.number), need, by)
    return need


@action(rules.ADD)
def follow_up(need: Need, *, by: Actor, problem: Intake, once: Once | None = None) -> Registered:
    """The customer comes back to a need that has ended. Ended needs stay as they are: this is a new one, linked as what follows."""
    from .register import register

    if need.state not in (State.CLOSED, State.VOID):
        raise WrongMoment(_("This need is still open; say it there."))
    done = register(replace(problem, origin=need), by=by, once=once)
    if not done.repeated:
        made = Need.objects.select_related("matter").get(pk=done.id)
        Link.objects.create(a=need, b=made, type=Link.Type.FOLLOW_UP, by_id=by.user_id, at=clock.now())
        state(NeedLinked(round=need.round, other=done.number, type=Link.Type.FOLLOW_UP), need, by, tell=responsible(need))
        state(NeedLinked(round=made.round, other=need.matter.number, type=Link.Type.FOLLOW_UP), made, by)
    return done


@action(rules.SPLIT)
def split(need: Need, *, by: Actor, parts: Sequence) -> list:
    """Several wishes in one need: each part (an Intake) becomes a child of its own; this one goes on."""
    from .register import register

    if need.state in ENDED:
        raise WrongMoment(_("This need has ended."))
    if not parts:
        raise Invalid.field("parts", _("Write at least one part."))
    done = [register(part, by=by) for part in parts]
    for made in done:
        circles.follow(Matter.objects.select_for_update().get(pk=made.id), need.matter)
        Link.objects.create(a=need, b_id=made.id, type=Link.Type.PARENT, by_id=by.user_id, at=clock.now())
    state(NeedSplit(round=need.round, parts=[made.number for made in done]), need, by, tell=[need.matter.owner_id])
    return done
