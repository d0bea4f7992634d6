"""Who sees a matter, the timeline, drafts, watchers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.events import Event, revive
from yingxu.base.kept import kept

from .access import GRAVES, HANGS, PARTS, VIEWS
from .circles import now_in
from .models import Draft, Entry, Look, Matter, Note, Snooze, Watcher


def seen_by(by: Actor, path: str = "pk", *, without: str = "") -> Q:
    """A filter on rows whose `path` is the key of a matter this actor may see, whatever its kind; `without` leaves one kind out (for
    the rule of that kind itself)."""
    seen = Q(pk__in=[])
    for kind, view in VIEWS.items():
        if kind == without:
            continue
        rows = view.model._base_manager.filter(pk=OuterRef(path), matter__kind=kind)
        seen |= Q(Exists(rows.filter(view.rule.where(by))))
    return seen


def visible_matters(by: Actor):
    """Every matter this actor may see."""
    return Matter.objects.filter(seen_by(by))


def may_see(by: Actor, matter: Matter | None) -> bool:
    """The same answer for one matter."""
    view = VIEWS.get(matter.kind) if matter else None
    if matter is None or view is None:
        return False
    row = view.model._base_manager.select_related("matter").filter(pk=matter.pk).first()
    return row is not None and view.rule.allows(by, row)


def may_hear(by: Actor, entry: Entry, matter: Matter | None = None) -> bool:
    """May this actor be told of what happened: do they see the matter, and the part of it that the entry is about?"""
    on = matter or entry.matter
    return on is None or (may_see(by, on) and within_part(by, entry))


def within_part(by: Actor, entry: Entry) -> bool:
    """May somebody who sees the matter know of the part of it that the entry is about?"""
    return entry.facts.get("above", 0) <= by.clearance and all(heard(by, entry) for heard in PARTS)


def grave(number: str, by: Actor) -> str:
    """The address where it is said that the matter with this number was destroyed; "" when it was not, and for whoever could not have
    seen it: for them there never was one."""
    found = Matter.objects.filter(number=number[:24], erased_at__isnull=False).first()
    return next((to(found) for to in GRAVES), "") if found and may_see(by, found) else ""


def page_of(matter: Matter | None) -> str:
    """The address of the matter's own page, "" when its room has none."""
    view = VIEWS.get(matter.kind) if matter else None
    if matter is None or view is None or not view.page:
        return ""
    try:
        return reverse(view.page, args=[matter.number])
    except NoReverseMatch:
        return ""


def asked_at(matter: Matter) -> str:
    """The page that asks what a look at the matter is for, "" where looks need no purpose of their own."""
    view = VIEWS.get(matter.kind)
    return reverse(view.asks, args=[matter.number]) if view and view.asks else ""


@dataclass
class Line:
    """One line of a timeline: the entry, the event it states (None if unknown), its words."""

    entry: Entry
    event: Event | None
    note: Note | None


def timeline(matter: Matter, *, public: bool = False, since: int = 0) -> list[Line]:
    """Everything that happened, oldest first; `public` leaves only what the customer may see."""
    lines = []
    for entry in _entries(matter.pk, since):
        note = getattr(entry, "note", None)
        event = revive(entry.event, entry.facts, entry.personal)
        if public and not ((event and event.PUBLIC) or (note and note.voice != Note.Voice.INTERNAL)):
            continue
        if public and note and note.voice == Note.Voice.INTERNAL:
            continue
        lines.append(Line(entry, event, note))
    return lines


@kept
def _entries(matter: int, since: int):
    return Entry.objects.filter(matter_id=matter, id__gt=since).select_related("note").order_by("at", "id")


def last_entry(matter: Matter) -> int:
    return Entry.objects.filter(matter=matter).order_by("-id").values_list("id", flat=True).first() or 0


def draft(user_id: int, place: str) -> Draft | None:
    return next(iter(_draft(user_id, place[:80])), None)


@kept
def _draft(user_id: int, place: str):
    return Draft.objects.filter(user_id=user_id, place=place)


def drafts(user_id: int):
    return Draft.objects.filter(user_id=user_id).order_by("-saved_at")


def watchers(matter: Matter) -> list[Watcher]:
    return _watchers(matter.pk)


@kept
def _watchers(matter: int):
    return Watcher.objects.filter(matter_id=matter).select_related("user").order_by("id")


def snoozed(matter: Matter, user_id: int | None) -> Snooze | None:
    """That this person put it aside, and until when."""
    return next(iter(_snoozed(matter.pk, user_id)), None) if user_id else None


@kept
def _snoozed(matter: int, user_id: int):
    return Snooze.objects.filter(matter_id=matter, user_id=user_id)


def is_watching(matter: Matter, user_id: int | None) -> bool:
    return Watcher.objects.filter(matter=matter, user_id=user_id).exists()


# ── the access log ──

LEVELLED = "(secrecy > 0 OR circle_id IS NOT NULL)"  # `levelled`, in SQL on matters_matter


def levelled(matter: Matter) -> bool:
    """Must every look at it be written down? When it has a secrecy level or a closed circle."""
    return matter.guarded


def looks(by: Actor, matter: Matter):
    """Who looked at this matter, the newest first; only for whoever may see it."""
    rows = Look.objects.filter(matter=matter).select_related("serves").order_by("-at", "-id")
    return rows if may_see(by, matter) else rows.none()


@dataclass(frozen=True)
class Said:
    """What looks at a file are for: the need they serve, or where there is none, words; `work` is work of ours that says it by itself."""

    need: Matter | None = None
    reason: str = ""
    work: str = ""


def last_said(by: Actor, matter: Matter) -> Said | None:
    """What this actor last said their looks at this matter are for, since they came in and at most LOOK_SAID_HOURS ago; None when they
    said nothing. Read from the access log, which remembers it anyway; else what they were let in for."""
    now = clock.now()
    begin = now - timedelta(hours=settings.LOOK_SAID_HOURS)
    mine = Look.objects.filter(actor_kind=by.kind, actor_id=by.id, user_id=by.user_id, at__gt=begin, at__lte=now)
    came = mine.filter(what=Look.What.SIGNED_IN).order_by("-at").values("at")[:1]
    rows = mine.filter(Q(serves__isnull=False) | Q(facts__said=True), matter=matter, at__gte=Coalesce(Subquery(came), Value(begin)))
    row = rows.select_related("serves").order_by("-at", "-id").first()
    said = Said(row.serves, row.personal.get("reason", "")) if row else Said()
    return said if said.need or said.reason else _let_in_for(by, matter)


def _let_in_for(by: Actor, matter: Matter) -> Said | None:
    """Whoever was let in for a look said what for when they asked."""
    let_in = now_in(matter.pk, members=False).filter(member=False, user_id=by.user_id).exclude(why="").order_by("-pk").first() if by.user_id else None
    return Said(reason=let_in.why) if let_in else None


def needs_below(by: Actor, matter: Matter, *, most: int = 30) -> list[Matter]:
    """The needs still open that hang from this matter and that the actor may see, the newest first: what a look at it may serve."""
    below = Q(pk__in=[])
    for hung in HANGS:
        below |= hung(matter.pk)
    rows = visible_matters(by).filter(below, kind="need", closed_at=None).select_related("owner").order_by("-opened_at", "-pk")
    return list(rows[:most])


def sealed_late() -> list[str]:
    """The ledgers ("journal", "looks") whose rows have waited too long for a seal."""
    return [state.name for state in seal_states() if state.late]


def seal_states() -> list[Any]:
    """For each ledger how many rows wait for a seal (`waiting`), and whether for too long (`late`)."""
    from . import seals

    return seals.states()
