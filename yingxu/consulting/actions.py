"""Asking to consult a file, putting it before those who sign, letting in for a time, ending it.

The answer to whoever asks is the same whatever there is: nothing is looked for while they wait, and until it is granted nothing they
could read or be told depends on what was found.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import GOING, Request
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, check, opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import at_state, move
from yingxu.base.given import staff, words
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see, visible_matters
from yingxu.people import queries as people

from . import glass, queries, rules
from .events import ConsultAsked, ConsultEnded, ConsultGranted, ConsultOver, ConsultRefused, ConsultWithdrawn
from .models import MOVES, Consultation, State

CHAIN = "archives.consult"
CHAINS = (CHAIN, glass.CHAIN)
LONGEST = timedelta(days=90)  # that a file may be read on one request
LAPSE = timedelta(days=14)  # after which a request nobody granted is answered
WAITING = 20  # requests one person may have open, so that nobody tries out names


@opens(rules.ASK)
def ask(*, by: Actor, named: str, purpose: str, until: date, serves: str = "") -> Consultation:
    """Ask to read a file, named by its number or the customer's whole name, until a day. `serves` is the number of a need the actor may
    see. Says nothing about whether there is such a file; only who may open it already is told so."""
    user = staff(by)
    named, purpose = words(named, "named", longest=120), words(purpose, "purpose", longest=300)
    if not clock.today() <= until <= clock.today() + LONGEST:
        raise Invalid.field("until", _("Choose a day from today on, at most %(days)s days ahead.") % {"days": LONGEST.days})
    need = _need(by, serves)
    if queries.open_already(by, named):
        raise Invalid.field("named", _("You can open this file already."))
    if Consultation.objects.filter(asked_by_id=user, state=State.ASKED).count() >= WAITING:
        raise WrongMoment(_("%(n)s of your requests wait for an answer. Withdraw one, or wait for it.") % {"n": WAITING})
    made = Consultation.objects.create(named=named, purpose=purpose, until=until, serves=need, asked_by_id=user, asked_at=clock.now())
    matters.record(ConsultAsked(consultation=made.pk, named=named, purpose=purpose, until=until), on=None, by=by)
    return made


def _need(by: Actor, number: str) -> Matter | None:
    if not number.strip():
        return None
    found = visible_matters(by).filter(kind="need", number__iexact=number.strip()).first()
    if found is None:
        raise Invalid.field("serves", _("You see no need with this number."))
    return found


def put_forward(pk: int) -> None:
    """Find what was meant and ask for the signatures; what cannot be found waits for those who guard archives. Done by the worker."""
    with transaction.atomic():
        row = _held(pk)
        if row is not None and row.matter_id is None:
            found = queries.meant(row.named)
            if found is not None:
                _sign(row, found)


def _sign(row: Consultation, customer: Customer) -> None:
    """Those of the chain are asked, unless the requester's clearance is too low: no signature lifts it."""
    row.matter = customer.matter
    row.save(update_fields=["matter"])
    if row.asked_by.clearance < customer.matter.secrecy:
        return
    if row.urgent:
        row.emergency_id = queries.emergency_of(customer.pk, row.asked_by_id)
        row.save(update_fields=["emergency"])
        if row.emergency_id:
            _let_in(row, None)
            return
    facts = [[_("Who asks"), row.asked_by.name], [_("Customer"), f"{customer.number} {customer.name}"], [_("What for"), row.purpose]]
    facts += [[_("Serves the need"), row.serves.number]] if row.serves else []
    facts += [[_("Hours"), str(row.hours)]] if row.urgent else [[_("May be read until"), str(row.until)]]
    title = _("Read %(number)s in an emergency") if row.urgent else _("Consult %(number)s")
    approvals.ask(
        customer.matter, by=people.actor(row.asked_by), chain=glass.CHAIN if row.urgent else CHAIN, title=title % {"number": customer.number},
        subject={"consultation": row.pk, "facts": facts}, key=f"consult:{row.pk}",
    )  # fmt: skip


def _held(pk: int, state: State = State.ASKED) -> Consultation | None:
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("asked_by", "serves", "matter", "emergency")
    return rows.filter(pk=pk, state=state).first()


@opens(rules.KEEP)
def point(row: Consultation, *, by: Actor, number: str) -> Consultation:
    """Say which file was meant, where the words did not: the signatures are asked for then. What was found already, but is hidden from
    the actor, looks to them as if nothing had been."""
    held = _held(row.pk)
    if held is None or (held.matter and may_see(by, held.matter)):
        raise WrongMoment(_("This request is answered already, or it is known which file is meant."))
    found = Customer.objects.filter(matter__number__iexact=number.strip(), merged_into=None).select_related("matter").first()
    if found is None or not may_see(by, found.matter):
        raise Invalid.field("number", _("You see no file with this number."))
    _let_go(held, by)
    _sign(held, found)
    return held


@opens(rules.KEEP)
def refuse(row: Consultation, *, by: Actor, why: str) -> Consultation:
    """Not granted. `why` stays with those who guard archives; the requester hears the same as of a file that does not exist."""
    held = _held(row.pk)
    if held is None:
        raise WrongMoment(_("This request is answered already."))
    return _refuse(held, by=by, why=words(why, "why", longest=300))


def _refuse(row: Consultation, *, by: Actor, why: str) -> Consultation:
    move(row, State.REFUSED, MOVES)
    row.answered_at = row.ended_at = clock.now()
    row.ended_by_id, row.why_ended = by.user_id, why
    row.save(update_fields=["state", "answered_at", "ended_at", "ended_by", "why_ended"])
    _let_go(row, by)
    matters.record(ConsultRefused(consultation=row.pk, named=row.named), on=None, by=SYSTEM, tell=[row.asked_by_id])
    return row


def _let_go(row: Consultation, by: Actor) -> None:
    for request in Request.objects.select_for_update().filter(chain__in=CHAINS, key=f"consult:{row.pk}", state__in=GOING):
        approvals.take_back(request, by=by, reason=_("the request is over"))


@opens(rules.ASK)
def withdraw(row: Consultation, *, by: Actor) -> Consultation:
    """It is no longer wanted."""
    check(rules.BREAK_GLASS if row.urgent else rules.ASK, by, row)
    held = _held(row.pk)
    if held is None or held.asked_by_id != by.user_id:
        raise WrongMoment(_("This request is answered already."))
    move(held, State.WITHDRAWN, MOVES)
    held.ended_at, held.ended_by_id = clock.now(), by.user_id
    held.save(update_fields=["state", "ended_at", "ended_by"])
    _let_go(held, by)
    matters.record(ConsultWithdrawn(consultation=held.pk, named=held.named), on=None, by=by)
    return held


def granted(request: Request, subject: Mapping[str, Any]) -> bool:
    """Every signature is there: let the requester in until the end of the day asked for. Whether it still was to be done; what the
    time or a higher level overtook is refused."""
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=request.matter_id)
        row = _held(subject.get("consultation", 0))
        if row is None:
            return False
        end = _end_of(row)
        if end <= clock.now() or row.asked_by.clearance < matter.secrecy or not row.asked_by.is_active:
            _refuse(row, by=SYSTEM, why=_("signed, but the day was over or the level had become too high"))
            return False
        row.matter = matter
        _let_in(row, request)
    return True


def _let_in(row: Consultation, request: Request | None) -> None:
    """From this moment until the end that was asked for, the requester reads the file."""
    end = _end_of(row)
    move(row, State.GRANTED, MOVES)
    row.answered_at, row.ends_at = clock.now(), end
    row.save(update_fields=["state", "answered_at", "ends_at"])
    circles.admit(row.matter, [row.asked_by_id], ends_at=_longest(row, end), why=row.purpose)
    if request is None or row.urgent:
        glass.broken(row, request)
        return
    event = ConsultGranted(consultation=row.pk, request=request.pk, to=row.asked_by.name, purpose=row.purpose, until=row.until)
    matters.record(event, on=row.matter, by=SYSTEM, tell=[row.asked_by_id, row.matter.owner_id])


def _longest(row: Consultation, end: datetime) -> datetime:
    """Several requests for the same file go on side by side; the latest end holds."""
    others = _others(row).values_list("ends_at", flat=True)
    return max([end, *(one for one in others if one is not None)])


def _others(row: Consultation) -> Any:
    return Consultation.objects.filter(matter_id=row.matter_id, asked_by_id=row.asked_by_id, state=State.GRANTED, ends_at__gt=clock.now()).exclude(pk=row.pk)


def _end_of(row: Consultation) -> datetime:
    """The end of the day asked for; of an emergency, so many hours from now."""
    if row.urgent:
        return clock.now() + timedelta(hours=row.hours or 0)
    return timezone.make_aware(datetime.combine(row.until + timedelta(days=1), time.min))


def not_granted(subject: Mapping[str, Any], why: str) -> bool:
    """The signers said no, or nobody finished it in time."""
    with transaction.atomic():
        row = _held(subject.get("consultation", 0))
        if row is not None:
            _refuse(row, by=SYSTEM, why=(why or _("not approved"))[:300])
    return row is not None


@action(rules.KEEP)
def end(row: Consultation, *, by: Actor, why: str) -> Consultation:
    """The reading is over before its time, at once, with every other request of that person for this file."""
    why = words(why, "why", longest=300)
    at_state(row, State.GRANTED)
    for one in [row, *_others(row).select_for_update()]:
        _over(one, by=by, why=why)
    circles.dismiss(row.matter, [row.asked_by_id], members=False)
    return row


def _over(row: Consultation, *, by: Actor, why: str = "") -> None:
    move(row, State.ENDED, MOVES)
    row.ended_at, row.ended_by_id, row.why_ended = clock.now(), by.user_id, why
    row.save(update_fields=["state", "ended_at", "ended_by", "why_ended"])
    matters.record(ConsultEnded(consultation=row.pk, to=row.asked_by.name, why=why), on=row.matter, by=by, tell=[row.matter.owner_id])
    matters.record(ConsultOver(consultation=row.pk, named=row.named), on=None, by=SYSTEM, tell=[row.asked_by_id])


def look_over() -> int:
    """End what is over and answer what waited too long, each once; returns how many. The admission itself ends by its own clock."""
    done = 0
    for pk, state in queries.to_look_at(clock.now() - LAPSE, clock.now() - glass.LAPSE):
        with transaction.atomic():
            row = _held(pk, State(state))
            if row is None:
                continue
            done += 1
            if row.state == State.GRANTED:
                _over(row, by=SYSTEM)
            else:
                _refuse(row, by=SYSTEM, why=_("nobody answered in time"))
    return done
