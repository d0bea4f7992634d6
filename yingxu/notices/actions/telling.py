"""Telling people, and their taking note."""

from datetime import timedelta

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.events import Event
from yingxu.matters.models import Entry, Matter, Watcher
from yingxu.matters.queries import may_hear
from yingxu.people import queries as people
from yingxu.people.models import User

from .. import queries
from ..models import Notice
from .planning import heard, plan

LATE = timedelta(days=1)


@step
def deliver(event: Event, entry: Entry) -> int:
    """Tell those the verb named and, where the event says so, those who follow the matter; returns how many.

    Told once however often it is delivered. Nobody is told of their own act, nor of what they may not see. History that was
    brought in later (imports) tells nobody.
    """
    if entry.recorded_at - entry.at > LATE:
        return 0
    followed = Notice.Kind.EMERGENCY if event.URGENT else Notice.Kind.WATCHED
    kinds: dict[int, str] = {**dict.fromkeys(_watchers(event, entry), followed), **dict.fromkeys(entry.tell, _kind(event))}
    if entry.actor_kind == "user":
        kinds.pop(entry.actor_id, None)
    if not kinds:
        return 0
    matter = entry.matter or _about(event)
    told = [
        Notice(user=user, entry=entry, matter=matter, kind=kinds[user.pk], at=entry.at)
        for user in User.objects.filter(pk__in=kinds, is_active=True)
        if may_hear(people.actor(user), entry, matter)
    ]
    heard(told, queries.ways_of(n.user_id for n in told))
    Notice.objects.bulk_create(told, ignore_conflicts=True)
    plan(event, list(Notice.objects.filter(entry=entry).select_related("user")))
    return len(told)


def _about(event: Event) -> Matter | None:
    """What a fact that concerns one person only is about, though it is stated on no matter."""
    about = getattr(event, "about", None)
    return Matter.objects.filter(pk=about).first() if about else None


def _watchers(event: Event, entry: Entry) -> list[int]:
    if not event.WATCHERS or entry.matter_id is None:
        return []
    return list(Watcher.objects.filter(matter_id=entry.matter_id).values_list("user_id", flat=True))


def _kind(event: Event) -> str:
    if event.URGENT:
        return Notice.Kind.EMERGENCY
    if event.NOTICE:
        return event.NOTICE
    return Notice.Kind.CLOCK if event.NAME.startswith("deadlines.") else Notice.Kind.TOLD


def mark_read(notice: Notice, *, by: Actor, read: bool = True) -> None:
    """One's own notice was read, or shall count as unread again."""
    Notice.objects.filter(pk=notice.pk, user_id=by.user_id).update(read_at=clock.now() if read else None)


def mark_all_read(*, by: Actor, kind: str = "", until: int | None = None) -> int:
    """All of one's own up to a notice (so that what came in meanwhile stays unread); returns how many."""
    rows = Notice.objects.filter(user_id=by.user_id, read_at=None)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(pk__lte=until) if until else rows
    return rows.update(read_at=clock.now())


def mark_matter_read(matter_id: int, *, by: Actor) -> int:
    """Everything about one matter."""
    return Notice.objects.filter(user_id=by.user_id, matter_id=matter_id, read_at=None).update(read_at=clock.now())
