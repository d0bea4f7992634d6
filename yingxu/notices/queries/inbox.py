"""One's own notices, of what one may still see."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, ExpressionWrapper, Q
from django.db.models.fields import BooleanField
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.events import revive
from yingxu.base.kept import Text, kept
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Note
from yingxu.matters.queries import page_of, seen_by
from yingxu.ui import places

from ..models import Notice

CAP = 99


@dataclass
class Line:
    """A notice with its words."""

    notice: Notice
    who: str
    sentence: Any
    icon: str
    tone: str
    words: str
    page: str
    answers: list[places.Answer] = field(default_factory=list)  # what can be done about it here


def visible_to(by: Actor):
    """One's own notices; those on a matter one may no longer see are not there."""
    return Notice.objects.filter(user_id=by.user_id).filter(Q(matter=None) | seen_by(by, "matter_id"))


def unread(by: Actor) -> int:
    """How many wait, at most a hundred."""
    return len(_unread(by)) if by.user_id is not None else 0


@kept
def _unread(by: Actor) -> Any:
    return visible_to(by).filter(read_at=None).order_by().values_list("pk")[: CAP + 1]


def bell_mark(by: Actor) -> Text:
    """Another one as soon as a notice came in or was read. One look into an index; whether they may still be seen is asked by what is
    drawn then."""
    return (
        "SELECT count(*) || '.' || coalesce(max(id), 0) FROM "
        "(SELECT id FROM notices_notice WHERE user_id = %s AND read_at IS NULL ORDER BY id DESC LIMIT %s) AS part",
        (by.user_id, CAP + 1),
    )


def unread_by_kind(by: Actor) -> dict[str, int]:
    rows = visible_to(by).filter(read_at=None).values_list("kind").annotate(n=Count("pk"))
    return dict(rows)


def inbox(by: Actor, *, kind: str = "", only_unread: bool = False, cursor: str = "") -> Slice:
    """A page of lines, unread first, newest first."""
    rows = visible_to(by).select_related("entry", "matter")
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(read_at=None) if only_unread else rows
    rows = rows.annotate(read=ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField()))
    found = keyset(rows, ("read", "-id"), cursor)
    said = dict(Note.objects.filter(entry__in=[n.entry_id for n in found.rows]).values_list("entry_id", "body"))
    able = places.answers_to(by, [notice.entry for notice in found.rows])
    found.rows = [line(notice, said.get(notice.entry_id, ""), able.get(notice.entry_id)) for notice in found.rows]
    return found


def latest(by: Actor, many: int = 6) -> list[Line]:
    """The newest unread ones."""
    return [line(notice) for notice in _latest(by, many=many)]


@kept
def _latest(by: Actor, *, many: int) -> Any:
    return visible_to(by).filter(read_at=None).select_related("entry", "matter").defer("matter__search").order_by("-id")[:many]


def find(by: Actor, pk: int) -> Notice | None:
    return visible_to(by).select_related("matter", "entry").filter(pk=pk).first()


def page(notice: Notice) -> str:
    """Where the thing is that the notice is about."""
    return places.lead(notice.entry) or page_of(notice.matter)


def line(notice: Notice, words: str = "", answers: list[places.Answer] | None = None) -> Line:
    """The notice in words, in the language that is spoken here and now."""
    entry = notice.entry
    event = revive(entry.event, entry.facts, entry.personal)
    who = _("System") if entry.actor_kind == "system" else entry.who
    sentence = event.sentence() if event else _("something happened that this version cannot name")
    return Line(notice, who, sentence, event.ICON if event else "flag", event.TONE if event else "", words[:160], page(notice), answers or [])
