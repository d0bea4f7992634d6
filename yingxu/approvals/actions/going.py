"""How a request moves: a round begins, a step opens, is decided, the next opens, the round ends. Parts of verbs; the request is locked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step as part
from yingxu.base.flow import move
from yingxu.deadlines import queries as deadlines
from yingxu.matters.actions import record

from .. import deciding, seeking
from ..events import (
    ApprovalAsked,
    ApprovalGranted,
    ApprovalPassedOn,
    ApprovalRefused,
    ApprovalVacant,
    Settled,
    SignerLeft,
)
from ..models import MOVES, OVER, Chain, Request, Round, Seat, State, Step
from ..queries import digest, look_again

AGAIN = timedelta(minutes=10)  # how often a step nobody can sign is looked at
WARN = 0.8  # of the time used


def about(request: Request, round_: Round) -> dict[str, Any]:
    """What every event of a request says."""
    return {"request": request.pk, "chain": request.chain, "name": request.chain_name, "round": round_.number, "title": request.title, "above": request.above}


def current(request: Request) -> Step | None:
    """The step that is being signed, with its round; None when none is."""
    return Step.objects.filter(round__request=request, state=Step.State.OPEN).select_related("round").first()


@part
def begin(request: Request, chain: Chain, subject: Mapping[str, Any], words: str, *, by: Actor) -> Round:
    """The next round with its own copy of the chain's steps; the first of them opens."""
    request.rounds_made += 1
    request.save(update_fields=["rounds_made"])
    made = Round.objects.create(
        request=request, number=request.rounds_made, subject=dict(subject), digest=digest(subject), words=words, began_at=clock.now()
    )
    Step.objects.bulk_create(
        Step(round=made, place=row.place, name=row.name, who=row.who, code=row.code, needed=row.needed, reauth=row.reauth,
             within=row.within, round_the_clock=row.round_the_clock)
        for row in chain.steps.all()
    )  # fmt: skip
    go_on(request, made, by=by)
    return made


def go_on(request: Request, round_: Round, *, by: Actor) -> None:
    """The next step opens; without one everything is signed."""
    following = round_.steps.filter(state=Step.State.WAITING).order_by("place").first()
    if following is None:
        settle(request, round_, State.GRANTED, ApprovalGranted, by=by)
        return
    following.round = round_
    open_step(following, request, by=by)


def open_step(step: Step, request: Request, *, by: Actor) -> None:
    """Ask everybody the step means. Nobody: it stands, and the administrators are told."""
    step.state, step.opened_at = Step.State.OPEN, clock.now()
    step.save(update_fields=["state", "opened_at"])
    if step.seats.filter(state=Seat.State.WAITING).exists():  # put back behind a signer added before it
        _wind(step)
        seated = True
    else:
        seated = seat_people(step, request)
    if seated or not _signed_before(step):
        _say_who(step, request, by=by)
    if not seated:
        vacant(step, request)


def seat_people(step: Step, request: Request) -> bool:
    """Seats for all who can sign now and have not spoken; their time begins. False when there is nobody."""
    spoken = set(step.seats.filter(state__in=deciding.COUNTED).values_list("user_id", flat=True))
    found = [user for user in seeking.able(step, request) if user.pk not in spoken]
    now = clock.now()
    Seat.objects.bulk_create(Seat(request=request, step=step, user=user, asked_at=now) for user in found)
    if found:
        _wind(step)
        look_again()
    return bool(found)


def _wind(step: Step) -> None:
    """The step's clock, on the working calendar; without a limit it is only looked after."""
    step.vacant_at = step.warned_at = step.late_at = step.due_at = step.look_at = None
    if step.within:
        minutes = deadlines.minutes_in(step.within, round_the_clock=step.round_the_clock)
        calendar, now = deadlines.measured_by(round_the_clock=step.round_the_clock), clock.now()
        step.due_at, step.look_at = calendar.add(now, minutes), calendar.add(now, minutes * WARN)
    step.save(update_fields=["vacant_at", "warned_at", "late_at", "due_at", "look_at"])


def _say_who(step: Step, request: Request, *, by: Actor) -> None:
    seats = list(step.seats.filter(state=Seat.State.WAITING).select_related("user"))
    tell, names = seeking.to_tell(seats, request), tuple(seat.user.name for seat in seats)
    given = {**about(request, step.round), "step": step.place, "to": names}
    first = not _signed_before(step)
    record(ApprovalAsked(**given) if first else ApprovalPassedOn(**given), on=request.matter, by=by if first else SYSTEM, tell=tell)


def _signed_before(step: Step) -> bool:
    return Step.objects.filter(round=step.round_id, state=Step.State.PASSED).exists()


def vacant(step: Step, request: Request) -> None:
    """Nobody can sign: said once, looked at again and again, never passed."""
    if step.vacant_at is None:
        step.vacant_at = clock.now()
        event = ApprovalVacant(**about(request, step.round), step=step.place, step_name=step.name)
        record(event, on=request.matter, by=SYSTEM, tell=[*seeking.administrators(request), request.asked_by_id])
    step.look_at = clock.now() + AGAIN
    step.save(update_fields=["vacant_at", "look_at"])


def weigh(step: Step, request: Request, *, by: Actor, reason: str = "", instead: str = "") -> None:
    """After a seat changed: is the step decided?"""
    found = deciding.verdict(step.needed, *deciding.count(step.seats.all()))
    if found == deciding.OPEN:
        return
    close_step(step, Step.State.PASSED if found == deciding.PASSED else Step.State.STOPPED)
    if found == deciding.PASSED:
        go_on(request, step.round, by=by)
    else:
        settle(request, step.round, State.REFUSED, ApprovalRefused, by=by, reason=reason, instead=instead)


def close_step(step: Step, state: str) -> None:
    """Nobody of it is asked any more."""
    step.state, step.closed_at, step.look_at = state, clock.now(), None
    step.save(update_fields=["state", "closed_at", "look_at"])
    step.seats.filter(state=Seat.State.WAITING).update(state=Seat.State.DROPPED)
    look_again()


def settle(request: Request, round_: Round, to: State, event: type[Settled], *, by: Actor, reason: str = "", **more: Any) -> None:
    """The round ends so; the request stands as it says, and those who waited for it are told."""
    now = clock.now()
    asked = {seat.user_id for seat in Seat.objects.filter(step__round=round_, state=Seat.State.WAITING)}
    for step in round_.steps.filter(state=Step.State.OPEN):
        close_step(step, Step.State.STOPPED)
    round_.steps.filter(state=Step.State.WAITING).update(state=Step.State.DROPPED)
    if round_.outcome == State.OPEN:
        round_.outcome, round_.ended_at, round_.ended_by_id, round_.reason = to, now, by.user_id, reason
        round_.save(update_fields=["outcome", "ended_at", "ended_by", "reason"])
    move(request, to, MOVES)
    request.ended_at = now if to in OVER else None
    request.save(update_fields=["state", "ended_at"])
    said = event(**about(request, round_), subject=round_.subject, digest=round_.digest, reason=reason, **more)
    record(said, on=request.matter, by=by, tell=[request.asked_by_id, *asked])


@part
def look_over(step: Step, request: Request) -> None:
    """Who is asked and can sign no longer is let go; when that leaves nobody the step's people are asked anew, or it stands vacant."""
    waiting = list(step.seats.filter(state=Seat.State.WAITING).select_related("user"))
    meant = {user.pk for user in seeking.meant(step, request)}
    barred = seeking.signed(step, request)
    gone = [
        seat for seat in waiting
        if not seeking.may_be_asked(seat.user, request) or seat.user_id in barred or (_of_chain(seat) and seat.user_id not in meant)
    ]  # fmt: skip
    if gone:
        Seat.objects.filter(pk__in=[seat.pk for seat in gone]).update(state=Seat.State.DROPPED)
        event = SignerLeft(**about(request, step.round), who=tuple(seat.user.name for seat in gone))
        record(event, on=request.matter, by=SYSTEM, tell=[request.asked_by_id])
        weigh(step, request, by=SYSTEM)
        step.refresh_from_db(fields=["state"])
    if not step.open or step.seats.filter(state=Seat.State.WAITING).exists():
        return
    if seat_people(step, request):
        _say_who(step, request, by=SYSTEM)
    else:
        vacant(step, request)


def _of_chain(seat: Seat) -> bool:
    return not seat.added and seat.instead_of_id is None
