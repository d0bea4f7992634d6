"""The timeline, drafts, watchers."""

from dataclasses import dataclass

from yingxu.base.events import Event, revive

from .models import Draft, Entry, Matter, Note, Watcher


@dataclass
class Line:
    """One line of a timeline: the entry, the event it states (None if unknown), its words."""

    entry: Entry
    event: Event | None
    note: Note | None


def timeline(matter: Matter, *, public: bool = False, since: int = 0) -> list[Line]:
    """Everything that happened, oldest first; `public` leaves only what the customer may see."""
    entries = list(Entry.objects.filter(matter=matter, id__gt=since).select_related("note").order_by("at", "id"))
    lines = []
    for entry in entries:
        note = getattr(entry, "note", None)
        event = revive(entry.event, entry.facts, entry.personal)
        if public and not ((event and event.PUBLIC) or (note and note.voice != Note.Voice.INTERNAL)):
            continue
        if public and note and note.voice == Note.Voice.INTERNAL:
            continue
        lines.append(Line(entry, event, note))
    return lines


def last_entry(matter: Matter) -> int:
    return Entry.objects.filter(matter=matter).order_by("-id").values_list("id", flat=True).first() or 0


def draft(user_id: int, place: str) -> Draft | None:
    return Draft.objects.filter(user_id=user_id, place=place[:80]).first()


def drafts(user_id: int):
    return Draft.objects.filter(user_id=user_id).order_by("-saved_at")


def watchers(matter: Matter):
    return Watcher.objects.filter(matter=matter).select_related("user").order_by("id")


def is_watching(matter: Matter, user_id: int | None) -> bool:
    return Watcher.objects.filter(matter=matter, user_id=user_id).exists()
