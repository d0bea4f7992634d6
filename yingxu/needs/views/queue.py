"""The queue: a list of needs with its counts, tabs, filters, saved views and preview (N17)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.web import door, methods, page
from yingxu.ui import show
from yingxu.ui.words import gettext as _
from yingxu.ui.words import pgettext

from .. import columns, queries, rules
from ..categories import names as category_names
from ..forms import Columns, FilterForm, SaveView
from ..forms.lists import Period
from ..queries import rows as listing
from ..queries.counting import CAP, GLANCE
from ..queries.lists import ALL
from ..queries.management import standing_question
from ..states import Channel, State
from . import looks

PASSING = ("cursor", "show", "size", "since", "mark", "view")  # of the query string, what does not narrow the list
SORT_NAMES = {
    "due": gettext_lazy("Time limit"), "-opened": gettext_lazy("Newest first"), "opened": gettext_lazy("Oldest first"),
    "-changed": gettext_lazy("Latest change"), "category": gettext_lazy("Category"), "rating": gettext_lazy("Lowest rating"),
}  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest, queue: str = "") -> HttpResponse:
    """The list and everything around it. At most 12 queries, whatever the number of rows."""
    by = request.actor
    asked = _asked(request, queue)
    filters = queries.Filters.parse(asked, default=_default(by))
    query = _query(asked, queue=filters.queue)
    views = list(queries.saved_views(by))
    tabs = _tabs(filters, by)
    tallies = listing.tallies(by, filters, views, {name: tab for name, (_label, tab) in tabs.items() if name != "all"}, queries.QUEUES,
                              standing_question(by))  # fmt: skip
    found = listing.listed(by, filters)
    view = next((v for v in views if str(v.pk) == request.GET.get("view")), None)
    opened = request.GET.get("show", "")
    shown = columns.chosen(request.user.columns)
    context = {
        "queue": filters.the_queue, "filters": filters, "view": view, "total": tallies.total, "cap": GLANCE if filters.q else CAP, "query": query,
        "entries": _entries(filters, views, tallies, view), "mark": tallies.mark, "tabs": _tab_links(tabs, tallies, asked, filters),
        "chips": _chips(asked, filters), "rows": looks.rows(found.rows, by, query=query, opened=opened or _first(found.rows), columns=shown),
        "previous": _href(asked, cursor=found.previous) if found.previous else None,
        "next": _href(asked, cursor=found.next) if found.next else None, "sorts": _sorts(asked, filters), "order": _order(filters),
        "due_href": _href(asked, sort="-due" if _order(filters) == "due" else "due"), "now_mark": clock.now().isoformat(),
        "narrowed": _narrowed(asked), "bare_href": _href(asked, keep=("queue",)), "save_form": SaveView(initial={"query": query}),
        "may_export": by.may(rules.EXPORT), "may_share": by.may(rules.MANAGE_VIEWS), "opened": opened or _first(found.rows),
        "columns": None if shown is None else {code: columns.NAMES[code] for code in shown},
        "column_form": Columns(initial={"columns": columns.USUAL if shown is None else shown}),
        "empty": _empty(filters, _narrowed(asked)),
    }  # fmt: skip
    return page(request, "needs/index.html", context, block="list")


def nav_of(by: Actor, asked: QueryDict, tallies: listing.Tallies) -> dict[str, Any]:
    """What the section nav shows on a page with this query string."""
    filters = queries.Filters.parse(asked, default=_default(by))
    views = list(queries.saved_views(by))
    view = next((v for v in views if str(v.pk) == asked.get("view")), None)
    return {"entries": _entries(filters, views, tallies, view), "mark": tallies.mark, "query": _query(asked, queue=filters.queue), "view": view}


@door(rules.VIEW)
@methods("GET")
def filter_form(request: HttpRequest) -> HttpResponse:
    """Every way to narrow the list, filled in as it is now; sends the list's own query string."""
    asked = _asked(request)
    filters = queries.Filters.parse(asked, default=_default(request.actor))
    initial = {name: asked.getlist(name) if name in filters.values else asked.get(name) for name in asked}
    for single in ("owner", "round", "held", "tag", "customer"):
        initial[single] = asked.get(single, "")
    context = {"form": FilterForm(initial=initial), "period": Period(initial=initial), "queue": filters.queue, "sort": filters.sort, "list_name": filters.the_queue.label}
    return page(request, "needs/filter.html", context, block="fields")


# ── the query string ──


def _default(by: Actor) -> str:
    return "department" if by.department_id else "all"


def _asked(request: HttpRequest, queue: str = "") -> QueryDict:
    """The query string without what only passes through."""
    asked = request.GET.copy()
    for name in ("since", "mark"):
        asked.pop(name, None)
    if queue and "queue" not in asked:
        asked["queue"] = queue
    return asked


def _query(asked: QueryDict, **first: str) -> str:
    """The list's query string: what narrows and sorts it, and nothing that passes."""
    kept = QueryDict(mutable=True)
    kept.update(first)
    for name, values in asked.lists():
        if name not in PASSING and name not in first:
            kept.setlist(name, [v for v in values if v != ""])
    return kept.urlencode()


@cache
def _list_address() -> str:
    return reverse("needs:index")


def _href(asked: QueryDict, *, keep: tuple[str, ...] | None = None, without: tuple[str, str] | None = None, **change: str) -> str:
    """The list's address with some of its conditions changed, taken away or alone kept."""
    made = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name in PASSING or (keep is not None and name not in keep) or name in change:
            continue
        left = [v for v in values if v != "" and not (without and name == without[0] and without[1] in ("", v))]
        if left:
            made.setlist(name, left)
    made.update({name: value for name, value in change.items() if value != ""})
    return _list_address() + (f"?{made.urlencode()}" if made else "")


def _narrowed(asked: QueryDict) -> bool:
    return any(values != [""] for name, values in asked.lists() if name not in (*PASSING, "queue", "sort"))


# ── nav, tabs, chips, sorts ──


def _entries(filters: queries.Filters, views: list, tallies: listing.Tallies, view: Any) -> list[dict]:
    index_ = _list_address()
    made: list[dict] = [{"heading": pgettext("list", "Queues")}]
    for queue in queries.QUEUES.values():
        count = tallies.queues[queue.code]
        made.append({"text": queue.label, "href": f"{index_}?queue={queue.code}", "icon": queue.icon, "count": count or None, "cap": GLANCE,
                     "tone": queue.tone, "current": view is None and filters.queue == queue.code})  # fmt: skip
    made.append({"text": ALL.label, "href": f"{index_}?queue=all", "icon": ALL.icon, "current": view is None and filters.queue == "all"})
    waits = tallies.more.get("management") or None
    made.append({"text": _("Straight to management"), "href": reverse("needs:management"), "icon": "stamp", "count": waits, "cap": GLANCE, "tone": "warn"})
    for heading, icon, team in ((_("My views"), "pin", False), (_("Team views"), "list", True)):
        group = [v for v in views if v.team == team]
        made += [{"heading": heading}] if group else []
        made += [
            {"text": v.name, "href": f"{index_}?{v.query}&view={v.pk}", "icon": icon, "count": tallies.views.get(v.pk) or None, "cap": GLANCE,
             "current": view is not None and view.pk == v.pk}
            for v in group
        ]  # fmt: skip
    return made


TABS: dict[str, tuple[Any, dict[str, str]]] = {
    "all": (pgettext_lazy("tab", "All"), {}),
    "mine": (pgettext_lazy("tab", "For me"), {"owner": "me"}),
    "today": (pgettext_lazy("tab", "New today"), {"from": "today"}),
    "customer": (pgettext_lazy("tab", "Waiting for the customer"), {"state": State.CONFIRMATION}),
}


def _tabs(filters: queries.Filters, by: Actor) -> dict[str, tuple[Any, queries.Filters]]:
    """The quick tabs of this queue: the queue alone, and narrowed in the three ways asked for most."""
    made = {}
    for name, (label, more) in TABS.items():
        if name != "all" and (filters.queue in ("mine", "confirmation") and name in ("mine", "customer")):
            continue
        values = {k: [v] for k, v in more.items() if k not in ("from",)}
        since = clock.today() if "from" in more else None
        made[name] = (label, replace(queries.Filters(queue=filters.queue), values=values, since=since))
    return made


def _tab_links(tabs: Mapping[str, tuple[Any, queries.Filters]], tallies: listing.Tallies, asked: QueryDict, filters: queries.Filters) -> list[dict]:
    today = clock.today().isoformat()
    made = []
    for name, (label, _tab) in tabs.items():
        more = {k: today if v == "today" else str(v) for k, v in TABS[name][1].items()}
        href = _href(asked, keep=("queue", "sort"), queue=filters.queue, **more)
        here = href == _href(asked, queue=filters.queue)
        made.append({"text": label, "href": href, "count": tallies.tabs.get(name), "cap": GLANCE, "current": here})
    return made


def _sorts(asked: QueryDict, filters: queries.Filters) -> list[tuple[Any, str, bool]]:
    return [(label, _href(asked, sort=code), _order(filters) == code) for code, label in SORT_NAMES.items()]


def _order(filters: queries.Filters) -> str:
    return filters.sort or ("-opened" if filters.q and filters.queue == "all" else filters.the_queue.sort)


def _chips(asked: QueryDict, filters: queries.Filters) -> list[tuple[Any, Any, str]]:
    """(name, value, address without it) of every condition in force. Names are looked up only when something asks for them."""
    made: list[tuple[Any, Any, str]] = []
    v = filters.values
    words: dict[str, tuple[Any, Any]] = {
        "state": (pgettext("filter", "State"), lambda c: State(c).label),
        "category": (_("Category"), lambda c: _("not assessed") if c == "none" else category_names().get(c, c)),
        "kind": (_("Business type"), lambda c: looks.kind_names().get(c, c)),
        "channel": (_("Channel"), lambda c: Channel(c).label),
        "customer": (_("Customer"), str), "tag": (pgettext("filter", "Tag"), str),
        "round": (_("Rounds"), lambda n: _("%(n)s and more") % {"n": n}),
        "rating": (pgettext("filter", "Rating"), lambda n: _("%(n)s of 5") % {"n": n}),
        "held": (_("Waiting for the customer"), lambda _v: _("yes")),
    }
    if "department" in v or "owner" in v:
        departments, people = queries.labels()
        nobody = _("not assigned")
        words["department"] = (_("Department"), lambda pk: departments.get(int(pk), pk) if pk.isdecimal() else nobody)
        words["owner"] = (_("Person"), lambda pk: _("me") if pk == "me" else people.get(int(pk), pk) if pk.isdecimal() else nobody)
    for name, (label, word) in words.items():
        if values := v.get(name):
            first = str(word(values[0]))
            text = first if len(values) == 1 else _("%(first)s and %(n)s more") % {"first": first, "n": len(values) - 1}
            made.append((label, text, _href(asked, without=(name, ""))))
    if filters.open is not None:
        made.append((_("Ended or not"), _("not ended") if filters.open else _("ended"), _href(asked, without=("open", ""))))
    if filters.since:
        made.append((_("Registered from"), show.day(filters.since), _href(asked, without=("from", ""))))
    if filters.until:
        made.append((_("Registered until"), show.day(filters.until), _href(asked, without=("to", ""))))
    return made


def _first(found: list) -> str:
    return found[0]["matter__number"] if found else ""


def _empty(filters: queries.Filters, narrowed: bool) -> str:
    """Which emptiness: nothing matches, nothing registered yet, or all done."""
    if narrowed:
        return "none"
    return "first" if filters.queue == "all" else "done"
