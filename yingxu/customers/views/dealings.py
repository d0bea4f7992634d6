"""Dealings: written down on a file, struck out, listed for everybody; and the file given out."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Invalid
from yingxu.base.web import door, methods, page
from yingxu.people import queries as people

from .. import actions, forms, queries, rules
from ..models import Dealing
from ..queries.dealings import SORTS, Wish
from .index import places_nav
from .ways import small, to


def wish(asked: Any) -> Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    kind, sort, by = asked.get("kind") if "of" not in asked else asked.get("of"), asked.get("sort") or "-at", asked.get("by", "")
    days = {}
    for key in ("since", "until"):
        try:
            days[key] = parse_date(asked.get(key, "")) if asked.get(key) else None
        except ValueError:
            days[key] = None
        if asked.get(key) and days[key] is None:
            raise Invalid(_("This list has no such filter."))
    if (kind or "") not in ("", *Dealing.Kind.values) or sort not in SORTS or (by and not (by.isascii() and by.isdigit() and len(by) < 19)):
        raise Invalid(_("This list has no such filter."))
    return Wish(text=asked.get("q", "").strip()[:100], kind=kind or "", by=int(by) if by else None, open=asked.get("open") == "1", sort=sort, **days)


def _address(asked: Wish, **over: Any) -> str:
    values = {"q": asked.text, "kind": asked.kind, "by": asked.by, "since": asked.since, "until": asked.until, "open": "1" if asked.open else "", "sort": asked.sort, **over}
    kept = {k: v for k, v in values.items() if v and (k, v) != ("sort", "-at")}
    return reverse("customers:dealing_list") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.dealings.index(by, asked, request.GET.get("cursor", ""))
    filters = [(_("Dealt by"), getattr(people.user(asked.by), "name", asked.by), _address(asked, by=""))] if asked.by else []
    context = {
        "wish": asked, "slice": found, "address": _address, "kinds": Dealing.Kind.choices, "filters": filters, "entries": places_nav(by, "dealings"),
        "may_export": by.may(rules.EXPORT), "mine": by.user_id,
    }  # fmt: skip
    return page(request, "customers/dealings.html", context, block="rows")


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    found = actions.export_dealings(wish(request.POST.dict() | {"of": request.POST.get("of", "")}), by=request.actor)
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [_("When"), _("Customer"), _("Customer number"), pgettext("dealing", "Kind"), _("Dealt by"), _("Contact"), _("Place"), pgettext("dealing", "Content"), _("Next step"), _("Who does it"), _("By when"), _("State")]
    rows = (
        [d.at, d.customer.name, d.customer.matter.number, d.get_kind_display(), d.by_name, d.contact.name if d.contact else "", d.place, d.text, d.next_step,
         d.task.owner.name if d.task and d.task.owner else "", d.task.due_at if d.task else "", d.task.get_state_display() if d.task else ""]
        for d in found
    )  # fmt: skip
    return sheets.download(f"{_('Dealings')} {clock.today().isoformat()}", heads, rows, kind=kind)


@door(rules.LOG)
@methods("GET", "POST")
def write_down(request: HttpRequest, number: str) -> HttpResponse:
    customer = queries.one(number, request.actor)
    return small(
        request, customer, forms.DealingForm, lambda data: actions.write_down(customer, by=request.actor, **data), _("Write down a dealing"),
        place="dealing", first={"at": clock.now(), "next_owner": request.actor.user_id}, back=to(customer), of=customer,
    )  # fmt: skip


@door(rules.LOG)
@methods("GET", "POST")
def strike(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = queries.dealings.one(customer, pk)
    return small(request, customer, forms.Reason, lambda data: actions.strike(customer, found, by=request.actor, **data), _("Strike out"), back=to(customer) + "?part=dealings")
