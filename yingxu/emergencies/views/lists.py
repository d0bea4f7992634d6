"""The lists of emergencies, the form that declares one, and the list as a file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.actions import Once, once_only

from .. import actions, forms, queries, rules
from ..queries.lists import SORTS
from ..states import Level, State
from . import looks


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    tab, level, sort = asked.get("tab") or "open", asked.get("level") or "", asked.get("sort") or "-opened"
    if tab not in queries.TABS or sort not in SORTS or level not in ("", *map(str, Level.values)):
        raise Invalid(_("This list has no such filter."))
    return queries.Wish(tab=tab, text=asked.get("q", "").strip()[:100], level=int(level) if level else None, sort=sort)


def _address(asked: queries.Wish, **over: Any) -> str:
    values = {"tab": asked.tab, "q": asked.text, "level": asked.level, "sort": asked.sort, **over}
    defaults = {"tab": "open", "sort": "-opened"}
    kept = {k: v for k, v in values.items() if v and defaults.get(k) != v}
    return reverse("emergencies:index") + (f"?{urlencode(kept)}" if kept else "")


def nav(by: Any, *, tab: str = "", show: str | None = None) -> list[dict[str, Any]]:
    """The section nav of both lists; `show` is the view of the register one looks at."""
    counts = queries.counts(by) if by.may(rules.VIEW) else {}
    made: list[dict[str, Any]] = [{"heading": _("Emergencies")}]
    made += [
        {"text": label, "icon": icon, "href": _address(queries.Wish(tab=name)), "count": counts[name] or None, "current": tab == name,
         "tone": "bad" if name == "open" and counts[name] else ""}
        for name, (label, icon, _asked) in queries.TABS.items() if counts
    ]  # fmt: skip
    if by.may(rules.VIEW_RESERVES):
        held = queries.reserve_counts(by)
        views = [("", _("All reserves"), "box", ""), ("out", _("With emergencies"), "truck", ""), ("due", _("Expiring or to be looked over"), "clock", "warn"), ("none", _("Nothing left"), "x", "")]
        made.append({"heading": _("Reserves")})
        made += [
            {"text": text, "icon": icon, "href": reverse("emergencies:reserves") + (f"?show={name}" if name else ""), "count": held[name] or None,
             "current": show == name, "tone": tone if held[name] else ""}
            for name, text, icon, tone in views
        ]  # fmt: skip
    return made


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.index(by, asked, request.GET.get("cursor", ""))
    filters = [(_("Level"), Level(asked.level).label, _address(asked, level=None))] if asked.level else []
    context = {
        "wish": asked, "slice": found, "rows": found.rows, "address": _address, "entries": nav(by, tab=asked.tab), "levels": Level.choices, "filters": filters,
        "tabs": queries.TABS, "now": clock.now(), "may_declare": by.may(rules.DECLARE), "may_export": by.may(rules.EXPORT), "minutes": looks.minutes,
    }  # fmt: skip
    return page(request, "emergencies/index.html", context, block="rows")


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    found = actions.export(by=request.actor, wish=wish(request.POST))
    heads = [
        _("Number"), _("Subject"), pgettext("field", "State"), pgettext("emergency", "Level"), pgettext("emergency", "Drill"), _("Leader"), _("Declared at"), _("Acknowledged at"),
        _("Solved at"), _("Closed at"), _("What happened"), _("How it was solved"),
    ]  # fmt: skip
    rows = (
        [e.number, e.title, State(e.state).label, Level(e.level).label, pgettext("emergency", "Drill") if e.drill else "", e.matter.owner.name if e.matter.owner else "",
         e.matter.opened_at, e.acknowledged_at, e.solved_at, e.matter.closed_at, e.happened, e.solution]
        for e in found
    )  # fmt: skip
    return sheets.download(f"{_('Emergencies')} {clock.today().isoformat()}", heads, rows, kind=kind)


@door(rules.DECLARE)
@methods("GET", "POST")
def declare(request: HttpRequest) -> HttpResponse:
    """Asked from the list, the palette, or a need (whose number comes along)."""
    by = request.actor
    if request.method == "GET":
        first = {"numbers": request.GET.get("needs", "")[:200], "title": request.GET.get("title", "")[:120]}
        return page(request, "emergencies/declare.html", {"form": forms.Declare(by=by, initial=first)})
    form = forms.Declare(request.POST, by=by)
    if not form.is_valid():
        return page(request, "emergencies/declare.html", {"form": form}, status=422)
    try:
        made, _before = once_only(Once.form(by, request.path, request.POST), lambda: actions.declare(by=by, **form.values()))
    except Refusal as refusal:
        blame(form, refusal, {"leader": "lead"})
        return page(request, "emergencies/declare.html", {"form": form}, status=refusal.status)
    to = reverse("emergencies:detail", args=[made.number]) if rules.VIEW.allows(by, made) else reverse("emergencies:index")
    return toast(go(request, to), _("Declared; everybody concerned is being called"))


def blame(form: Any, refusal: Refusal, names: dict[str, str] | None = None) -> None:
    """Put what a verb refused beside the fields it is about."""
    for name, messages in refusal.fields.items():
        field = (names or {}).get(name, name)
        form.add_error(field if field in form.fields else None, [str(m) for m in messages])
    if not refusal.fields:
        form.add_error(None, str(refusal))
