"""What a signer does: approve, refuse, send back, hand on, ask somebody besides."""

from django.db.models import F
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import record
from yingxu.matters.queries import may_see
from yingxu.people.models import User
from yingxu.people.verifying import Proof

from .. import queries, rules, seeking
from ..events import ApprovalDelegated, ApprovalSentBack, ApprovalSigned, ApproverAdded
from ..models import Request, Seat, State, Step, Who
from . import going

WHERE = ("before", "beside", "after")
MOST = 20  # steps of a round, and people of a step, with those added


@action(rules.SIGN)
def approve(request: Request, *, by: Actor, words: str = "", step: int | None = None, proof: Proof | None = None) -> Request:
    """Yes. `step` is the step the signer saw: when another is open by now, nothing is signed. `proof` where the step asks for it."""
    seat = _seat(request, by, step)
    _sign(seat, Seat.State.APPROVED, by, given.words(words, "words", required=False, longest=500), proof)
    instead = seat.user.name if seat.user_id != by.user_id else ""
    event = ApprovalSigned(**going.about(request, seat.step.round), step=seat.step.place, instead=instead, words=seat.words[:200])
    record(event, on=request.matter, by=by, tell=[seat.user_id] if instead else [])
    going.weigh(seat.step, request, by=by)
    return request


@action(rules.SIGN)
def refuse(request: Request, *, by: Actor, reason: str, step: int | None = None, proof: Proof | None = None) -> Request:
    """No, and why. Whether that ends it the step's rule says."""
    seat = _seat(request, by, step)
    reason = given.words(reason, "reason", longest=500)
    _sign(seat, Seat.State.REFUSED, by, reason, proof)
    going.weigh(seat.step, request, by=by, reason=reason, instead=_instead(seat, by))
    return request


@action(rules.SIGN)
def send_back(request: Request, *, by: Actor, reason: str, step: int | None = None) -> Request:
    """Not like this: the requester changes it and asks again, in another round. Ends the round whatever the others think."""
    seat = _seat(request, by, step)
    reason = given.words(reason, "reason", longest=500)
    _sign(seat, Seat.State.SENT_BACK, by, reason, None, asks=False)
    going.settle(request, seat.step.round, State.SENT_BACK, ApprovalSentBack, by=by, reason=reason, instead=_instead(seat, by))
    return request


@action(rules.SIGN)
def delegate(request: Request, *, by: Actor, to: User, reason: str, step: int | None = None) -> Request:
    """This one request is signed by somebody else, and why. They stand in the signer's place; the step's rule stays."""
    seat = _seat(request, by, step)
    reason = given.words(reason, "reason", longest=500)
    _newcomer(to, seat.step, request, field="to")
    queries.look_again()
    seat.state = Seat.State.DELEGATED
    seat.save(update_fields=["state"])
    Seat.objects.create(request=request, step=seat.step, user=to, asked_at=clock.now(), instead_of=seat, added=seat.added, why=reason)
    event = ApprovalDelegated(**going.about(request, seat.step.round), to=to.name, reason=reason)
    record(event, on=request.matter, by=by, tell=[to.pk, request.asked_by_id, seat.user_id])
    return request


@action(rules.SIGN)
def add_approver(request: Request, *, by: Actor, who: User, where: str, reason: str, step: int | None = None) -> Request:
    """Somebody else must agree, too: before this step, beside its signers, or after it."""
    seat = _seat(request, by, step)
    here, reason = seat.step, given.words(reason, "reason", longest=500)
    if where not in WHERE:
        raise Invalid.field("where", _("Choose before, beside or after."))
    _newcomer(who, here, request, field="who")
    if here.round.steps.count() >= MOST or here.seats.count() >= MOST:
        raise Invalid.field("who", _("A request is signed by at most %(most)s; this has them.") % {"most": MOST})
    event = ApproverAdded(**going.about(request, here.round), to=who.name, where=where, reason=reason)
    record(event, on=request.matter, by=by, tell=[who.pk, request.asked_by_id])
    queries.look_again()
    if where == "beside":
        Seat.objects.create(request=request, step=here, user=who, asked_at=clock.now(), added=True, why=reason)
        return request
    _insert(here, who, where, reason, request, by=by)
    return request


def _insert(here: Step, who: User, where: str, reason: str, request: Request, *, by: Actor) -> None:
    """A step for one person at a place of the round; what is behind it moves up. Before: this step waits until that one is signed."""
    place = here.place + (where == "after")
    here.round.steps.filter(place__gte=place).update(place=F("place") + 1)
    made = Step.objects.create(
        round=here.round, place=place, name=_("Added signer"), who=Who.PERSON, code=who.username, reauth=here.reauth, within=here.within,
        round_the_clock=here.round_the_clock, added_by_id=by.user_id, added_why=reason,
    )  # fmt: skip
    if where == "before":
        Step.objects.filter(pk=here.pk).update(state=Step.State.WAITING, opened_at=None, look_at=None, due_at=None, vacant_at=None)
        going.open_step(made, request, by=by)


def _seat(request: Request, by: Actor, step: int | None) -> Seat:
    """The seat this person may sign now: their own, else one of somebody they stand for. Raises WrongMoment when it is decided or not
    yet their turn, NotAllowed when they may sign no longer, Gone when they may not see it."""
    if request.above > by.clearance or (request.matter is not None and not may_see(by, request.matter)):
        raise Gone()
    if by.user_id is None or by.user_id == request.asked_by_id:
        raise NotAllowed(_("Nobody signs their own request."), code=rules.SIGN.name)
    here = going.current(request)
    if here is None:
        raise WrongMoment(_("This is now “%(now)s”. Reload to see what changed.") % {"now": State(request.state).label})
    if step is not None and step != here.pk:
        raise WrongMoment(_("This step has been signed meanwhile. Reload and look at what is asked now."))
    seats = list(here.seats.filter(state=Seat.State.WAITING).select_related("user"))
    absent = {row.user_id for row in seeking.deputies_of([seat.user_id for seat in seats]) if row.deputy_id == by.user_id}
    mine = next((seat for seat in seats if seat.user_id == by.user_id), None) or next((seat for seat in seats if seat.user_id in absent), None)
    if mine is None:
        raise WrongMoment(_("Nothing waits for your signature here: it was signed, handed on or is not your turn. Reload to see."))
    mine.step = here
    _still_may(mine, request, by)
    return mine


def _still_may(seat: Seat, request: Request, by: Actor) -> None:
    step = seat.step
    of_chain = not seat.added and seat.instead_of_id is None
    if of_chain and seat.user_id not in {user.pk for user in seeking.meant(step, request)}:
        raise NotAllowed(_("%(name)s no longer has the role this step asks for.") % {"name": seat.user.name}, code=rules.SIGN.name)
    if seat.user_id != by.user_id and not seeking.may_be_asked(seat.user, request):
        raise NotAllowed(_("%(name)s may no longer sign this.") % {"name": seat.user.name}, code=rules.SIGN.name)
    if {by.user_id, seat.user_id} & seeking.signed(step, request):
        raise NotAllowed(_("This chain wants different people: you have signed an earlier step."), code=rules.SIGN.name)


def _sign(seat: Seat, state: str, by: Actor, words: str, proof: Proof | None, *, asks: bool = True) -> None:
    if asks and seat.step.reauth and (proof is None or not proof.holds(by)):
        raise Invalid.field("password", _("This signature needs your password once more."))
    queries.look_again()
    seat.state, seat.signed_by_id, seat.signed_at, seat.words = state, by.user_id, clock.now(), words
    seat.proof = proof.how if proof else ""
    seat.save(update_fields=["state", "signed_by", "signed_at", "words", "proof"])


def _newcomer(who: User, step: Step, request: Request, *, field: str) -> None:
    """May this person be brought in? The same answer for one who may not see it and one who may not sign: neither says which."""
    taken = step.seats.filter(user=who, state__in=[Seat.State.WAITING, Seat.State.APPROVED, Seat.State.REFUSED]).exists()
    if taken or who.pk in seeking.signed(step, request):
        raise Invalid.field(field, _("%(name)s is asked already, or has signed.") % {"name": who.name})
    if not seeking.may_be_asked(who, request):
        raise Invalid.field(field, _("%(name)s cannot sign this.") % {"name": who.name})


def _instead(seat: Seat, by: Actor) -> str:
    return seat.user.name if seat.user_id != by.user_id else ""
