"""Imports on screen: upload, map with a preview, watch, see what was refused, undo."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid, Refusal
from yingxu.base.sheets import download
from yingxu.base.web import door, go, methods, page, poll
from yingxu.needs.states import Category, Channel
from yingxu.templates import queries as record_templates

from .. import actions, columns, queries, rules
from ..models import ImportRow, ImportRun


@door(rules.IMPORT)
@methods("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    """All imports; POST takes a file."""
    errors: list[str] = []
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid.field("file", _("Choose a file first."))
            run = actions.receive(upload, by=request.actor, shape=request.POST.get("shape", ""))
            return go(request, reverse("intake:run", args=[run.pk]))
        except Invalid as refusal:
            errors = [str(m) for found in refusal.fields.values() for m in found] or [str(refusal)]
    context = {
        "slice": queries.runs(request.actor, request.GET.get("cursor", "")),
        "errors": errors,
        "shapes": ImportRun.Shape.choices,
    }
    return page(request, "intake/imports.html", context, status=422 if errors else 200)


@door(rules.IMPORT)
@methods("GET", "POST")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: the mapping before it starts, the progress while it runs, the report after. POST maps and starts."""
    found = queries.find(pk, request.actor)
    trouble = ""
    if request.method == "POST":
        try:
            found = actions.map_columns(found, by=request.actor, **_given(request, found))
            if request.POST.get("act") != "preview":
                actions.start(found, by=request.actor)
                return go(request, reverse("intake:run", args=[pk]))
        except Refusal as refusal:
            trouble = str(refusal)
    return page(
        request, "intake/run.html", _context(request, found, trouble), block="report", status=422 if trouble else 200
    )


def _given(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    post = request.POST
    mapping = {name: post.get(f"c-{i}", "") for i, name in enumerate(run.header)}
    states = {k.removeprefix("s-"): v for k, v in post.items() if k.startswith("s-") and v in columns.MEANINGS}
    options = {
        "kind": post.get("kind", ""), "channel": post.get("channel", "import"), "category": post.get("category", ""),
        "list": post.get("list", "")[:40], "states": states, "make_departments": post.get("make_departments") == "on",
    }  # fmt: skip
    return {"mapping": mapping, "options": options, "shape": post.get("shape", run.shape)}


def _context(request: HttpRequest, run: ImportRun, trouble: str = "") -> dict[str, Any]:
    context: dict[str, Any] = {
        "run": run,
        "trouble": trouble,
        "tally": queries.tally(run),
        "may_undo": rules.UNDO.allows(request.actor, run),
    }
    if run.state == ImportRun.State.RECEIVED:
        looks, distinct = queries.preview(run)
        context |= {
            "looks": looks, "states": [(s, run.options.get("states", {}).get(s) or columns.guess_meaning(s)) for s in distinct.get("states", [])],
            "meanings": columns.MEANINGS, "targets": [(t.code, t.label) for t in queries.targets(run)], "shapes": ImportRun.Shape.choices,
            "kinds": [(t.code, t.name) for t in record_templates.kinds()], "channels": Channel.choices, "categories": Category.choices,
        }  # fmt: skip
    else:
        outcome = request.GET.get("outcome", "")
        chosen = outcome if outcome in ImportRow.Outcome.values else ""
        context |= {
            "outcome": chosen,
            "slice": queries.rows(run, chosen, request.GET.get("cursor", "")),
            "outcome_views": [
                {
                    "text": o.label,
                    "href": f"?outcome={o.value}",
                    "current": o.value == chosen,
                    "count": context["tally"][o.value],
                }
                for o in ImportRow.Outcome
            ],
        }
    return context


@door(rules.IMPORT)
@poll
@methods("GET")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress part, asked every second while it runs."""
    found = queries.find(pk, request.actor)
    return page(request, "intake/progress.html", {"run": found, "tally": queries.tally(found)})


@door(rules.IMPORT)
@methods("GET")
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows with their reasons, as a file."""
    found = queries.find(pk, request.actor)
    rows = ([row.line, row.message] for row in queries.refused(found))
    return download(f"import-{pk}-refused", "csv", ["line", "reason"], rows)


@door(rules.IMPORT)
@methods("POST")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    actions.undo(queries.find(pk, request.actor), by=request.actor)
    return go(request, reverse("intake:run", args=[pk]))


@door(rules.IMPORT)
@methods("POST")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a run that stopped."""
    actions.start(queries.find(pk, request.actor), by=request.actor)
    return go(request, reverse("intake:run", args=[pk]))
