"""What is written while it goes on: the log, how things stand, the plan, how often customers are told."""

from datetime import timedelta

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.base.given import staff, words
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Note

from .. import rules
from ..events import CadenceSet, LineCorrected, LineWritten, PlanAdopted, StandingChanged
from ..models import Emergency, Plan
from ..states import Line
from ._parts import everybody, going, state, still_affected

LINE = 2_000
MOST_MINUTES = 24 * 60


@action(rules.LOG)
def write(emergency: Emergency, *, by: Actor, text: str, kind: str = Line.FACT, uploads=(), level: int = 0) -> Entry:
    """A line of the log, in the order the server took it; files may come with it, with a `level` above the emergency's."""
    going(emergency)
    text = words(text, "text", longest=LINE)
    if kind not in Line.values:
        raise Invalid.field("kind", _("Choose what kind of line it is."))
    if kind == Line.DECISION and not rules.LEAD.allows(by, emergency):
        raise Invalid.field("kind", _("Decisions are written by whoever leads the emergency; write it as a fact."))
    entry = state(LineWritten(drill=emergency.drill, kind=str(kind)), emergency, by)
    matters.say(emergency.matter, entry, Note.Voice.INTERNAL, text)
    files.attach(emergency.matter, uploads, by=by, entry=entry, level=level)
    return entry


@action(rules.LOG)
def correct(emergency: Emergency, *, by: Actor, line: int, text: str) -> Entry:
    """The line was wrong: its right words stand in its place, the old ones stay readable. Only by who wrote it, or who leads."""
    going(emergency)
    text = words(text, "text", longest=LINE)
    wrong = Entry.objects.filter(matter=emergency.matter, pk=line, event=LineWritten.NAME).first()
    if wrong is None:
        raise Gone()
    if (wrong.actor_kind, wrong.actor_id) != (by.kind, by.id) and not rules.LEAD.allows(by, emergency):
        raise NotAllowed(_("A line is corrected by who wrote it or who leads the emergency."))
    entry = state(LineCorrected(drill=emergency.drill, line=wrong.pk), emergency, by)
    matters.say(emergency.matter, entry, Note.Voice.INTERNAL, text)
    return entry


@action(rules.LOG)
def set_standing(emergency: Emergency, *, by: Actor, standing: str) -> Emergency:
    """The one line that says how things are now; it stands in the head of the page."""
    going(emergency)
    emergency.standing = words(standing, "standing", required=False, longest=120)
    emergency.save(update_fields=["standing"])
    state(StandingChanged(drill=emergency.drill, standing=emergency.standing), emergency, by)
    return emergency


@action(rules.LEAD)
def plan(emergency: Emergency, *, by: Actor, measures: str) -> Plan:
    """What is done against it; each writing is a version, the earlier ones stay."""
    going(emergency)
    measures = words(measures, "measures")
    last = emergency.plans.first()
    made = Plan.objects.create(emergency=emergency, version=last.version + 1 if last else 1, measures=measures, by_id=staff(by), at=clock.now())
    entry = state(PlanAdopted(drill=emergency.drill, version=made.version), emergency, by, tell=everybody(emergency))
    matters.say(emergency.matter, entry, Note.Voice.INTERNAL, measures)
    return made


@action(rules.LEAD)
def set_cadence(emergency: Emergency, *, by: Actor, minutes: int) -> Emergency:
    """How often customers are told from now on. Running countdowns move with it, from when each was last told."""
    going(emergency)
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid.field("minutes", _("From 1 to %(most)s minutes.") % {"most": MOST_MINUTES})
    old, emergency.cadence_minutes = emergency.cadence_minutes, minutes
    emergency.save(update_fields=["cadence_minutes"])
    for one in still_affected(emergency).filter(due_at__isnull=False):
        one.due_at = (one.told_at or one.joined_at) + timedelta(minutes=minutes)
        one.late_at = one.late_at if one.due_at <= clock.now() else None
        one.save(update_fields=["due_at", "late_at"])
    state(CadenceSet(drill=emergency.drill, old=old, new=minutes), emergency, by)
    return emergency
