"""What a list shows beside each row: its nearest clock, its latest words, whether it is unread. One query each for a whole page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Left
from django.http import QueryDict

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.kept import kept
from yingxu.base.web import Slice, begun, first_part, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock
from yingxu.matters.models import Note
from yingxu.ui.frame import digest

from ..models import Need, SavedView
from .counting import CAP, GLANCE, capped_counts, counted
from .finding import frequent_phrase
from .lists import ROW, SORTS, Filters, few_counts, matching, queue_questions, woken
from .one import visible_to

LISTED = (*ROW, "matter__department__name", "matter__owner__name", "raised_at")
_ONE_WAY = ("matter__due_at", "matter__opened_at", "-matter__opened_at", "-matter__changed_at")  # one index gives their order, NULLs and all
WOKEN = 10  # needs on top of one's own list, which is enough to begin with
WORDS = 60  # characters of the latest words in a list


def order(filters: Filters) -> tuple[str, ...]:
    """The keys a list is sorted by: as asked, else newest first for a search, else as its queue is."""
    sort = filters.sort or ("-opened" if filters.q and filters.queue == "all" else filters.the_queue.sort)
    return SORTS[sort]


def listed(by: Actor, filters: Filters) -> Slice:
    """One page of the list, as dicts with the keys of LISTED and the `start` of the customer's words."""
    keys = order(filters)
    if filters == Filters(queue="mine"):
        return _with_woken(by, keyset(_plain(matching(by, filters)), keys, size=filters.size))
    if filters.q and not filters.cursor and keys == SORTS["-opened"] and frequent_phrase(filters.q):
        found = keyset(_plain(matching(by, filters, near=True)), keys, size=filters.size)
        if found.next:
            return found
    if filters == Filters(queue=filters.queue, sort=filters.sort, size=filters.size) and keys[0] in _ONE_WAY:
        return begun(_first_page(by, queue=filters.queue, keys=keys, size=filters.size), keys, filters.size)
    return keyset(_plain(matching(by, filters)), keys, filters.cursor, size=filters.size)


@kept
def _first_page(by: Actor, *, queue: str, keys: tuple[str, ...], size: int):
    """The beginning of a queue that nothing narrows, which is what most pages show."""
    return first_part(_plain(matching(by, Filters(queue=queue))), keys, size)


def _with_woken(by: Actor, page: Slice) -> Slice:
    """What the person wished to be reminded of by now stands on top of their own list, until they open it."""
    first = list(_plain(woken(by)).order_by("matter__due_at", "matter_id")[:WOKEN])
    back = {row["matter_id"] for row in first}
    page.rows = [{**row, "woken": True} for row in first] + [row for row in page.rows if row["matter_id"] not in back]
    return page


def _plain(rows: Any) -> Any:
    return rows.select_related(None).values(*LISTED, start=Left("body", WORDS))


TO_EXPORT = (*LISTED, "body", "outcome", "registered_by__name")


def to_export(by: Actor, filters: Filters, numbers: Iterable[str] = ()) -> Any:
    """The list's rows in its order, without pages; only those with the numbers, when any are given."""
    rows, keys = matching(by, filters).select_related(None), order(filters)
    if wanted := list(numbers)[:200]:
        rows = rows.filter(matter__number__in=wanted)
    in_order = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys]
    return rows.order_by(*in_order).values(*TO_EXPORT, start=Left("body", WORDS))


def chosen(by: Actor, numbers: Iterable[str]) -> list[Need]:
    """The needs with these register numbers that the actor may see, in the order given; the others do not exist."""
    wanted = list(dict.fromkeys(numbers))[:200]
    found = {need.matter.number: need for need in visible_to(by).filter(matter__number__in=wanted).select_related("customer")}
    return [found[number] for number in wanted if number in found]


@dataclass(frozen=True)
class Shown:
    """A clock and how it stands now."""

    clock: Clock
    face: deadlines.Face


def clocks_of(matter_ids: Iterable[int], now: datetime | None = None) -> dict[int, Shown]:
    """The nearest open clock of each matter, running or resting."""
    now = now or clock.now()
    found = deadlines.nearest_of(matter_ids)
    return {pk: Shown(one, deadlines.face(one, now)) for pk, one in found.items()}


def latest_words(matter_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The beginning of the latest words on each matter: body, voice, who said them, when."""
    return {row["matter_id"]: row for row in _latest_words(list(matter_ids))}


@kept
def _latest_words(matter_ids: list[int]):
    found = Note.objects.filter(matter_id__in=matter_ids).order_by("matter_id", "-id").distinct("matter_id")
    return found.values("matter_id", "voice", "at", start=Left("body", WORDS), who=F("entry__actor_name"))


@dataclass(frozen=True)
class Glance:
    """What the journal adds to a row: the latest words, and whether something was stated that this person has not seen."""

    unread: bool
    words: dict[str, Any] | None


_STATED = """SELECT one.id, coalesce(last.id, 0) > coalesce(seen.entry, 0), {said}
  FROM unnest(%s::bigint[]) AS one(id)
  LEFT JOIN LATERAL (SELECT id FROM matters_entry WHERE matter_id = one.id ORDER BY id DESC LIMIT 1) AS last ON true
  LEFT JOIN matters_seen AS seen ON seen.matter_id = one.id AND seen.user_id = %s"""
_SAID = """
  LEFT JOIN LATERAL (SELECT n.voice, n.at, left(n.body, %s) AS start, e.actor_name FROM matters_note n JOIN matters_entry e ON e.id = n.entry_id
                      WHERE n.matter_id = one.id ORDER BY n.id DESC LIMIT 1) AS note ON true"""


def glances(matter_ids: Iterable[int], by: Actor, *, words: bool = True) -> dict[int, Glance]:
    """What the journal adds to each of these rows, in one query; without the latest words when no column shows them."""
    sql = _STATED.format(said="note.voice, note.at, note.start, note.actor_name") + _SAID if words else _STATED.format(said="NULL")
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(matter_ids), by.user_id or 0, *([WORDS] if words else [])])
        found = cursor.fetchall()
    keys = ("voice", "at", "start", "who")
    return {pk: Glance(unread, dict(zip(keys, said, strict=True)) if said[0] else None) for pk, unread, *said in found}


@dataclass(frozen=True)
class Tallies:
    """How many, each capped (at GLANCE, the list itself at CAP): by queue code, by saved view's id, by tab, the list itself, and what
    else was asked, by its name."""

    queues: Mapping[str, int]
    views: Mapping[int, int]
    tabs: Mapping[str, int]
    total: int
    more: Mapping[str, int] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Two section navs with the same mark show the same counts."""
        return digest(self.queues, self.views, self.more)


def tallies(
    by: Actor, filters: Filters | None, views: Iterable[SavedView], tabs: Mapping[str, Filters], codes: Iterable[str],
    more: Mapping[tuple, Callable[[], Any]] | None = None,
) -> Tallies:  # fmt: skip
    """Every count a queue page shows, in one round trip. A saved view that no longer makes sense counts nothing. `more` are further
    questions, ("more", name, what else the answer depends on) → rows."""
    few = few_counts(by, codes)
    asked: dict[Any, Callable[[], Any]] = ({} if few is not None else dict(queue_questions(by, codes))) | dict(more or {})
    wishes = {view.pk: found for view in views if (found := view_filters(view)) is not None}
    asked |= {("view", pk, repr(found)): _asks(by, found) for pk, found in wishes.items()}
    asked |= {("tab", name, repr(tab)): _asks(by, tab) for name, tab in tabs.items()}
    searched = filters is not None and bool(filters.q)
    near = searched and frequent_phrase(filters.q)
    if filters is not None:
        asked["total", "", repr(filters)] = _asks(by, filters, near=near)
    numbers = counted(by, asked, {key: CAP if key[0] == "total" and not searched else GLANCE for key in asked})

    def of(kind: str) -> dict[Any, int]:
        return {key[1]: n for key, n in numbers.items() if key[0] == kind}

    total = of("total").get("", 0)
    if near and total <= GLANCE:  # not so many among the newest: look everywhere
        total = capped_counts([matching(by, filters)], [GLANCE])[0]
    return Tallies(of("queue") if few is None else few, of("view"), of("tab"), total, of("more"))


def _asks(by: Actor, filters: Filters, *, near: bool = False) -> Callable[[], Any]:
    return lambda: matching(by, filters, near=near)


def view_filters(view: SavedView) -> Filters | None:
    """The filters a view was saved with, None when this version cannot read them."""
    try:
        return Filters.parse(QueryDict(view.query))
    except Invalid:
        return None
