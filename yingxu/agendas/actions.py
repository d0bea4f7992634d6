"""Preparing a meeting of management, going through it, deciding."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see
from yingxu.meetings import actions as meetings
from yingxu.meetings.models import Meeting, Purpose
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Origin

from . import collecting, queries, rules
from .events import AgendaArranged, AgendaItemAdded, AgendaPrepared, DecisionsExported, DecisionTaken, ItemsRecorded
from .models import Agenda, Decision, Item, Kind

FIRST = timedelta(days=30)  # what the first meeting looks back at
NOBODY = Actor(kind="user", name="")  # a program without a person sees nothing


@opens(rules.PREPARE)
def prepare(
    *, by: Actor, title: str, starts_at: datetime, ends_at: datetime, place: str = "", link: str = "", chair: User | None = None,
    attendees: Iterable[User] = (), departments: Iterable[Department] = (),
) -> Agenda:  # fmt: skip
    """Call the meeting and fill its agenda from the data: first what is still open of the last meeting's decisions."""
    previous = queries.latest()
    meeting = meetings.call(
        by=by, title=title, starts_at=starts_at, ends_at=ends_at, purpose=Purpose.MANAGEMENT, place=place, link=link, chair=chair,
        attendees=attendees, departments=departments, agenda=_outline(collecting.proposals(by, _since(previous))),
    )  # fmt: skip
    agenda = build(meeting.number, caller_id=by.user_id)
    matters.record(AgendaPrepared(items=agenda.items.count()), on=meeting.matter, by=by)
    return agenda


@step
def build(number: str, *, caller_id: int | None) -> Agenda:
    """The agenda of a meeting of management that was just called, from what its caller may see; the same one when it is there."""
    meeting = Meeting.objects.select_related("matter").get(matter__number=number)
    made = Agenda.objects.filter(meeting=meeting).first()
    if made is not None:
        return made
    caller = people.user(caller_id) if caller_id else None
    by, now, previous = people.actor(caller) if caller else NOBODY, clock.now(), queries.latest()
    since = _since(previous)
    made = Agenda.objects.create(meeting=meeting, previous=previous, since=since, built_at=now, figures=collecting.figures(by, since, now))
    _fill(made, collecting.proposals(by, since))
    return made


@action(rules.PREPARE)
def refresh(agenda: Agenda, *, by: Actor) -> Agenda:
    """What has changed since: new things come at the end of their kind, what is settled goes; what was written stays."""
    _still_open(agenda)
    now = clock.now()
    found = collecting.proposals(by, agenda.since)
    wanted = {one.key for one in found}
    agenda.items.exclude(key="").exclude(key__in=wanted).filter(minutes="", decisions=None).delete()
    _fill(agenda, found)
    agenda.built_at, agenda.figures = now, collecting.figures(by, agenda.since, now)
    agenda.save()
    matters.record(AgendaPrepared(items=agenda.items.count()), on=agenda.meeting.matter, by=by)
    return agenda


@action(rules.PREPARE)
def arrange(agenda: Agenda, *, by: Actor, order: Sequence[int], chosen: Iterable[int]) -> Agenda:
    """In which order things are talked about, and which of them. `order` are item ids; those not named keep their place behind."""
    _still_open(agenda)
    wanted, rank = set(chosen), {pk: place for place, pk in enumerate(order)}
    rows = sorted(agenda.items.all(), key=lambda item: (rank.get(item.pk, len(rank)), item.place, item.pk))
    for place, item in enumerate(rows):
        item.place, item.chosen = place, item.pk in wanted
    Item.objects.bulk_update(rows, ["place", "chosen"])
    left_out = sum(not item.chosen for item in rows)
    matters.record(AgendaArranged(chosen=len(rows) - left_out, left_out=left_out), on=agenda.meeting.matter, by=by)
    return agenda


@action(rules.PREPARE)
def add_item(agenda: Agenda, *, by: Actor, title: str, note: str = "", matter: Matter | None = None) -> Item:
    """Something the data does not know."""
    _still_open(agenda)
    title, note = given.words(title, "title", longest=200), given.words(note, "note", required=False, longest=500)
    if matter is not None and not may_see(by, matter):
        raise Invalid.field("matter", _("There is nothing with this number that you can see."))
    last = agenda.items.order_by("-place").values_list("place", flat=True).first() or 0
    made = Item.objects.create(agenda=agenda, kind=Kind.OTHER, title=title, note=note, matter=matter, place=last + 1)
    matters.record(AgendaItemAdded(title="" if _higher(matter, agenda) else title), on=agenda.meeting.matter, by=by)
    return made


@action(rules.PREPARE)
def record(agenda: Agenda, *, by: Actor, minutes: Mapping[int, str], attended: Iterable[int] | None = None) -> Agenda:
    """What was said, item by item; together they are the meeting's minutes. From the first time on the agenda is fixed."""
    rows = list(agenda.items.filter(chosen=True).select_related("matter"))
    for item in rows:
        item.minutes = given.words(minutes.get(item.pk, item.minutes), "minutes", required=False)
    told = [item for item in rows if item.minutes]
    if not told:
        raise Invalid.field("minutes", _("Write on at least one item what was said."))
    Item.objects.bulk_update(rows, ["minutes"])
    meetings.record_minutes(agenda.meeting, by=by, text=_together(agenda, told), attended=attended)
    matters.record(ItemsRecorded(items=len(told)), on=agenda.meeting.matter, by=by)
    agenda.meeting.refresh_from_db()
    return agenda


@action(rules.PREPARE)
def decide(
    agenda: Agenda, *, by: Actor, title: str, due_at: datetime, item: Item | None = None, owner: User | None = None,
    department: Department | None = None, details: str = "",
) -> Decision:  # fmt: skip
    """Decided: a task with its owner and its day, on the need the item is about, else on the meeting."""
    now = clock.now()
    if now < agenda.meeting.starts_at:
        raise WrongMoment(_("The meeting has not begun; decisions are taken in it."))
    if owner is None and department is None:
        raise Invalid.field("owner", _("Name a person or a department."))
    if due_at <= now:
        raise Invalid.field("due_at", _("This moment is already over."))
    on = item.matter if item is not None and item.matter is not None and item.matter.closed_at is None else agenda.meeting.matter
    task = tasks.add(on, by=by, title=title, details=details, owner=owner, department=department, due_at=due_at, origin=Origin.MANAGEMENT)
    made = Decision.objects.create(agenda=agenda, item=item, task=task, by_id=by.user_id, at=now)
    meetings.keep(agenda.meeting, [task])
    to = owner.name if owner else department.name if department else ""
    taken = DecisionTaken(number=agenda.meeting.number, title=task.title, to=to, due_at=due_at)
    matters.record(replace(taken, title="", to="") if _higher(on, agenda) else taken, on=agenda.meeting.matter, by=by)
    if on.pk != agenda.meeting_id:
        matters.record(taken, on=on, by=by, tell=[on.owner_id])
    return made


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Decision]:
    """The page of decisions as it is filtered, and a line in the journal that says it left."""
    found = queries.to_export(by, wish)
    if len(found) > queries.MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{queries.MOST:,}"})
    matters.record(DecisionsExported(count=len(found)), on=None, by=by)
    matters.exported("decisions", by=by, rows=len(found), words=wish.q, of={decision.task.matter_id for decision in found})
    return found


# ── steps ──


def _fill(agenda: Agenda, found: Iterable[collecting.Proposal]) -> None:
    """Put on the agenda what is not there, in the order of kinds; what is there gets its note of today."""
    known = {item.key: item for item in agenda.items.all()}
    fresh = []
    for one in found:
        if one.key in known:
            Item.objects.filter(pk=known[one.key].pk).update(note=one.note[:500])
        else:
            fresh.append(Item(agenda=agenda, kind=one.kind, key=one.key, title=one.title[:200], note=one.note[:500], matter_id=one.matter_id, task_id=one.task_id,
                              place=len(known) + len(fresh)))  # fmt: skip
    Item.objects.bulk_create(fresh)


def _since(previous: Agenda | None) -> datetime:
    return previous.meeting.starts_at if previous else clock.now() - FIRST


def _outline(found: Iterable[collecting.Proposal]) -> str:
    """For the invitation, which goes out by mail: how many of what, and no word about any customer."""
    kinds = [one.kind for one in found]
    return "\n".join(f"{kind.label} ({kinds.count(kind)})" for kind in Kind if kind in kinds)


def _higher(matter: Matter | None, agenda: Agenda) -> bool:
    """Has this a higher secrecy level or a narrower circle than the meeting, so that not everybody who reads of the meeting may read of it?"""
    return matter is not None and matter.beyond(agenda.meeting.matter)


def _together(agenda: Agenda, told: Sequence[Item]) -> str:
    """The minutes of the items as those of the meeting. What has a higher level than the meeting stays with its item."""
    parts, kept = [], 0
    for n, item in enumerate(told, 1):
        if _higher(item.matter, agenda):
            kept += 1
        else:
            parts.append(f"{n}. {item.title}\n{item.minutes}")
    if kept:
        parts.append(ngettext("%(n)s item has a higher secrecy level; its minutes stay with it.", "%(n)s items have a higher secrecy level; their minutes stay with them.", kept) % {"n": kept})
    return "\n\n".join(parts)


def _still_open(agenda: Agenda) -> None:
    if not agenda.open:
        raise WrongMoment(_("The meeting is over or cancelled; its agenda stays as it was."))
