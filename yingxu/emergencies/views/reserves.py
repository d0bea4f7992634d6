"""The register of reserves, one of them with its ledger, and what is done with it."""

import re
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Gone, Invalid, Refusal, Stale
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.actions import Once, look, once_only

from .. import actions, forms, queries, rules, stocklist
from ..models import Resource
from ..queries.reserves import SHOWS, SORTS
from ..states import ICON, Kind
from . import looks
from .lists import blame, nav

SALT, DAY = "emergencies.reserves", 86_400


def wish(asked: Any) -> queries.ReserveWish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    kind, show, sort = asked.get("kind") or "", asked.get("show") or "", asked.get("sort") or "name"
    if kind not in ("", *Kind.values) or show not in SHOWS or sort not in SORTS:
        raise Invalid(_("This list has no such filter."))
    return queries.ReserveWish(text=asked.get("q", "").strip()[:100], kind=kind, show=show, sort=sort)


def _address(asked: queries.ReserveWish, **over: Any) -> str:
    values = {"q": asked.text, "kind": asked.kind, "show": asked.show, "sort": asked.sort, **over}
    kept = {k: v for k, v in values.items() if v and (k, v) != ("sort", "name")}
    return reverse("emergencies:reserves") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW_RESERVES)
@methods("GET")
def register(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.reserves(by, asked, request.GET.get("cursor", ""))
    context = {
        "wish": asked, "slice": found, "rows": found.rows, "address": _address, "entries": nav(by, show=asked.show), "kinds": Kind.choices,
        "may_add": by.may(rules.STOCK), "may_export": by.may(rules.EXPORT), "icons": ICON, "plain": queries.plain, "today": clock.today(),
        "soon": clock.today() + queries.SOON,
        "filters": [(_("Kind of reserve"), Kind(asked.kind).label, _address(asked, kind=""))] if asked.kind else [],
    }  # fmt: skip
    return page(request, "emergencies/reserves.html", context, block="rows")


@door(rules.EXPORT)
@methods("POST")
def export_reserves(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    found = actions.export_reserves(by=request.actor, wish=wish(request.POST.dict() | {"kind": request.POST.get("of", "")}))
    heads = [
        _("Register number"), pgettext("reserve", "Name"), _("Kind of reserve"), _("In stock"), _("Out"), _("Left"), pgettext("reserve", "Unit"), pgettext("reserve", "Place"), _("Keeper"),
        _("Department"), _("Good until"), _("To be looked over by"), pgettext("reserve", "Notes"),
    ]  # fmt: skip
    rows = (
        [r.number, r.matter.title, Kind(r.kind).label, r.total, r.out, r.left, r.unit, r.place, r.matter.owner.name if r.matter.owner else "",
         r.matter.department.name if r.matter.department else "", r.expires_on, r.check_on, r.notes]
        for r in found
    )  # fmt: skip
    return sheets.download(f"{_('Reserves')} {clock.today().isoformat()}", heads, rows, kind=kind)


@door(rules.VIEW_RESERVES)
@methods("GET")
def reserve(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, queries.reserve(number, request.actor))


def _page(request: HttpRequest, found: Resource, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The reserve with its ledger; `bound` are forms that were refused."""
    by = request.actor
    look(found.matter, by=by)
    keeps = rules.KEEP.allows(by, found)
    context = {
        "r": found, "ledger": queries.movements(found, request.GET.get("cursor", "")), "out": queries.out_of(found), "plain": queries.plain, "look": looks,
        "icons": ICON, "keeps": keeps, "may_move": rules.DISPATCH.allows(by, found), "entries": nav(by, show=""), "today": clock.today(),
        "soon": clock.today() + queries.SOON, "adjust": forms.Adjust(initial={"total": queries.plain(found.total).replace(",", "")}), "look_over": forms.LookOver(),
        "give_back": forms.GiveBack(), "refused_dispatch": None, "refusal": None, **bound,
    }  # fmt: skip
    return page(request, "emergencies/reserve.html", context, status=status)


@door(rules.STOCK)
@methods("GET", "POST")
def take_in(request: HttpRequest) -> HttpResponse:
    """A new reserve."""
    form = forms.TakeIn(request.POST if request.method == "POST" else None, initial={"keeper": forms.said(request.user)})
    if request.method == "POST" and form.is_valid():
        try:
            made, _before = once_only(Once.form(request.actor, request.path, request.POST), lambda: actions.take_in(by=request.actor, **form.cleaned_data))
            to = reverse("emergencies:reserve", args=[made.number]) if rules.VIEW_RESERVES.allows(request.actor, made) else reverse("emergencies:reserves")
            return toast(go(request, to), _("Taken into the register"))
        except Invalid as refusal:
            blame(form, refusal)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return page(request, "emergencies/reserve_form.html", {"form": form, "r": None, "theirs": False}, status=422 if request.method == "POST" else 200)


@door(rules.VIEW_RESERVES)
@methods("GET", "POST")
def amend(request: HttpRequest, number: str) -> HttpResponse:
    found, by = queries.reserve(number, request.actor), request.actor
    first = {k: getattr(found, k) for k in ("place", "expires_on", "check_on", "notes", "version")}
    form = forms.Amend(request.POST if request.method == "POST" else None, initial=first | {"name": found.matter.title, "keeper": forms.said(found.matter.owner)})
    theirs = False
    if request.method == "POST" and form.is_valid():
        try:
            actions.amend(found, by=by, **form.cleaned_data)
            return toast(go(request, reverse("emergencies:reserve", args=[number])), _("Saved"))
        except Stale:
            theirs = True
            form.data = form.data.copy()
            form.data["version"] = str(queries.reserve(number, by).version)
        except Invalid as refusal:
            blame(form, refusal)
    status = 409 if theirs else 422 if request.method == "POST" else 200
    return page(request, "emergencies/reserve_form.html", {"form": form, "r": found, "theirs": theirs}, status=status)


@door(rules.STOCK)
@methods("GET", "POST")
def import_reserves(request: HttpRequest) -> HttpResponse:
    """A list is read and shown, row by row; what was shown comes back, signed, to be taken in."""
    context: dict[str, Any] = {"rows": None, "columns": stocklist.COLUMNS, "errors": None, "most": stocklist.MOST, "kept": "", "fresh": 0}
    if request.method == "GET":
        return page(request, "emergencies/reserves_import.html", context)
    try:
        if "rows" in request.POST:
            kept = signing.loads(request.POST["rows"], salt=SALT, max_age=DAY)
            rows = stocklist.judged([stocklist.Row(line, cells) for line, cells in kept])
            made = actions.bring_in(by=request.actor, rows=[row.values for row in rows if not row.errors])
            return toast(go(request, reverse("emergencies:reserves")), _("%(n)s taken into the register") % {"n": len(made)})
        if "file" not in request.FILES:
            raise Invalid.field("file", _("Choose a file."))
        rows = stocklist.read(request.FILES["file"])
    except signing.BadSignature:
        return page(request, "emergencies/reserves_import.html", context | {"errors": [_("This was open too long. Choose the file again.")]}, status=422)
    except Invalid as refusal:
        return page(request, "emergencies/reserves_import.html", context | {"errors": refusal.fields.get("file", [str(refusal)])}, status=422)
    fresh = [row for row in rows if not row.errors and not row.held]
    kept = signing.dumps([[row.line, row.cells] for row in fresh], salt=SALT, compress=True)
    return page(request, "emergencies/reserves_import.html", context | {"rows": rows, "kept": kept, "fresh": len(fresh)})


SMALL = {
    "adjust": (forms.Adjust, actions.adjust), "look_over": (forms.LookOver, actions.look_over), "give_back": (forms.GiveBack, actions.give_back),
}  # fmt: skip


@door(rules.VIEW_RESERVES)
@methods("POST")
def move(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Small acts on one reserve: adjust its stock, look it over, note that something arrived or came back."""
    found, by = queries.reserve(number, request.actor), request.actor
    back = request.POST.get("back", "")
    to = reverse("emergencies:detail", args=[back]) if re.fullmatch(r"Y[A-Z]-\d{4}-\d{4,9}", back, re.ASCII) else reverse("emergencies:reserve", args=[number])
    if verb == "arrive":
        pk = request.POST.get("dispatch", "")
        if not pk.isdecimal() or len(pk) > 18:
            raise Gone()
        actions.arrive(found, by=by, dispatch=int(pk))
        return go(request, to)
    if verb not in SMALL:
        raise Gone()
    shape, act = SMALL[verb]
    form = shape(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, **_bound(verb, form))
    try:
        given = form.values() if isinstance(form, forms.GiveBack) else form.cleaned_data
        once_only(Once.form(by, request.path, request.POST), lambda: act(found, by=by, **given))
    except Invalid as refusal:
        blame(form, refusal)
        return _page(request, found, status=422, **_bound(verb, form))
    except Refusal as refusal:
        return _page(request, found, status=refusal.status, refusal=refusal, **_bound(verb, form))
    return toast(go(request, to), _("Saved"))


def _bound(verb: str, form: Any) -> dict[str, Any]:
    return {verb: form, "refused_dispatch": form.data.get("dispatch")}
