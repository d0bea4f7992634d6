"""A customer's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.matters import live as presence
from yingxu.matters.actions import look

from .. import panels, queries, rules
from ..shown import days, profile_of, side
from .ways import to

PARTS = ("overview", "history")


@door(rules.VIEW)
@methods("GET")
def profile(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, number)


def show(request: HttpRequest, number: str, *, revealed: dict[int, str] | None = None) -> HttpResponse:
    by = request.actor
    customer = queries.profile(number, by, merged=True)
    if customer.merged_into_id:
        kept = queries.one(queries.kept(customer).matter.number, by)
        return redirect(f"{to(kept)}?from={number}")
    look(customer.matter, by=by)
    tabs = panels.open_to(by)
    part = request.GET.get("part", "overview")
    panel = next((p for p in tabs if p.name == part), None)
    if panel is None and part not in PARTS:
        raise Gone()
    context = profile_of(customer, by, part, tabs) | {"revealed": revealed or {}, "panel": panel, "came_from": request.GET.get("from", "")[:24]}
    context |= {"merges": [], "here_mark": presence.here_mark(customer.matter)}
    if part == "overview":
        context |= side(customer, by)
        context |= {"briefs": [(p, dict(p.load(customer, by))) for p in tabs if p.brief]}
    context["days"] = days(queries.history(customer), most=12 if part == "overview" else 300) if panel is None else []
    if panel:
        context["found"] = panel.load(customer, by)
    return page(request, "customers/profile.html", context)
