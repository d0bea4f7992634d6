"""Reading a closed file in an emergency (decision 0032): what happens when the glass is broken, and the review that follows."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.approvals.models import Request, Seat
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.given import staff, words
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks

from . import queries, rules
from .events import GlassAsked, GlassBroken, GlassReviewed
from .models import Consultation, Finding, State

CHAIN = "archives.break_glass"
LONGEST = 8  # hours
LAPSE = timedelta(days=1)  # after which an emergency nobody answered is none
REVIEW = timedelta(days=3)  # in which somebody else says what they found
WAITING = 3  # emergencies one person may have asked about at once


@opens(rules.BREAK_GLASS)
def break_glass(*, by: Actor, named: str, purpose: str, hours: int) -> Consultation:
    """Ask to read a file now, for some hours, because something cannot wait. Says nothing about whether there is such a file; only who may
    open it already is told so. Raises Invalid, and WrongMoment when too many wait."""
    user = staff(by)
    named, purpose = words(named, "named", longest=120), words(purpose, "purpose", longest=300)
    if not 1 <= hours <= LONGEST:
        raise Invalid.field("hours", _("One to %(n)s hours.") % {"n": LONGEST})
    if queries.open_already(by, named):
        raise Invalid.field("named", _("You can open this file already."))
    if Consultation.objects.filter(asked_by_id=user, state=State.ASKED, urgent=True).count() >= WAITING:
        raise WrongMoment(_("%(n)s of your requests wait for an answer. Withdraw one, or wait for it.") % {"n": WAITING})
    now = clock.now()
    until = (now + timedelta(hours=hours)).astimezone(clock.zone()).date()
    made = Consultation.objects.create(named=named, purpose=purpose, until=until, hours=hours, urgent=True, asked_by_id=user, asked_at=now)
    matters.record(GlassAsked(consultation=made.pk, named=named, purpose=purpose, hours=hours), on=None, by=by)
    return made


def broken(row: Consultation, request: Request | None) -> None:
    """The requester was let in: everybody who guards the secret hears of it now, and somebody else gets the review to do."""
    matter = row.matter
    tell = [matter.owner_id, row.asked_by_id, *(user.pk for user in circles.people_in(matter))]
    event = GlassBroken(
        consultation=row.pk, request=request.pk if request else None, to=row.asked_by.name, purpose=row.purpose, ends_at=row.ends_at,
        emergency=row.emergency.number if row.emergency else "",
    )  # fmt: skip
    matters.record(event, on=matter, by=SYSTEM, tell=dict.fromkeys(tell))
    barred = {row.asked_by_id, *signers(row)}
    keeper = next((user for user in people.holders(rules.KEEP, row) if user.pk not in barred), None)
    row.review_task = tasks.add(
        matter, by=SYSTEM, title=_("Review the emergency reading of %(name)s") % {"name": row.asked_by.name}, owner=keeper, due_at=clock.now() + REVIEW,
        details=_("Look at what was read and say whether it was justified: %(page)s") % {"page": reverse("consulting:use", args=[row.pk])},
    )  # fmt: skip
    row.save(update_fields=["review_task"])


def signers(row: Consultation) -> set[int]:
    """Who signed that it may be read."""
    seats = Seat.objects.filter(request__chain=CHAIN, request__key=f"consult:{row.pk}", state=Seat.State.APPROVED).values_list("user_id", "signed_by_id")
    return {pk for pair in seats for pk in pair if pk}


@action(rules.KEEP)
def review(row: Consultation, *, by: Actor, finding: str, words_: str) -> Consultation:
    """Say what was found, once; it ends the task. Neither the reader nor who signed may. A reading that was not justified and still goes on
    is ended by `end`."""
    said = words(words_, "words_", longest=500)
    held = Consultation.objects.select_for_update(of=("self",)).select_related("asked_by", "matter", "review_task__matter").get(pk=row.pk)
    if not held.urgent or held.state not in (State.GRANTED, State.ENDED) or held.reviewed_at is not None:
        raise WrongMoment(_("There is nothing to review here, or it is reviewed already."))
    if by.user_id == held.asked_by_id or by.user_id in signers(held):
        raise NotAllowed(_("Whoever read, or signed for it, does not review it."), code="consulting.review")
    if finding not in Finding.values:
        raise Invalid.field("finding", _("Say whether it was justified."))
    held.finding, held.review, held.reviewed_at, held.reviewed_by_id = finding, said, clock.now(), by.user_id
    held.save(update_fields=["finding", "review", "reviewed_at", "reviewed_by"])
    event = GlassReviewed(consultation=held.pk, to=held.asked_by.name, finding=finding, words=said)
    matters.record(event, on=held.matter, by=by, tell=[held.matter.owner_id])
    tasks.conclude(held.review_task, by=by, result=f"{held.get_finding_display()}：{said}")
    return held


@opens(rules.USES)
def export_uses(*, by: Actor, wish: queries.UsesWish) -> list[Consultation]:
    """The list of readings in emergencies, and a line in the access log that it left the house."""
    found = list(queries.uses_matching(by, wish)[: queries.MOST + 1])
    if len(found) > queries.MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{queries.MOST:,}"})
    matters.exported("consulting.uses", by=by, rows=len(found), of=sorted(queries.seen(by, found)))
    return found
