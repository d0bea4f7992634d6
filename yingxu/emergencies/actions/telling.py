"""Who is affected, and that they hear from us: one message to all, a countdown for each."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, check, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.customers import rules as customers_rules
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.matters.models import Note
from yingxu.needs import rules as needs_rules
from yingxu.needs.models import Need
from yingxu.people import queries as people

from .. import rules
from ..events import AffectedJoined, AffectedLeft, CustomerCalled, CustomersTold, UpdateOverdue
from ..models import Affected, Emergency, Telling, Told
from ..states import ENDED, State, Way
from . import alarms
from ._parts import going, next_due, state, still_affected
from .reach import send, way_to

MESSAGE = 1_000
MOST = 500


@action(rules.JOIN)
def join(emergency: Emergency, *, by: Actor, needs: Iterable[Need] = (), customers: Iterable[Customer] = ()) -> list[Affected]:
    """These are affected, too; from now on they hear from us at the cadence."""
    going(emergency)
    touched, others = list(needs), list(customers)
    if not touched and not others:
        raise Invalid.field("numbers", _("Name the needs or customers."))
    for need in touched:
        check(needs_rules.VIEW, by, need)
    for customer in others:
        check(customers_rules.VIEW, by, customer)
    matters_ = [need.matter for need in touched] + [customer.matter for customer in others]
    above = next((matter.number for matter in matters_ if matter.beyond(emergency.matter)), "")
    if above:  # who is affected is named to everybody called
        raise Invalid.field("numbers", _("%(number)s has a higher secrecy level or a narrower circle than this emergency. Declare one of its own for it.") % {"number": above})
    return add_affected(emergency, touched, others, by)


@step
def add_affected(emergency: Emergency, needs: list[Need], customers: list[Customer], by: Actor) -> list[Affected]:
    """Rows with a countdown each; who is there already stays as they are, who had left comes back. A need in another open
    emergency stays with that one."""
    now, due = clock.now(), next_due(emergency)
    running = {} if emergency.drill else _elsewhere(emergency, needs)
    made = []
    for need in {n.pk: n for n in needs}.values():
        if need.pk in running:
            raise Invalid.field("numbers", _("%(need)s is in emergency %(number)s already.") % {"need": need.number, "number": running[need.pk]})
        name = need.customer.name if need.customer_id else need.caller or need.title
        made.append(_joined(emergency, {"need": need}, {"customer": need.customer, "name": name[:120], "joined_at": now, "joined_by_id": by.user_id, **due}))
    for customer in {c.pk: c for c in customers}.values():
        made.append(_joined(emergency, {"need": None, "customer": customer}, {"name": customer.name, "joined_at": now, "joined_by_id": by.user_id, **due}))
    fresh = [one for one in made if one is not None]
    if still_affected(emergency).count() > MOST:
        raise Invalid.field("numbers", _("At most %(most)s affected in one emergency.") % {"most": MOST})
    if fresh:
        state(AffectedJoined(drill=emergency.drill, names=[one.name for one in fresh][:10], count=len(fresh)), emergency, by)
    return fresh


def _elsewhere(emergency: Emergency, needs: list[Need]) -> dict[int, str]:
    rows = Affected.objects.filter(need__in=[n.pk for n in needs], left_at=None, emergency__drill=False).exclude(emergency=emergency)
    return dict(rows.exclude(emergency__state__in=ENDED).values_list("need_id", "emergency__matter__number"))


def _joined(emergency: Emergency, key: dict, values: dict) -> Affected | None:
    found, new = Affected.objects.get_or_create(emergency=emergency, **key, defaults=values)
    if not new and found.left_at is None:
        return None
    if not new:
        found.left_at, found.left_why, found.due_at, found.joined_by_id = None, "", values["due_at"], values["joined_by_id"]
        found.save()
    return found


@action(rules.JOIN)
def leave(emergency: Emergency, *, by: Actor, affected: int, reason: str) -> Affected:
    """This one is not affected after all, with the reason; nothing counts down for them any more."""
    going(emergency)
    reason = words(reason, "reason", longest=200)
    one = _one(emergency, affected)
    one.left_at, one.left_why, one.due_at, one.late_at = clock.now(), reason, None, None
    one.save()
    state(AffectedLeft(drill=emergency.drill, name=one.name, reason=reason), emergency, by)
    return one


def _one(emergency: Emergency, pk: int) -> Affected:
    found = still_affected(emergency).filter(pk=pk).first()
    if found is None:
        raise Invalid.field("affected", _("They are not, or no longer, among the affected."))
    return found


@action(rules.TELL)
def tell(emergency: Emergency, *, by: Actor, text: str, end: bool = False) -> Telling:
    """One message to all affected: on each need's timeline and by its channel; who is reached only by phone is listed to be called.
    The countdown of everybody told begins again. `end` says that it is over, and is their last; a drill sends nothing."""
    going(emergency)
    if end:
        at_state(emergency, State.SOLVED, State.REVIEWED)
    text = words(text, "text", longest=MESSAGE)
    staff(by)
    rows = list(still_affected(emergency).select_related("need__matter", "customer__matter", "need__contact").order_by("need_id", "id"))
    if not rows:
        raise WrongMoment(_("Nobody is named as affected yet. Add the needs or customers first."))
    number = emergency.tellings.count() + 1
    ways = {one.pk: Way.DRILL if emergency.drill else way_to(one) for one in rows}
    calls = sum(way == Way.CALL for way in ways.values())
    entry = state(CustomersTold(drill=emergency.drill, number=number, count=len(rows), calls=calls, end=end), emergency, by)
    matters.say(emergency.matter, entry, Note.Voice.TOLD, text)
    made = Telling.objects.create(emergency=emergency, entry=entry, number=number, text=text, end=end, by_id=by.user_id, at=clock.now())
    for one in rows:
        told = Told.objects.create(telling=made, affected=one, way=ways[one.pk])
        if told.way == Way.CALL:
            continue
        if told.way != Way.DRILL:
            send(told, by)
        _done(told, by)
    _calm(emergency, by)
    return made


@action(rules.TELL)
def called_by_phone(emergency: Emergency, *, by: Actor, told: int) -> Told:
    """Somebody has rung the customer up and passed the message on."""
    going(emergency)
    row = Told.objects.select_related("telling", "affected__need__matter", "affected__customer__matter").filter(telling__emergency=emergency, pk=told).first()
    if row is None or row.done_at is not None:
        raise WrongMoment(_("This call is not, or no longer, waiting."))
    if not emergency.drill:
        send(row, by)
    _done(row, by)
    for older in Told.objects.filter(affected=row.affected, done_at=None, telling__number__lt=row.telling.number).select_related("affected", "telling"):
        Told.objects.filter(pk=older.pk).update(done_at=row.done_at, done_by=row.done_by, late=True)  # the newer message says more
    _calm(emergency, by)
    state(CustomerCalled(drill=emergency.drill, number=row.telling.number, name=row.affected.name), emergency, by)
    return row


def _done(told: Told, by: Actor) -> None:
    now, one, emergency = clock.now(), told.affected, told.telling.emergency
    told.late = one.due_at is not None and now > one.due_at
    told.done_at, told.done_by_id = now, by.user_id
    told.save()
    one.told, one.told_at, one.late_at = one.told + 1, now, None
    one.due_at = None if told.telling.end else next_due(emergency)["due_at"]
    one.told_end_at = now if told.telling.end else one.told_end_at
    one.save()


def _calm(emergency: Emergency, by: Actor) -> None:
    """Nobody waits for word any more: an alarm about that is over. One that nobody took since it was declared goes on."""
    if emergency.state != State.DECLARED and not still_affected(emergency).filter(late_at__isnull=False).exists():
        alarms.still(emergency, by)


# ── the countdown ──


def look_at_countdowns() -> int:
    """State, once for each, that it was time to tell an affected customer and nobody has; returns how many. One notice an
    emergency, however many they are. Safe with several workers: an emergency somebody holds is left for the next look."""
    now, found = clock.now(), 0
    late = Affected.objects.filter(due_at__lt=now, late_at=None, left_at=None).exclude(emergency__state__in=ENDED)
    for pk in sorted(set(late.values_list("emergency_id", flat=True))):
        with transaction.atomic():
            emergency = Emergency.objects.select_for_update(skip_locked=True, of=("self", "matter")).select_related("matter").filter(pk=pk).first()
            if emergency is not None:
                found += _overdue(emergency)
    return found


def _overdue(emergency: Emergency) -> int:
    rows = list(still_affected(emergency).filter(due_at__lt=clock.now(), late_at=None))
    for one in rows:
        one.late_at, one.missed = one.due_at, one.missed + 1
        one.save(update_fields=["late_at", "missed"])
    if rows:
        service = people.service_department()
        event = UpdateOverdue(drill=emergency.drill, names=[one.name for one in rows][:10], count=len(rows), due_at=min(one.due_at for one in rows))
        state(event, emergency, SYSTEM, tell=[emergency.matter.owner_id, service.head_id if service else None])
        alarms.raise_alarm(emergency, SYSTEM, alarms.overdue_words(len(rows)))
    return len(rows)
