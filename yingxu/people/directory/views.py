"""Lists on screen: upload, map with a preview, apply, take the passwords, undo."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import sheets
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import Slice, door, go, keyset, methods, page, toast

from .. import queries, rules
from ..models import DirectoryImport, DirectoryRow
from . import actions, columns
from .planning import plan

SHOWN = 200  # rows a preview shows; the counts are of all


@door(rules.MANAGE)
@methods("GET", "POST")
def imports(request: HttpRequest) -> HttpResponse:
    errors: list[str] = []
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid.field("file", _("Choose a file first."))
            run = actions.receive(upload, by=request.actor, shape=request.POST.get("shape", ""))
            return go(request, reverse("people:import", args=[run.pk]))
        except Invalid as refusal:
            errors = [str(m) for found in refusal.fields.values() for m in found] or [str(refusal)]
    runs: Slice = keyset(queries.imports(), ("-at", "-id"), request.GET.get("cursor", ""), size=20)
    context = {"slice": runs, "errors": errors, "shapes": DirectoryImport.Shape.choices}
    return page(request, "people/imports.html", context, status=422 if errors else 200)


@door(rules.MANAGE)
@methods("GET")
def sample(request: HttpRequest, shape: str) -> HttpResponse:
    """An empty list with the right columns, to be filled in."""
    heads = [target.label for target in columns.targets(shape)]
    return sheets.download(str(DirectoryImport.Shape(shape).label), heads, [])


@door(rules.MANAGE)
@methods("GET", "POST")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: the mapping and what it would do, then the report. POST maps, and with act=apply applies."""
    found, trouble = _found(pk), ""
    if request.method == "POST":
        mapping = {name: request.POST.get(f"c-{i}", "") for i, name in enumerate(found.header)}
        try:
            found = actions.map_columns(found, by=request.actor, mapping=mapping, shape=request.POST.get("shape", ""))
            if request.POST.get("act") == "apply":
                leaving = {int(key) for key in request.POST.getlist("leaving") if key.isascii() and key.isdigit() and len(key) < 19}
                actions.apply(found, by=request.actor, leaving=leaving, keep_passwords=request.POST.get("passwords") != "later")
                return go(request, reverse("people:import", args=[pk]))
        except Refusal as refusal:
            trouble, found = str(refusal), _found(pk)
    return page(request, "people/import.html", _context(request, found, trouble), block="plan", status=422 if trouble else 200)


def _context(request: HttpRequest, found: DirectoryImport, trouble: str) -> dict[str, Any]:
    context: dict[str, Any] = {"run": found, "trouble": trouble, "shapes": DirectoryImport.Shape.choices}
    if found.state != DirectoryImport.State.RECEIVED:
        tally = queries.import_tally(found)
        outcome = request.GET.get("outcome", "")
        rows = found.rows.filter(outcome=outcome) if outcome in DirectoryRow.Outcome.values else found.rows.all()
        views = [{"text": pgettext("rows", "All"), "href": "?", "current": not outcome, "count": sum(tally.values())}]
        views += [{"text": o.label, "href": f"?outcome={o.value}", "current": o.value == outcome, "count": tally.get(o.value, 0)} for o in DirectoryRow.Outcome]
        return context | {"outcome": outcome, "views": views, "slice": keyset(rows, ("id",), request.GET.get("cursor", ""))}
    chosen = set(found.mapping.values())
    missing = [str(target.label) for target in columns.targets(found.shape) if target.code in columns.NEEDED[DirectoryImport.Shape(found.shape)] and target.code not in chosen]
    context |= {"targets": [(target.code, target.label) for target in columns.targets(found.shape)], "needed": missing, "plan": None, "shown": [], "firsts": {}}
    try:
        table = actions.read(found)
    except Invalid as refusal:
        return context | {"trouble": str(refusal)}
    context["firsts"] = {name: [str(cells.get(name, "")) for _line, cells in table.rows[:3]] for name in found.header}
    if not missing:
        planned = plan(found, table)
        shown = [step for step in planned.steps if step.act != "same" or step.remarks]
        context |= {"plan": planned, "shown": sorted(shown, key=lambda step: (step.act != "refuse", step.line))[:SHOWN], "many": len(shown)}
    return context


@door(rules.MANAGE)
@methods("POST")
def passwords(request: HttpRequest, pk: int) -> HttpResponse:
    """The first passwords as a file, once."""
    rows = actions.take_passwords(_found(pk), by=request.actor)
    heads = [_("Sign-in name"), pgettext("person", "Name"), _("Password")]
    return sheets.download(_("First passwords"), heads, rows)


@door(rules.MANAGE)
@methods("GET")
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows with their reasons, as a file."""
    rows = [[row.line, row.title, row.message] for row in _found(pk).rows.filter(outcome=DirectoryRow.Outcome.REFUSED)]
    return sheets.download(_("Refused rows"), [_("Line"), pgettext("person", "Name"), _("Reason")], rows)


@door(rules.MANAGE)
@methods("POST")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    back, kept = actions.undo(_found(pk), by=request.actor)
    said = _("%(back)s put back, %(kept)s kept because they were changed since") % {"back": back, "kept": kept}
    return toast(go(request, reverse("people:import", args=[pk])), said)


def _found(pk: int) -> DirectoryImport:
    found = queries.directory_import(pk)
    if found is None:
        raise Gone()
    return found
