"""Who sees a matter, the timeline, drafts, watchers."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import NoReverseMatch, reverse

from yingxu.base.access import Actor
from yingxu.base.events import Event, revive
from yingxu.base.kept import kept

from .access import PARTS, VIEWS
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
    return on is None or (may_see(by, on) and entry.facts.get("above", 0) <= by.clearance and all(heard(by, entry) for heard in PARTS))


def page_of(matter: Matter | None) -> str:
    """The address of the matter's own page, "" when its room has none."""
    view = VIEWS.get(matter.kind) if matter else None
    if matter is None or view is None or not view.page:
        return ""
    try:
        return reverse(view.page, args=[matter.number])
    except NoReverseMatch:
        return ""


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


def sealed_late() -> list[str]:
    """The ledgers ("journal", "looks") whose rows have waited too long for a seal."""
    return [state.name for state in seal_states() if state.late]


def seal_states() -> list[Any]:
    """For each ledger how many rows wait for a seal (`waiting`), and whether for too long (`late`)."""
    from . import seals

    return seals.states()
