"""The inbox of management: what waits for me, what I handed on, what was decided; one question with its answer in place (N13)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from yingxu.base import clock, sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import asked_by_htmx, door, go, methods, page
from yingxu.matters import actions as matters
from yingxu.ui import show

from .. import actions, queries, rules
from ..categories import names as category_names
from ..forms import RaiseFilter, RaiseNumber, RaisePeriod
from ..models import Raise
from ..queries import management
from . import looks

PASSING = ("cursor", "show", "size")
SORT_NAMES = {
    "due": gettext_lazy("Time limit"), "-at": gettext_lazy("Newest first"), "at": gettext_lazy("Oldest first"),
    "-ended": gettext_lazy("Latest decision"),
}  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def inbox(request: HttpRequest) -> HttpResponse:
    """The list with its tabs. A fixed number of queries, whatever the rows."""
    by = request.actor
    filters = management.RaiseFilters.parse(_asked(request), default=_default(by))
    counts = management.raise_counts(by, filters)
    found = management.raise_list(by, filters)
    opened = request.GET.get("show", "") or (str(found.rows[0]["id"]) if found.rows else "")
    narrowed = _narrowed(request)
    context = {
        "filters": filters, "tabs": _tabs(by, filters, counts), "total": counts["total"], "rows": _rows(found.rows, by, opened, request.get_full_path()), "opened": opened,
        "query": _query(request), "back": request.get_full_path(), "narrowed": narrowed, "bare_href": _href(request, keep=("tab",)), "chips": _chips(request, filters),
        "sorts": [(label, _href(request, sort=code), filters.order == code) for code, label in SORT_NAMES.items()], "order": filters.order,
        "due_href": _href(request, sort="-due" if filters.order == "due" else "due"), "may_settle": filters.tab == "waiting" and bool(found.rows),
        "previous": _href(request, cursor=found.previous) if found.previous else None, "next": _href(request, cursor=found.next) if found.next else None,
        "may_export": by.may(rules.EXPORT), "is_management": management.is_management(by), "may_raise": by.may(rules.RAISE),
    }  # fmt: skip
    return page(request, "needs/management.html", context, block="list")


@door(rules.VIEW)
@methods("GET")
def raised(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: beside the list, or on a phone a page of its own."""
    by = request.actor
    found = management.raised(pk, by)
    need = found.need
    matters.look(need.matter, by=by)
    may = queries.offers(need, by).verbs() & {"decide", "advise", "delegate", "withdraw"} if found.open else set()
    index = reverse("needs:management")
    back = request.GET.get("next", "")
    context = {
        "raised": found, "need": need, "may": may, "now": clock.now(), "back": back if back.startswith(index) else index,
        "clock": _clock(found), "alone": not asked_by_htmx(request), "words": need.body, **looks.head(need),
    }  # fmt: skip
    return page(request, "needs/raised.html", context, block="pane")


@door(rules.VIEW)
@methods("GET")
def filter_raises(request: HttpRequest) -> HttpResponse:
    """Every way to narrow the inbox, filled in as it is now."""
    asked = _asked(request)
    filters = management.RaiseFilters.parse(asked, default=_default(request.actor))
    initial = {name: asked.getlist(name) if name in filters.values else asked.get(name) for name in asked}
    context = {"form": RaiseFilter(initial=initial), "period": RaisePeriod(initial=initial), "tab": filters.tab, "sort": filters.sort}
    return page(request, "needs/management_filter.html", context, block="fields")


@door(rules.EXPORT)
@methods("POST")
def export_raises(request: HttpRequest) -> HttpResponse:
    """The list as a file: exactly the rows it shows."""
    query = request.POST.get("query", "").lstrip("?")
    filters = management.RaiseFilters.parse(QueryDict(query), default=_default(request.actor))
    found = actions.export_raises(by=request.actor, filters=filters, numbers=request.POST.getlist("row"), query=query)
    heads = [
        _("Number"), _("Subject"), _("Category"), _("Department"), _("What has to be decided"), _("Why it cannot wait"), _("What we recommend"),
        _("Raised by"), _("Raised"), _("To whom"), _("With"), pgettext("field", "State"), _("Answer or decision"), _("By"), _("When"), _("Time limit"),
    ]  # fmt: skip
    names = category_names()
    cells = (
        [r["need__matter__number"], r["need__matter__title"], names.get(r["need__category"], ""), r["need__matter__department__name"], r["question"], r["why"],
         r["recommendation"], r["by__name"], r["at"], r["to__name"], r["holder__name"], Raise.State(r["state"]).label, r["words"], r["ended_by__name"],
         r["ended_at"], r["clock__due_at"]]
        for r in found
    )  # fmt: skip
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    return sheets.download(f"{management.TABS[filters.tab][0]} {clock.today().isoformat()}", heads, cells, kind=kind)


@door(rules.RAISE)
@methods("GET", "POST")
def raise_one(request: HttpRequest) -> HttpResponse:
    """From anywhere: which need, then the question."""
    form = RaiseNumber(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip().split(" ")[0]
        try:
            return go(request, reverse("needs:act", args=[queries.find(number, request.actor).number, "raise"]))
        except Gone:
            form.add_error("number", _("There is no need %(number)s that you can see.") % {"number": number})
    return page(request, "needs/raise_one.html", {"form": form}, status=422 if form.errors else 200)


# ── the query string ──


def _default(by: Actor) -> str:
    return "waiting" if management.is_management(by) else "mine"


def _asked(request: HttpRequest) -> QueryDict:
    asked = request.GET.copy()
    for name in ("show",):
        asked.pop(name, None)
    return asked


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in PASSING:
        kept.pop(name, None)
    return kept.urlencode()


def _href(request: HttpRequest, *, keep: tuple[str, ...] | None = None, without: str = "", **change: str) -> str:
    made = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name in PASSING or name == without or name in change or (keep is not None and name not in keep):
            continue
        if left := [v for v in values if v != ""]:
            made.setlist(name, left)
    made.update(change)
    return reverse("needs:management") + (f"?{made.urlencode()}" if made else "")


def _narrowed(request: HttpRequest) -> bool:
    return any(values != [""] for name, values in request.GET.lists() if name not in (*PASSING, "tab", "sort"))


# ── what is shown ──


def _tabs(by: Actor, filters: management.RaiseFilters, counts: dict[str, int]) -> list[dict]:
    index, made = reverse("needs:management"), []
    for code, (label, _where, _sort) in management.TABS.items():
        tone = "warn" if code == "waiting" and counts[code] else ""
        made.append({"text": label, "href": f"{index}?tab={code}", "count": counts[code], "cap": management.GLANCE, "tone": tone, "current": filters.tab == code})
    return made


def _chips(request: HttpRequest, filters: management.RaiseFilters) -> list[tuple[Any, Any, str]]:
    """(name, value, address without it) of every condition in force."""
    made: list[tuple[Any, Any, str]] = []
    names = {
        "state": (pgettext("filter", "State"), lambda v: Raise.State(v).label),
        "category": (_("Category"), lambda v: _("not assessed") if v == "none" else category_names().get(v, v)),
        "department": (_("Department"), lambda v: queries.labels()[0].get(int(v), v)),
    }
    for name, values in filters.values.items():
        label, word = names[name]
        made.append((label, "、".join(str(word(v)) for v in values), _href(request, without=name)))
    if filters.late:
        made.append((_("Late"), _("yes"), _href(request, without="late")))
    if filters.since:
        made.append((_("Raised from"), show.day(filters.since), _href(request, without="from")))
    if filters.until:
        made.append((_("Raised until"), show.day(filters.until), _href(request, without="to")))
    return made


def _rows(found: list[dict], by: Actor, opened: str, back: str) -> list[dict[str, Any]]:
    """The rows as `ui.need_row` draws them. One query for their clocks."""
    clocks, now = management.clocks_in(found), clock.now()
    names, runs, states = category_names(), looks.working_now(now), {s.value: s.label for s in Raise.State}
    made = []
    for row in found:
        shown = clocks.get(row["id"])
        href = reverse("needs:raised", args=[row["id"]])
        person = row["ended_by__name"] if row["ended_at"] else row["holder__name"] or _("Management")
        made.append({
            "number": row["need__matter__number"], "href": href, "subject": row["start"], "category": row["need__category"], "category_name": names.get(row["need__category"], ""),
            "customer": row["need__matter__title"], "kind": _("%(name)s, %(at)s") % {"name": row["by__name"], "at": show.when(row["at"], now)},
            "latest": row["end"], "state_name": states[row["state"]], "at": None, "department": row["need__matter__department__name"], "person": person,
            "clock": looks.clock_look(shown, runs=runs) if shown else None, "unread": row["ended_at"] is None and row["holder_id"] == by.user_id,
            "clock_note": show.when(row["ended_at"], now) if row["ended_at"] else looks.clock_note(shown, False, now) if shown else "",
            "open": str(row["id"]) == opened, "preview_href": href,
        })  # fmt: skip
    return made


def _clock(found: Raise) -> dict[str, Any] | None:
    if found.clock is None:
        return None
    shown = management.clocks_in([{"id": found.pk, "clock_id": found.clock_id}])[found.pk]
    return looks.clock_look(shown, runs=looks.working_now(clock.now()))

