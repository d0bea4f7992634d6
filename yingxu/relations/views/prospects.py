"""Prospects: the board, the list, how many came how far, and the steps of one."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from yingxu.base import clock, sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.customers import queries as customers
from yingxu.customers import rules as customer_rules
from yingxu.customers.models import Customer
from yingxu.people import queries as people
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from ..models import Prospect, Step
from ..queries import ProspectWish
from .ways import lists, sent

SORTS = (
    ("-since", gettext_lazy("Latest move first")), ("since", gettext_lazy("Longest standing first")), ("-amount", gettext_lazy("Largest amount first")),
    ("expected", gettext_lazy("Expected soonest first")),
)  # fmt: skip
OUTCOMES = (("open", gettext_lazy("Pursued")), ("won", gettext_lazy("Won")), ("lost", gettext_lazy("Given up")), ("all", gettext_lazy("All prospects")))
KEYS = ("step", "outcome", "owner", "old", "reached", "after", "sort")
USUAL = {"outcome": "open", "sort": "-since"}


def address(asked: ProspectWish, to: str = "relations:prospects", **over: Any) -> str:
    values = {"q": asked.text, **{key: getattr(asked, key) for key in KEYS}} | over
    kept = {key: value for key, value in values.items() if value and value != USUAL.get(key)}
    return reverse(to) + (f"?{urlencode(kept)}" if kept else "")


@door(customer_rules.VIEW)
@methods("GET")
def prospects(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, queries.prospect_wish(request.GET)
    found, steps = queries.prospects_listed(by, asked, request.GET.get("cursor", "")), queries.pipeline()
    context = {
        "wish": asked, "slice": found, "rows": [row(p, steps) for p in found.rows], "address": address, "sorts": SORTS, "outcomes": OUTCOMES, "keys": KEYS,
        "steps": [(code, steps.name_of(code)) for code in Step.values], "ways": ways(asked, "list"), "filters": _filters(asked), "entries": lists(by, "prospects"), "may_export": by.may(rules.EXPORT),
    }  # fmt: skip
    return page(request, "relations/prospects.html", context, block="rows")


@door(customer_rules.VIEW)
@methods("GET")
def board(request: HttpRequest) -> HttpResponse:
    """The steps side by side; a card opens its customer and goes into another step by its menu, by the keyboard or dragged. On a phone
    one step at a time."""
    by, given = request.actor, request.GET
    asked = queries.prospect_wish({key: given.get(key, "") for key in ("owner", "q")})
    found, rules_ = queries.board(by, asked), queries.pipeline()
    here = next((c["step"] for c in found if c["step"] == given.get("step")), next((c["step"] for c in found if c["n"]), Step.IDENTIFY))
    columns = [
        {**column, "cards": [_card(p, by, rules_) for p in column["cards"]], "here": column["step"] == here, "here_href": address(asked, "relations:board", step=column["step"]),
         "href": address(asked, outcome="won", reached=Step.CONTRACT, after=column["after"]) if column["won"] else address(asked, step=column["step"])}
        for column in found
    ]  # fmt: skip
    context = {
        "columns": columns, "entries": lists(by, "board"), "mine": address(asked, "relations:board", owner=by.user_id), "everybody": address(asked, "relations:board", owner=None),
        "wish": asked, "may": by.may(rules.PURSUE), "ways": ways(asked, "board"), "here": request.get_full_path(),
        "acts": [("move", _("Move on")), ("next", _("Plan the next step")), ("amend", _("Change what is expected")), ("lose", _("Give up"))],
    }  # fmt: skip
    return page(request, "relations/board.html", context)


def ways(asked: ProspectWish, here: str) -> list[dict[str, Any]]:
    """The same prospects as a board and as a list."""
    return [
        {"text": _("Board"), "href": address(ProspectWish(asked.text, owner=asked.owner), "relations:board"), "current": here == "board"},
        {"text": pgettext("beside a board", "List"), "href": address(asked), "current": here == "list"},
    ]


def _card(prospect: Prospect, by: Actor, steps: queries.Pipeline) -> dict[str, Any]:
    """A prospect on the board: where it is moved, for whoever may, and into which steps nothing is asked."""
    may = prospect.ended_at is None and rules.PURSUE.allows(by, prospect.customer)
    move = reverse("relations:prospect_act", args=[prospect.customer.matter.number, "move"]) if may else ""
    return row(prospect, steps) | {"move": move, "free": " ".join(steps.free(prospect))}


@door(customer_rules.VIEW)
@methods("GET")
def conversion(request: HttpRequest) -> HttpResponse:
    """How many came how far in a time; each number opens its prospects."""
    days = {"30": 30, "90": 90, "365": 365}.get(request.GET.get("days", ""), 90)
    after = clock.today() - timedelta(days=days)
    rows = [
        {**r, "href": address(ProspectWish(outcome="all", reached=r["step"], after=after))}
        for r in queries.conversion(request.actor, after)
    ]  # fmt: skip
    return page(request, "relations/conversion.html", {"rows": rows, "days": days, "entries": lists(request.actor, "conversion"), "spans": (30, 90, 365)})


def row(prospect: Prospect, steps: queries.Pipeline) -> dict[str, Any]:
    """How a prospect looks in a list: how long it has stood in its step, and whether that is too long."""
    stood = ((prospect.ended_at or clock.now()) - prospect.since).days
    late = prospect.ended_at is None and stood >= steps.limit(prospect.step)
    return {
        "p": prospect, "c": prospect.customer, "step": steps.name_of(prospect.step), "stood": ngettext("%(n)s day in this step", "%(n)s days in this step", stood) % {"n": stood},
        "late": late, "tone": {"won": "good", "lost": "bad"}.get(prospect.outcome, ""),
    }  # fmt: skip


def _filters(asked: ProspectWish) -> list[tuple[Any, Any, str]]:
    found: list[tuple[Any, Any, str]] = []
    if asked.step:
        found.append((_("Step"), queries.name_of(asked.step), address(asked, step="")))
    if asked.outcome != "open":
        found.append((_("Outcome"), dict(OUTCOMES)[asked.outcome], address(asked, outcome="open")))
    if asked.reached:
        found.append((_("Came into"), queries.name_of(asked.reached), address(asked, reached="", after=None)))
    if asked.old:
        found.append((_("Standing"), _("too long"), address(asked, old="")))
    if asked.owner:
        found.append((_("Pursued by"), getattr(people.user(asked.owner), "name", asked.owner), address(asked, owner=None)))
    return found


@door(rules.EXPORT)
@methods("POST")
def export_prospects(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [
        _("Register number"), _("Customer name"), _("Step"), _("Outcome"), _("Where it came from"), _("Pursued by"), _("Expected amount in yuan"), _("Expected by"),
        _("Next step"), _("Since"), _("Reason"),
    ]  # fmt: skip
    found = actions.export_prospects(by=request.actor, wish=queries.prospect_wish(request.POST))
    steps = queries.pipeline()
    rows = (
        [p.customer.matter.number, p.customer.name, steps.name_of(p.step), p.get_outcome_display(), p.source, p.owner.name if p.owner else "", p.expected_amount,
         p.expected_on, p.task.title if p.task else "", p.since, p.reason]
        for p in found
    )  # fmt: skip
    return sheets.download(str(_("Prospects")), heads, rows, kind=kind)


# ── one customer ──


def load_prospects(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of the customer's page."""
    steps = queries.pipeline()
    pursued = [row(p, steps) | {"facts": _facts(p, steps), "moves": [(m, steps.name_of(m.to)) for m in p.moves.all()]} for p in queries.prospects_of(customer)]
    open_ = bool(pursued) and pursued[0]["p"].ended_at is None
    return {"pursued": pursued, "open": open_, "may": rules.PURSUE.allows(by, customer), "number": customer.matter.number}


def _facts(prospect: Prospect, steps: queries.Pipeline) -> list[tuple[str, str]]:
    labels = {fact["code"]: fact["label"] for step in Step.values for fact in steps.facts_of(step)}
    return [(labels.get(code, code), words) for code, words in prospect.facts.items()]


@door(rules.PURSUE)
@methods("GET", "POST")
def prospect_act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One verb on the prospect of a customer file: pursue, amend, move, next, lose."""
    customer, by = customers.one(number, request.actor), request.actor
    open_ = next((p for p in queries.prospects_of(customer) if p.ended_at is None), None)
    back = reverse("customers:profile", args=[number]) + "?part=prospects"
    if verb == "pursue":
        form, act, title, said = forms.Pursue(sent(request)), actions.pursue, _("Take up as a prospect"), _("Taken up")
    elif verb not in ("amend", "move", "next", "lose") or open_ is None:
        raise Gone()
    elif verb == "amend":
        first = {key: getattr(open_, key) for key in ("source", "expected_amount", "expected_on", "owner")}
        form, act, title, said = forms.Pursue(sent(request), initial=first), actions.amend, _("Change what is expected"), _("Saved")
    elif verb == "move":
        form, act, title, said = forms.MoveOn(sent(request), prospect=open_, to=request.GET.get("step", "")), actions.move, _("Move on"), _("Moved on")  # type: ignore[assignment]
    elif verb == "next":
        form, act, title, said = forms.NextStep(sent(request)), actions.plan_step, _("Plan the next step"), _("Planned")  # type: ignore[assignment]
    else:
        form, act, title, said = forms.GiveUp(sent(request)), actions.give_up, _("Give up"), _("Given up")  # type: ignore[assignment]
    return ask(
        request, form, lambda **given: act(customer, by=by, **given), title=title, said=said, address=reverse("relations:prospect_act", args=[number, verb]), back=back,
        number=number, subject=customer.name, danger=verb == "lose",
    )  # fmt: skip


