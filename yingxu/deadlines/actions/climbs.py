"""Up the ladder: a late clock or an alarm tells one rung after another until somebody takes it or it ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from yingxu.base import clock as time
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import record
from yingxu.matters.models import Entry, Matter
from yingxu.people.models import User

from .. import climbing, rules
from ..events import AlarmStopped, AlarmTaken, AlarmTold, ClockEscalated, EscalationTaken
from ..models import SERVICE_STEPS, Climb, Clock, Outcome, Rung, Told, Who

State, Ending = Climb.State, Climb.Ending
FOUND_LATE = timedelta(days=2)  # a breach found later than this begins its ladder when it is found: history tells nobody at once
LONGEST_PROMISE = timedelta(days=30)


# ── steps of other rooms' verbs ──


@part
def alarm(matter: Matter, *, ladder: str = climbing.EMERGENCY, about: str = "", by: Actor) -> Climb:
    """Call people until somebody takes it: the first rung at once, each next one in its own time, round the clock where the
    ladder says so. One alarm of a ladder runs on a matter at a time; a second call finds the first. Raises Invalid when there is
    no such ladder."""
    running = _alarms(matter, ladder).first()
    if running is not None:
        return running
    version = climbing.version_now()
    if not climbing.ladders_of(version).get(ladder):
        raise Invalid(_("There is no ladder “%(name)s”: set it under Settings › Escalation.") % {"name": ladder})
    now = time.now()
    climb = Climb(matter=matter, ladder=ladder, version_id=version, about=about.strip()[:200], begun_at=now, base_at=now)
    climb.next_at = climbing.look_at(climb)
    climb.save()
    tell_due(climb, now)
    return climb


@part
def stop_alarm(matter: Matter, *, ladder: str = climbing.EMERGENCY, by: Actor) -> Climb | None:
    """The matter of an alarm is over; None when none was running. Those who were called and never answered hear of it."""
    climb = _alarms(matter, ladder).first()
    if climb is None:
        return None
    waiting = climb.state == State.CLIMBING
    _end(climb, Ending.STOPPED, time.now())
    if waiting:
        record(AlarmStopped(about=climb.about), on=matter, by=by, tell=_everybody(climb))
    return climb


@part
def handed_over(matter: Matter, *, at: datetime) -> int:
    """Another owner or department has the matter now: what is late begins its ladder anew, from this moment, with them. Steps that
    customer service answers for go on. Returns how many began anew."""
    found = Climb.objects.filter(matter=matter).exclude(state=State.ENDED).exclude(clock=None)
    again = [climb for climb in found.select_related("clock").exclude(clock__step__in=SERVICE_STEPS) if climb.clock.open]
    for climb in again:
        _end(climb, Ending.HANDED, at)
        begin(climb.clock, matter, at=at, base_at=at)
    return len(again)


# ── taking it ──


@action(rules.ACKNOWLEDGE)
def acknowledge(climb: Climb, *, by: Actor, words: str = "", promised_at: datetime | None = None) -> Climb:
    """I take it: nobody further is told. With a promised time it goes on to climb when that passes."""
    if by.user_id is None:
        raise NotAllowed(_("Only a member of staff can take this."))
    if climb.state == State.ENDED:
        raise WrongMoment(_("This is over already: %(how)s.") % {"how": climb.get_ending_display()})
    if climb.state == State.TAKEN and climb.taken_by_id != by.user_id:
        raise WrongMoment(_("%(name)s has taken this already.") % {"name": climb.taken_by.name})
    now = time.now()
    if promised_at is not None and not now < promised_at <= now + LONGEST_PROMISE:
        raise Invalid.field("promised_at", _("Promise a time in the future, within 30 days."))
    climb.state, climb.taken_by_id, climb.taken_at = State.TAKEN, by.user_id, now
    climb.words, climb.promised_at = words.strip()[:500], promised_at
    climb.next_at = climbing.look_at(climb)
    climb.save()
    tell = [*_everybody(climb), climb.matter.owner_id]
    if climb.clock is None:
        record(AlarmTaken(about=climb.about, rung=climb.told, promised_at=promised_at, words=climb.words), on=climb.matter, by=by, tell=tell)
    else:
        event = EscalationTaken(
            step=climb.clock.step, round=climb.clock.round, rung=climb.told, promised_at=promised_at, words=climb.words
        )
        record(event, on=climb.matter, by=by, tell=tell)
    return climb


# ── parts of this room's verbs and jobs; the matter is locked ──


def begin(clock: Clock, matter: Matter, *, at: datetime, breach: Entry | None = None, base_at: datetime | None = None) -> Climb | None:
    """A clock is late and still open: its ladder begins. The owner's own rung at nothing after the breach is the breach itself.
    None without a ladder."""
    version = climbing.version_now()
    name = climbing.name_for(climbing.ladders_of(version), clock.category, clock.step)
    if not name:
        return None
    base_at = base_at or (clock.due_at if clock.due_at and at - clock.due_at < FOUND_LATE else at)
    climb = Climb(matter=matter, clock=clock, ladder=name, version_id=version, begun_at=at, base_at=base_at)
    climb.save()
    first = climbing.rungs(climb)[0]
    if breach is not None and first.who == Who.OWNER and not first.amount:
        _keep(climb, first, climbing.people(first, climb), due=base_at, at=at, entry=breach)
    climb.next_at = climbing.look_at(climb)
    climb.save()
    return climb


def follow(clocks: Iterable[Clock], at: datetime) -> None:
    """Clocks that were late have changed: their ladders end, rest or go on with them."""
    found = {clock.pk: clock for clock in clocks}
    if not found:
        return
    for climb in Climb.objects.filter(clock__in=found).exclude(state=State.ENDED):
        clock = climb.clock = found[climb.clock_id]
        if not clock.open:
            _end(climb, Ending.CANCELLED if clock.outcome == Outcome.CANCELLED else Ending.DONE, at)
        elif clock.breached_at is None:
            _end(climb, Ending.MOVED, at)
        else:
            climb.next_at = climbing.look_at(climb)
            climb.save(update_fields=["next_at"])


def tell_due(climb: Climb, now: datetime) -> int:
    """Tell every rung that is due by now, in order, each once; returns how many. A rung that finds nobody gives way to the next
    at once. A promise that has passed tells the next rung, or the top once more."""
    found, told, promise = climbing.rungs(climb), 0, None
    if climb.state == State.TAKEN:
        if climb.promised_at is None or climb.promised_at > now:
            return 0
        promise = climb.promised_at
        climb.told = min(climb.told, len(found) - 1)
        climb.state, climb.broken_promises = State.CLIMBING, climb.broken_promises + 1
        climb.base_at, climb.base_minutes = promise, climbing.after(climb, found[climb.told])
        climb.next_at = climbing.look_at(climb)
    while climb.next_at is not None and climb.next_at <= now:
        rung, due = found[climb.told], climb.next_at
        who = climbing.people(rung, climb)
        entry = _state(climb, rung, who, now, promise)
        _keep(climb, rung, who, due=due, at=now, entry=entry)
        promise, told = None, told + 1
        if not who and climb.told < len(found):
            climb.base_at, climb.base_minutes = due, climbing.after(climb, found[climb.told])
        climb.next_at = climbing.look_at(climb)
    climb.save()
    return told


def _state(climb: Climb, rung: Rung, who: list[int], now: datetime, promise: datetime | None) -> Entry:
    names = tuple(User.objects.filter(pk__in=who).order_by("pk").values_list("name", flat=True))
    shared: dict[str, Any] = {
        "rung": climb.told + 1, "rungs": len(climbing.rungs(climb)), "who": rung.who, "code": rung.code, "names": names,
        "late": round(climbing.late(climb, now), 1), "day": climbing.day_of(climb), "promised_at": promise,
        "promised_by": climb.taken_by.name if promise and climb.taken_by else "", "climb": climb.pk,
    }  # fmt: skip
    if climb.clock is None:
        return record(AlarmTold(about=climb.about, **shared), on=climb.matter, by=SYSTEM, tell=who)
    event = ClockEscalated(step=climb.clock.step, round=climb.clock.round, due_at=climb.clock.due_at, **shared)
    return record(event, on=climb.matter, by=SYSTEM, tell=who)


def _keep(climb: Climb, rung: Rung, who: list[int], *, due: datetime, at: datetime, entry: Entry) -> None:
    number = Told.objects.filter(climb=climb).count() + 1
    Told.objects.create(
        climb=climb, number=number, rung=rung.place, who=rung.who, code=rung.code, users=who, due_at=due, at=at, entry=entry
    )
    climb.told += 1
    if climb.topped_at is None and climb.told >= len(climbing.rungs(climb)):
        climb.topped_at = at
    if entry.event == ClockEscalated.NAME:
        Clock.objects.filter(pk=climb.clock_id).update(escalated=F("escalated") + 1)


def _end(climb: Climb, ending: str, at: datetime) -> None:
    climb.state, climb.ending, climb.ended_at, climb.next_at = State.ENDED, ending, at, None
    climb.save()


def _alarms(matter: Matter, ladder: str):
    return Climb.objects.filter(matter=matter, clock=None, ladder=ladder).exclude(state=State.ENDED)


def _everybody(climb: Climb) -> list[int]:
    """Everyone told so far."""
    return sorted({user for told in climb.tellings.all() for user in told.users})
