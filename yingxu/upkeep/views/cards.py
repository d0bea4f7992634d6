"""Customer cards by month, quarter, year: the list, one of them on screen and on paper, the export."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import clock, sheets
from yingxu.base.errors import Invalid
from yingxu.base.web import door, methods, page
from yingxu.customers.rules import VIEW
from yingxu.matters.actions import look
from yingxu.matters.queries import page_of
from yingxu.ui import show

from .. import actions, queries, rules
from .frame import entries

SHARES = ("in_time", "satisfied")


def _owner(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(_("This list has no such filter."), code="filter")
    return int(text) if text else None


@door(VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, request.GET
    span, owner, text = queries.cards.Span.of(asked.get("kind") or "month", asked.get("day", "")), _owner(asked.get("owner", "")), asked.get("q", "").strip()[:100]
    found = queries.cards.listed(by, asked.get("cursor", ""), owner=owner, text=text)
    figures = queries.cards.figures(by, [row.pk for row in found.rows], span)
    tail = f"&kind={span.kind}&day={span.first}" + (f"&owner={owner}" if owner else "")
    context = {
        "span": span, "rows": [(row, _cells(figures[row.pk])) for row in found.rows], "names": list(queries.cards.NAMES.values()), "kinds": queries.cards.KINDS, "owner": owner, "q": text,
        "owners": queries.cards.owners(by), "entries": entries(by, "cards"), "may_export": by.may(rules.EXPORT), "address": reverse("upkeep:cards"),
        "previous": f"?cursor={found.previous}{tail}" if found.previous else None, "next": f"?cursor={found.next}{tail}" if found.next else None,
    }  # fmt: skip
    return page(request, "upkeep/cards.html", context)


@door(VIEW)
@methods("GET")
def one(request: HttpRequest, number: str, kind: str, day: str) -> HttpResponse:
    """One page: what happened, the figures against the span before, what is next. Prints as it is."""
    by = request.actor
    card = queries.cards.card(number, queries.cards.Span.of(kind, day), by)
    look(card.customer.matter, by=by, detail=f"card {card.span}", ask=True)
    rows = [(code, name, said(code, now), said(code, then), _delta(code, now, then)) for code, name, now, then in card.rows]
    context = {"card": card, "rows": rows, "steps": [(task, page_of(task.matter)) for task in card.steps], "kinds": queries.cards.KINDS, "now": clock.now(), "printed_by": by.name}
    return page(request, "upkeep/card.html", context)


def said(code: str, value: Any) -> str:
    """A figure in words; nothing to count is a dash."""
    if value is None:
        return "–"
    return show.percent(value, 0) if code in SHARES else show.number(value)


def _delta(code: str, now: Any, then: Any) -> str:
    if now is None or then is None:
        return ""
    return show.points(now - then, 0) if code in SHARES else f"{now - then:+g}"


def _cells(figures: dict[str, Any]) -> list[str]:
    return [said(code, figures[code]) for code in queries.cards.NAMES]


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, request.POST
    span, kind = queries.cards.Span.of(asked.get("span") or "month", asked.get("day", "")), "csv" if asked.get("kind") == "csv" else "xlsx"
    rows = actions.export_cards(by=by, owner=_owner(asked.get("owner", "")), text=asked.get("q", "").strip()[:100])
    figures = queries.cards.figures(by, [row.pk for row in rows], span)
    heads = [_("Register number"), _("Customer name"), _("Looked after by"), _("Department"), _("Span"), *queries.cards.NAMES.values()]
    cells = ([r.number, r.name, r.matter.owner and r.matter.owner.name, r.matter.department and r.matter.department.name, str(span), *_cells(figures[r.pk])] for r in rows)
    return sheets.download(f"{_('Customer cards')} {span}", heads, cells, kind=kind)
