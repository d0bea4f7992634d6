"""What is put to management: on one need, and the inbox of those who answer (N13). Everything starts from what the actor may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Prefetch, Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor, Reach
from yingxu.base.errors import Gone, Invalid
from yingxu.base.kept import kept
from yingxu.base.web import Slice, first_part, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock
from yingxu.people import queries as people
from yingxu.people.models import User

from .. import rules
from ..models import Delegation, Need, Raise
from ..states import Category
from .counting import GLANCE, capped_counts
from .one import visible_to
from .rows import Shown

START = 160  # characters of the question in a list
MOST = 10_000
SORTS: dict[str, tuple[str, ...]] = {
    "due": ("clock__due_at", "id"), "-due": ("-clock__due_at", "-id"), "-at": ("-at", "-id"), "at": ("at", "id"), "-ended": ("-ended_at", "-id"),
}  # fmt: skip
ROW = (
    "id", "need_id", "need__matter__number", "need__matter__title", "need__matter__secrecy", "need__category", "need__state",
    "need__matter__department__name", "waits", "by_id", "by__name", "at", "to__name", "holder_id", "holder__name", "clock_id", "clock__due_at", "state",
    "ended_by__name", "ended_at",
)  # fmt: skip


def deciders(need: Need) -> list[User]:
    """Who is management for this need: those whose right to decide goes beyond what was put to them by name."""
    return people.holders(rules.DECIDE, need, beyond_own=True)


def is_management(by: Actor) -> bool:
    """Does this person decide what is raised, and not only what was put to them by name?"""
    return by.reaches.get(rules.DECIDE.name, Reach.OWN) > Reach.OWN


def open_raise(need: Need) -> Raise | None:
    """The question that waits for management, if there is one."""
    return need.raises.filter(ended_at=None).select_related("by", "holder", "to", "clock").prefetch_related("delegations").first()


def raises_of(need: Need) -> list[Raise]:
    """Every question this need put to management, the newest first, each with the chain it went through. Two queries."""
    return _raises_of(need.pk)


@kept
def _raises_of(need: int):
    chain = Prefetch("delegations", Delegation.objects.select_related("by", "to"))
    rows = Raise.objects.filter(need_id=need).select_related("by", "to", "holder", "ended_by", "clock")
    return rows.prefetch_related(chain).order_by("-id")


def raised(pk: int, by: Actor) -> Raise:
    """One question, with its need. Raises Gone for an absent one and for one on an unseen need alike."""
    chain = Prefetch("delegations", Delegation.objects.select_related("by", "to"))
    rows = visible_raises(by).select_related("by", "to", "holder", "ended_by", "clock", "need__matter").prefetch_related(chain)
    found = rows.defer("need__matter__search").filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def visible_raises(by: Actor) -> Any:
    """Questions on needs this actor may see."""
    return Raise.objects.filter(need_id__in=visible_to(by).select_related(None).values("pk"))


# ── the inbox ──


def _for_me(by: Actor) -> Q:
    mine = Q(holder_id=by.user_id)
    if is_management(by):
        mine |= Q(holder=None, need_id__in=Need.objects.filter(rules.DECIDE.where(by)).values("pk"))
    return Q(ended_at=None) & mine & ~Q(by_id=by.user_id)


TABS: dict[str, tuple[Any, Any, str]] = {  # code → name, which, how it is sorted at first
    "waiting": (pgettext_lazy("raises", "Waiting for me"), _for_me, "due"),
    "delegated": (pgettext_lazy("raises", "Delegated"), lambda by: Q(state=Raise.State.DELEGATED) & ~Q(holder_id=by.user_id), "due"),
    "mine": (pgettext_lazy("raises", "Raised by me"), lambda by: Q(by_id=by.user_id), "-at"),
    "open": (pgettext_lazy("raises", "All open"), lambda by: Q(ended_at=None), "due"),
    "decided": (pgettext_lazy("raises", "Decided"), lambda by: Q(ended_at__isnull=False), "-ended"),
}
KNOWN = ("tab", "q", "state", "category", "department", "from", "to", "late", "sort", "cursor", "size")


@dataclass(frozen=True)
class RaiseFilters:
    """What the inbox asks for; unknown keys and values raise Invalid (S4)."""

    tab: str = "waiting"
    q: str = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    late: bool = False
    sort: str = ""
    cursor: str = ""
    size: int = 50

    @classmethod
    def parse(cls, given: Any, *, default: str = "waiting") -> "RaiseFilters":
        """From a QueryDict or a dict of strings."""
        got = {k: [v for v in (given.getlist(k) if hasattr(given, "getlist") else [str(given[k])]) if v != ""] for k in given}
        if unknown := set(got) - set(KNOWN):
            raise Invalid(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0]}, code="filter")
        one = {k: v[-1] for k, v in got.items() if v}
        values = {k: got[k] for k in ("state", "category", "department") if got.get(k)}
        _known(values, one, default)
        try:
            since, until = (date.fromisoformat(one[k]) if one.get(k) else None for k in ("from", "to"))
            size = int(one.get("size", 50))
            if any(day and not 1970 <= day.year <= 2199 for day in (since, until)):
                raise ValueError
        except ValueError:
            raise Invalid(_("Write days as 2026-03-18."), code="filter") from None
        return cls(one.get("tab", default), one.get("q", "").strip()[:100], values, since, until, one.get("late") == "1",
                   one.get("sort", ""), one.get("cursor", ""), min(max(size, 1), 200))  # fmt: skip

    @property
    def order(self) -> str:
        return self.sort or TABS[self.tab][2]


def _known(values: Mapping[str, list[str]], one: Mapping[str, str], default: str) -> None:
    choices = {"state": Raise.State.values, "category": [*Category.values, "none"]}
    for name, given in values.items():
        wrong = [v for v in given if v not in choices[name]] if name in choices else [v for v in given if not v.isdecimal() or len(v) > 9]
        if wrong:
            raise Invalid(_("“%(value)s” is not a value of this filter.") % {"value": wrong[0]}, code="filter")
    if one.get("tab", default) not in TABS:
        raise Invalid(_("There is no such list."), code="filter")
    if one.get("sort") and one["sort"] not in SORTS:
        raise Invalid(_("This list cannot be sorted like that."), code="filter")


def matching_raises(by: Actor, filters: RaiseFilters) -> Any:
    """Visible questions that match, unordered."""
    rows = visible_raises(by).filter(TABS[filters.tab][1](by))
    v = filters.values
    if "state" in v:
        rows = rows.filter(state__in=v["state"])
    if "category" in v:
        rows = rows.filter(need__category__in=["" if c == "none" else c for c in v["category"]])
    if "department" in v:
        rows = rows.filter(need__matter__department_id__in=[int(d) for d in v["department"]])
    if filters.since:
        rows = rows.filter(at__gte=datetime.combine(filters.since, time(), tzinfo=clock.zone()))
    if filters.until:
        rows = rows.filter(at__lt=datetime.combine(filters.until + timedelta(days=1), time(), tzinfo=clock.zone()))
    if filters.late:
        rows = rows.filter(Q(clock__breached_at__isnull=False) | Q(ended_at=None, clock__due_at__lt=clock.now()))
    if filters.q:
        words = filters.q
        rows = rows.filter(
            Q(question__icontains=words) | Q(words__icontains=words) | Q(need__matter__title__icontains=words) | Q(need__matter__number__startswith=words)
            | Q(by__name__icontains=words)
        )  # fmt: skip
    return rows


def raise_list(by: Actor, filters: RaiseFilters) -> Slice:
    """One keyset page of plain rows (dicts with the keys of ROW, the start of the question and of the words that ended it)."""
    return keyset(_rows(matching_raises(by, filters)), SORTS[filters.order], filters.cursor, size=filters.size)


def _rows(found: Any) -> Any:
    return found.values(*ROW, start=Left("question", START), end=Left("words", START))


def to_export(by: Actor, filters: RaiseFilters, numbers: Iterable[str] = ()) -> list[dict]:
    """The list's rows in its order, without pages."""
    rows = matching_raises(by, filters)
    if wanted := list(numbers)[:200]:
        rows = rows.filter(need__matter__number__in=wanted)
    keys = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in SORTS[filters.order]]
    return list(rows.order_by(*keys).values(*ROW, "question", "why", "recommendation", "words", "clock__outcome")[: MOST + 1])


def raise_counts(by: Actor, filters: RaiseFilters) -> dict[str, int]:
    """How many are behind each tab, and behind the list as it is filtered ("total"), in one round trip."""
    asked = [matching_raises(by, RaiseFilters(tab=tab)) for tab in TABS]
    found = capped_counts([*asked, matching_raises(by, filters)], [GLANCE] * len(asked) + [1_000])
    return dict(zip([*TABS, "total"], found, strict=True))


def waiting_for(by: Actor) -> int:
    """How many questions wait for this person, capped."""
    return len(_waiting_for(by))


@kept
def _waiting_for(by: Actor):
    return matching_raises(by, RaiseFilters()).order_by().values_list("pk")[: GLANCE + 1]


def standing_question(by: Actor) -> dict[tuple, Any]:
    """`waiting_for` as a question among others that are counted together."""
    return {("more", "management", by.reaches.get(rules.DECIDE.name)): lambda: matching_raises(by, RaiseFilters())}


def burning(by: Actor) -> bool:
    """Does a question wait for this member of management?"""
    return is_management(by) and waiting_for(by) > 0


def waiting_rows(by: Actor, many: int = 5) -> list[dict[str, Any]]:
    """The most urgent questions that wait for this person."""
    return _waiting_rows(by, many=many)


@kept
def _waiting_rows(by: Actor, *, many: int):
    return first_part(_rows(matching_raises(by, RaiseFilters())), SORTS["due"], many - 1)


def clocks_in(rows: Iterable[Mapping[str, Any]]) -> dict[int, Shown]:
    """The clock of each row, by the row's id, and how it stands now."""
    rows, now = list(rows), clock.now()
    found = {one.pk: one for one in _clocks([row["clock_id"] for row in rows if row["clock_id"]])}
    return {row["id"]: Shown(found[row["clock_id"]], deadlines.face(found[row["clock_id"]], now)) for row in rows if row["clock_id"] in found}


@kept
def _clocks(keys: list[int]):
    return Clock.objects.filter(pk__in=keys)
