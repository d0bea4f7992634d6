"""Rounds, one round for whoever looks after it, one's list, one customer of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.actions import look

from .. import actions, fields, queries, rules
from ..models import Check, Round
from ..models.rounds import DONE
from .frame import entries

R = Check.Result


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, kind = request.actor, request.GET.get("kind", "")
    if kind not in ("", *Round.Kind.values):
        raise Invalid(_("This list has no such filter."), code="filter")
    found, rates, late = queries.rounds.listed(by, kind, request.GET.get("cursor", ""))
    tail = f"&kind={kind}" if kind else ""
    context = {
        "rows": [(one, rates.get(one.pk, queries.rounds.Rate()), late.get(one.pk, 0)) for one in found.rows], "mine": queries.rounds.mine(by), "kind": kind,
        "previous": f"?cursor={found.previous}{tail}" if found.previous else None, "next": f"?cursor={found.next}{tail}" if found.next else None,
        "entries": entries(by, f"rounds{kind}"), "today": clock.today(),
    }  # fmt: skip
    return page(request, "upkeep/rounds.html", context)


@door(rules.VIEW)
@methods("GET")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    by = request.actor
    found = queries.rounds.round(pk, by)
    context = {
        "round": found, "overview": queries.rounds.overview(found, by), "entries": entries(by, f"rounds{found.kind}"), "today": clock.today(),
        "may_export": by.may(rules.EXPORT), "results": R.choices,
    }  # fmt: skip
    return page(request, "upkeep/round.html", context)


@door(rules.VIEW)
@methods("GET")
def behind(request: HttpRequest, pk: int, result: str) -> HttpResponse:
    """The rows behind a figure of a round."""
    by = request.actor
    found, wanted = queries.rounds.round(pk, by), "" if result == "open" else result
    if wanted not in R.values:
        raise Gone()
    rows = list(queries.rounds.to_export(found, by).filter(result=wanted)[:500])
    for matter in {row.customer.matter_id: row.customer.matter for row in rows}.values():
        look(matter, by=by, work="upkeep")
    context = {"round": found, "rows": [(row, fields.label(row.field)) for row in rows], "name": R(wanted).label, "entries": entries(by, f"rounds{found.kind}")}
    return page(request, "upkeep/rows.html", context)


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest, pk: int) -> HttpResponse:
    by = request.actor
    found = queries.rounds.round(pk, by)
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [pgettext("upkeep", "List"), _("Looked after by"), _("Department"), _("Register number"), _("Customer name"), _("Field"), pgettext("check", "Result"), _("What was tried"), pgettext("check", "At"), pgettext("check", "By"), _("Times carried over")]
    names = fields.known()
    return sheets.download(f"{found.get_kind_display()} {found}", heads, (_cells(row, names) for row in actions.export_round(found, by=by)), kind=kind)


def _cells(row: Check, names: dict[str, str]) -> list[Any]:
    matter = row.sheet.matter
    return [
        matter.number, matter.owner and matter.owner.name, matter.department and matter.department.name, row.customer.number, row.customer.name,
        names.get(row.field, row.field), row.get_result_display(), row.words, row.at, row.by and row.by.name, row.times or "",
    ]  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """One's list: the customers with something open first."""
    by = request.actor
    found = queries.rounds.sheet(number, by)
    lines = queries.rounds.lines(found, by)
    for here in lines:
        look(here.customer.matter, by=by, work="upkeep")
    rate = queries.rounds.rates(by, queries.rounds.rows(by).filter(sheet=found), "sheet").get(found.pk, queries.rounds.Rate())
    context = {
        "sheet": found, "lines": lines, "rate": rate, "labels": queries.rounds.labels(lines), "today": clock.today(),
        "entries": entries(by, f"rounds{found.round.kind}"), "may": rules.DO.allows(by, found) and not found.round.closed_at,
    }  # fmt: skip
    return page(request, "upkeep/sheet.html", context)


@door(rules.VIEW)
@methods("GET", "POST")
def line(request: HttpRequest, number: str, customer: int) -> HttpResponse:
    """One customer of a list: each field with what the file says now, what came of it, and on to the next."""
    by = request.actor
    found = queries.rounds.sheet(number, by)
    here = queries.rounds.line(found, customer, by)
    errors, refusal, status = {}, None, 200
    if request.method == "POST":
        results = {check.field: request.POST.get(f"result-{check.field}", "") for check in here.checks}
        if "all" in request.POST:
            results = {check.field: R.CONFIRMED for check in here.open}
        values = {check.field: request.POST.get(f"value-{check.field}", "") for check in here.checks}
        try:
            actions.check(found, by=by, customer=customer, results=_new(here, results), values=values, words=request.POST.get("words", ""))
        except Invalid as wrong:
            errors, refusal, status = wrong.fields, wrong, 422
        except Refusal as wrong:
            refusal, status = wrong, wrong.status
        else:
            following = queries.rounds.following(found, by, customer)
            to = reverse("upkeep:line", args=[number, following]) if following else reverse("upkeep:sheet", args=[number])
            return toast(go(request, to), _("Kept; here is the next one") if following else _("The whole list is done"))
    look(here.customer.matter, by=by, work="upkeep")
    context = {
        "sheet": found, "line": here, "errors": errors, "refusal": refusal, "given": request.POST, "results": [(r.value, r.label) for r in DONE],
        "may": rules.DO.allows(by, found) and not found.round.closed_at, "left": queries.rounds.rates(by, queries.rounds.rows(by).filter(sheet=found), "sheet").get(found.pk),
        "entries": entries(by, f"rounds{found.round.kind}"), "following": queries.rounds.following(found, by, customer),
    }  # fmt: skip
    return page(request, "upkeep/line.html", context, status=status)


def _new(here: queries.rounds.Line, results: dict[str, str]) -> dict[str, str]:
    """What differs from what is kept already."""
    kept = {check.field: check.result for check in here.checks}
    return {field: result for field, result in results.items() if result and result != kept[field]}
