"""Working queues, filters, sorting, paging and counts. A queue's count and its list are the same question."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor, Reach
from yingxu.base.errors import Invalid
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter, Note, Snooze
from yingxu.people.models import Department, User
from yingxu.templates import queries as record_templates

from ..models import Need, SavedView
from ..rules import VIEW
from ..states import ENDED, OPEN, TO_TRIAGE, Category, Channel, State
from .counting import GLANCE, capped, counted, tallied
from .finding import matches, newest
from .one import visible_to


def _late(_by: Actor) -> Q:
    return Q(matter__closed_at=None, matter__due_at__lt=clock.now())


def _today(_by: Actor) -> Q:
    end = datetime.combine(clock.today() + timedelta(days=1), time(), tzinfo=clock.zone())
    return Q(matter__closed_at=None, matter__due_at__gte=clock.now(), matter__due_at__lt=end)


def _aside(by: Actor, *, over: bool = False) -> Exists:
    """Put aside by this person, and the moment is still to come (or `over`)."""
    moment = {"until__lte" if over else "until__gt": clock.now()}
    return Exists(Snooze.objects.filter(matter_id=OuterRef("matter_id"), user_id=by.user_id, **moment))


@dataclass(frozen=True)
class Queue:
    """A standing question. `tone` colours its count when somebody must act ("new", "warn", "bad")."""

    code: str
    label: Any
    icon: str
    where: Callable[[Actor], Q]
    tone: str = ""
    sort: str = "due"


QUEUES: dict[str, Queue] = {
    q.code: q
    for q in (
        Queue("mine", gettext_lazy("My needs"), "customer", lambda by: Q(~_aside(by), matter__closed_at=None, matter__owner_id=by.user_id)),
        Queue("aside", gettext_lazy("Remind me later"), "snooze", lambda by: Q(_aside(by), matter__closed_at=None)),
        Queue("department", gettext_lazy("My department"), "users",
              lambda by: Q(matter__closed_at=None, matter__department_id=by.department_id)),
        Queue("triage", State.TRIAGE.label, "flag", lambda by: Q(state__in=TO_TRIAGE), "new"),
        Queue("unassigned", pgettext_lazy("queue", "Unassigned"), "users",
              lambda by: Q(state=State.ASSIGNMENT) | Q(state=State.ACCEPTANCE, matter__owner=None), "new"),
        Queue("today", gettext_lazy("Due today"), "calendar", _today, "warn"),
        Queue("overdue", gettext_lazy("Overdue"), "warning", _late, "bad"),
        Queue("review", State.REVIEW.label, "stamp", lambda by: Q(state=State.REVIEW)),
        Queue("feedback", State.FEEDBACK.label, "chat", lambda by: Q(state=State.FEEDBACK)),
        Queue("confirmation", State.CONFIRMATION.label, "chat", lambda by: Q(state=State.CONFIRMATION)),
        Queue("visit", State.VISIT.label, "phone", lambda by: Q(state=State.VISIT)),
        Queue("watching", gettext_lazy("Watch list"), "eye", lambda by: Q(state=State.WATCHING)),
    )
}  # fmt: skip
ALL = Queue("all", gettext_lazy("All needs"), "list", lambda by: Q(), sort="-opened")

SORTS: dict[str, tuple[str, ...]] = {
    "due": ("matter__due_at", "matter_id"),
    "-due": ("-matter__due_at", "-matter_id"),
    "opened": ("matter__opened_at", "matter_id"),
    "-opened": ("-matter__opened_at", "-matter_id"),
    "-changed": ("-matter__changed_at", "-matter_id"),
    "category": ("category", "matter__due_at", "matter_id"),
    "-rating": ("-rating", "-matter_id"),
    "rating": ("rating", "matter_id"),
}
FILTERS = (
    "queue", "q", "state", "category", "kind", "channel", "department", "owner", "customer", "tag", "round", "open", "from", "to",
    "rating", "held", "sort", "cursor", "view", "show", "size",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What a list asks for, parsed from a query string. Unknown keys and values raise Invalid (S4)."""

    queue: str = "all"
    q: str = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    open: bool | None = None
    sort: str = ""
    cursor: str = ""
    size: int = 50

    @classmethod
    def parse(cls, given: Any, *, default: str = "all") -> "Filters":
        """From a QueryDict or a dict of lists or strings."""
        got = {k: [v for v in (given.getlist(k) if hasattr(given, "getlist") else _list(given[k])) if v != ""] for k in given}
        unknown = set(got) - set(FILTERS)
        if unknown:
            raise Invalid(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0]}, code="filter")
        one = {k: v[-1] for k, v in got.items() if v}
        queue, sort = one.get("queue", default), one.get("sort", "")
        if queue not in QUEUES and queue != "all":
            raise Invalid(_("There is no such list."), code="filter")
        if sort and sort not in SORTS:
            raise Invalid(_("This list cannot be sorted like that."), code="filter")
        values = {k: got[k] for k in ("state", "category", "kind", "channel", "department", "owner", "customer", "tag", "round", "rating", "held") if got.get(k)}
        _known(values)
        try:
            size = int(one.get("size", 50))
            since = date.fromisoformat(one["from"]) if one.get("from") else None
            until = date.fromisoformat(one["to"]) if one.get("to") else None
            if any(day and not 1970 <= day.year <= 2199 for day in (since, until)):
                raise ValueError
        except ValueError:
            raise Invalid(_("Write days as 2026-03-18."), code="filter") from None
        opened = {"1": True, "0": False}.get(one.get("open", ""))
        return cls(queue, one.get("q", "").strip()[:100], values, since, until, opened, sort, one.get("cursor", ""), min(max(size, 1), 200))

    @property
    def the_queue(self) -> Queue:
        return QUEUES.get(self.queue, ALL)


def _list(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _known(values: Mapping[str, list[str]]) -> None:
    choices = {"state": State.values, "category": [*Category.values, "none"], "channel": Channel.values, "held": ["1"]}
    for name, given in values.items():
        if name in choices and set(given) - set(choices[name]):
            raise Invalid(_("“%(value)s” is not a value of this filter.") % {"value": given[0]}, code="filter")
        if name in ("department", "owner", "round", "rating") and not all(v.isdecimal() and len(v) < 10 or v == "none" or (name == "owner" and v == "me") for v in given):
            raise Invalid(_("“%(value)s” is not a value of this filter.") % {"value": given[0]}, code="filter")


def matching(by: Actor, filters: Filters, *, near: bool = False):
    """Visible needs that match, unordered; `near` only looks among the newest."""
    rows = visible_to(by).filter(filters.the_queue.where(by))
    v = filters.values
    for name in ("state", "kind", "channel"):
        if name in v:
            rows = rows.filter(**{name + "__in": v[name]})
    if "category" in v:
        rows = rows.filter(category__in=["" if c == "none" else c for c in v["category"]])
    if "department" in v:
        rows = rows.filter(_or_none("matter__department_id", v["department"]))
    if "owner" in v:
        rows = rows.filter(_or_none("matter__owner_id", [str(by.user_id) if o == "me" else o for o in v["owner"]]))
    if "customer" in v:
        rows = rows.filter(customer__matter__number__in=v["customer"])
    if "tag" in v:
        rows = rows.filter(tags__contains=v["tag"])
    if "round" in v:
        rows = rows.filter(round__gte=max(int(r) for r in v["round"] if r.isdecimal()))
    if "rating" in v:
        rows = rows.filter(rating__in=[int(r) for r in v["rating"] if r.isdecimal()])
    if "held" in v:
        rows = rows.filter(held_at__isnull=False)
    if filters.open is not None:
        rows = rows.filter(matter__closed_at__isnull=filters.open)
    if filters.since:
        rows = rows.filter(matter__opened_at__gte=datetime.combine(filters.since, time(), tzinfo=clock.zone()))
    if filters.until:
        rows = rows.filter(matter__opened_at__lt=datetime.combine(filters.until + timedelta(days=1), time(), tzinfo=clock.zone()))
    return _searched(rows, filters.q, near)


def _or_none(name: str, values: list[str]) -> Q:
    wanted = Q(**{name + "__in": [int(x) for x in values if x.isdecimal()]})
    return wanted | Q(**{name: None}) if "none" in values else wanted


def _searched(rows: Any, text: str, near: bool):
    if not text:
        return rows
    found = matches(text, walk=near)
    if near:
        rows = rows.filter(matter__opened_at__gt=newest())
    number = text.upper().strip()
    by_number = Q(matter__number__startswith=number) if number[:4].isdecimal() else Q(pk__in=[])
    if found is None:
        return rows.filter(by_number)
    rows = rows.annotate(found=ExpressionWrapper(found, output_field=BooleanField()))
    return rows.filter(Q(found=True) | by_number) if number[:4].isdecimal() else rows.filter(found=True)


ROW = (
    "matter_id", "matter__number", "matter__title", "matter__owner_id", "matter__department_id", "matter__secrecy", "matter__due_at",
    "matter__opened_at", "matter__closed_at", "matter__changed_at", "kind", "category", "state", "round", "channel", "caller", "customer_id",
    "customer__name", "held_at", "rating", "tags", "review_on",
)  # fmt: skip


def inbox(by: Actor, filters: Filters) -> Slice:
    """One keyset page of plain rows (dicts with the keys of ROW)."""
    rows = matching(by, filters).select_related(None).values(*ROW)
    sort = filters.sort or ("-opened" if filters.q and filters.queue == "all" else filters.the_queue.sort)
    return keyset(rows, SORTS[sort], filters.cursor, size=filters.size)


def labels() -> tuple[dict[int, str], dict[int, str]]:
    """Names of departments and people, for rows that carry only ids."""
    return dict(Department.objects.values_list("id", "name")), dict(User.objects.values_list("id", "name"))


def queue_questions(by: Actor, codes: Iterable[str] | None = None) -> dict[tuple[str, str], Callable[[], Any]]:
    """What each queue asks, ready to be counted."""

    def asked(queue: Queue) -> Callable[[], Any]:
        return lambda: visible_to(by).filter(queue.where(by))

    return {("queue", code): asked(QUEUES[code]) for code in (codes or QUEUES)}


def counts(by: Actor, codes: Iterable[str] | None = None) -> dict[str, int]:
    """Every queue's count, capped at a little more than GLANCE, in one round trip."""
    if (few := few_counts(by, codes)) is not None:
        return few
    questions = queue_questions(by, codes)
    found = counted(by, questions, dict.fromkeys(questions, GLANCE))
    return {key[1]: n for key, n in found.items()}


def few_counts(by: Actor, codes: Iterable[str] | None = None) -> dict[str, int] | None:
    """Every queue's count for somebody who sees a part of the company: their open needs are gathered once, by the indexes of each way of
    seeing them. None for who sees everything: then each queue is better asked apart, up to its cap."""
    if not _sees_a_part(by):
        return None
    chosen = {code: QUEUES[code].where for code in (codes or QUEUES)}
    return {code: min(n, GLANCE + 1) for code, n in tallied(by, "queues", lambda: open_to(by), chosen).items()}


def _sees_a_part(by: Actor) -> bool:
    return by.kind in ("user", "token") and VIEW.name in by.reaches and by.reaches[VIEW.name] != Reach.ALL


def open_to(by: Actor):
    """The open needs this actor may see, found by an index for each way of seeing them."""
    if not _sees_a_part(by):
        return visible_to(by).filter(matter__closed_at=None)
    ways = [_open_by(way) for way in VIEW.ways(by)]
    return visible_to(by).filter(pk__in=ways[0].union(*ways[1:]))


def _open_by(way: Q) -> Any:
    """Keys of the open needs that meet one condition: by the spine's own indexes when it is about the matter only, else by those over the
    needs of open states. Asked for both, the database reads all open needs of the company."""
    named = dict(child for child in way.children if isinstance(child, tuple))
    if len(named) == len(way.children) and all(name.startswith("matter__") for name in named):
        own = Q(*((name.removeprefix("matter__"), value) for name, value in named.items()))
        return Matter.objects.filter(own, kind="need", closed_at=None).order_by().values("pk")
    return Need.objects.filter(way, matter__closed_at=None, state__in=OPEN).order_by().values("pk")


def woken(by: Actor):
    """Open needs this person put aside whose moment has come, and which they have not opened since."""
    return visible_to(by).filter(_aside(by, over=True), matter__closed_at=None)


def newer(by: Actor, filters: Filters, since: datetime) -> int:
    """How many matching needs were registered since the page was made."""
    return capped(matching(by, filters).filter(matter__opened_at__gt=since))


def recent_words(matter_ids: Iterable[int]) -> dict[int, Note]:
    """The latest words on each matter, for the wide list."""
    ids = list(matter_ids)
    found = Note.objects.filter(matter_id__in=ids).order_by("matter_id", "-id").distinct("matter_id").select_related("entry")
    return {note.matter_id: note for note in found}


def open_counts(customer_ids: Iterable[int], by: Actor) -> dict[int, int]:
    """Open needs per customer, of those the actor may see."""
    rows = visible_to(by).select_related(None).filter(customer_id__in=list(customer_ids)).exclude(state__in=ENDED)
    return dict(rows.order_by().values_list("customer_id").annotate(n=Count("pk")))


def summaries(by: Actor, customer_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What the customer finder shows beside a customer: {"open": needs not ended, "last": when one was last registered}."""
    return {row["customer_id"]: {"open": row["open"], "last": row["last"]} for row in _summaries(by, list(customer_ids))}


@kept
def _summaries(by: Actor, customer_ids: list[int]):
    rows = visible_to(by).select_related(None).filter(customer_id__in=customer_ids).order_by()
    return rows.values("customer_id").annotate(open=Count("pk", filter=~Q(state__in=ENDED)), last=Max("matter__opened_at"))


def saved_views(by: Actor):
    """One's own and the department's."""
    shared = Q(team=True, owner__department_id=by.department_id) if by.department_id else Q(pk__in=[])
    return SavedView.objects.filter(Q(owner_id=by.user_id) | shared).select_related("owner")


def kind_names() -> dict[str, str]:
    return {t.code: t.name for t in record_templates.all_kinds()}
