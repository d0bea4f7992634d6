"""A customer's page: as it is, and as it was on a day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yingxu.base import clock
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.files import queries as files
from yingxu.files.events import AboutFile
from yingxu.matters import live as presence
from yingxu.matters.queries import grave

from .. import panels, queries, rules
from ..shown import profile_of, side, story, story_chips
from .out import moment_of
from .ways import opened, to

PARTS = ("overview", "dealings", "contracts", "papers", "history")


@door(rules.VIEW)
@methods("GET")
def profile(request: HttpRequest, number: str) -> HttpResponse:
    try:
        return show(request, number)
    except Gone:
        if address := grave(number, request.actor):
            return redirect(address)
        raise


def show(request: HttpRequest, number: str, *, revealed: dict | None = None, part: str = "") -> HttpResponse:
    """The page; `revealed` are clear values shown this once, by key of the number, "section.field" or "paper-key"."""
    by = request.actor
    customer = queries.profile(number, by, merged=True)
    moment = moment_of(request.GET.get("on", ""))
    if moment:
        made = queries.archive.of(customer, by, moment)
        opened(request, customer, f"as of {request.GET['on']}", above=made.above)
        context = {"customer": customer, "a": made, "on": request.GET["on"], "today": clock.today(), "give_out": rules.GIVE_OUT.allows(by, customer)}
        return page(request, "customers/as_of.html", context)
    if customer.merged_into_id:
        kept = queries.one(queries.kept(customer).matter.number, by)
        return redirect(f"{to(kept)}?from={number}")
    part = part or request.GET.get("part", "overview")
    tabs = panels.open_to(by)
    panel = next((p for p in tabs if p.name == part), None)
    if panel is None and part not in PARTS:
        raise Gone()
    opened(request, customer, f"part {part}" if part != "overview" else "")
    whole = part in ("overview", "history")
    among, merged = (queries.sections.levels(customer), queries.merges(customer)) if whole else ([], [])
    context = profile_of(customer, by, part, tabs, among) | {"revealed": revealed or {}, "panel": panel, "came_from": request.GET.get("from", "")[:24]}
    context |= {"merges": [], "here_mark": presence.here_mark(customer.matter), "today": clock.today(), "address": files.address, "most": files.most_level(by, customer.matter), "is_picture": files.is_picture}
    if part == "overview":
        if not customer.matter.guarded:
            opened(request, customer, "sections", above=queries.sections.above(customer, context["sections"]))
        context |= side(customer, by, merged, context["paper_days"])
    if whole:
        told = [(p, p.tell(customer, by)) for p in tabs if p.tell]
        kind = request.GET.get("story", "")
        chips = story_chips(told, kind)
        if not any(chip["current"] for chip in chips):
            raise Gone()
        months, more = story(customer, by, told, merged, among, kind=kind, most=30 if part == "overview" and not kind else 300)
        if not customer.matter.guarded and any(entry.line and isinstance(entry.line.event, AboutFile) for _month, rows in months for entry in rows):
            opened(request, customer, "story", above=1)
        context |= {"months": months, "more": more, "chips": chips, "open": [(p, [t for t in rows if t.open]) for p, rows in told]}
    if part == "dealings":
        context["listed"] = queries.dealings.of(customer)
    if part == "papers":
        context["papers"] = queries.papers.of(customer, by)
        if not customer.matter.guarded:  # that the page was opened is written down already
            opened(request, customer, "papers", above=files.above(f for p in context["papers"] for f in p.files.all()))
    if part == "contracts":
        context["contracts"] = [(c, queries.contracts.totals(c)) for c in queries.contracts.of(customer)]
    if panel:
        context["found"] = panel.load(customer, by)
    return page(request, "customers/profile.html", context)
