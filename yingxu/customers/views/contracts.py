"""Contracts: the list of all, one with its collection plan, and a form for every verb."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page
from yingxu.files import queries as files
from yingxu.people import queries as people

from .. import actions, forms, labels, queries, rules
from ..models import Contract, Customer
from ..queries.contracts import SHOWS, SORTS, Wish
from .index import places_nav
from .ways import opened, small


def wish(asked: Any) -> Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    show, sort, owner = asked.get("show", "open"), asked.get("sort") or "ends", asked.get("owner", "")
    if show not in SHOWS or sort not in SORTS or (owner and not (owner.isascii() and owner.isdigit() and len(owner) < 19)):
        raise Invalid(_("This list has no such filter."))
    return Wish(text=asked.get("q", "").strip()[:100], show=show, owner=int(owner) if owner else None, sort=sort)


def _address(asked: Wish, **over: Any) -> str:
    values = {"q": asked.text, "show": asked.show, "owner": asked.owner, "sort": asked.sort, **over}
    kept = {k: v for k, v in values.items() if (k, v) not in (("show", "open"), ("sort", "ends")) and (v or k == "show")}
    return reverse("customers:contract_list") + (f"?{urlencode(kept)}" if kept else "")


def shows() -> list[tuple[str, Any]]:
    return [("open", _("Draft or in force")), ("ending", _("Ending soon")), ("arrears", _("In arrears")), ("", _("All contracts")), *Contract.State.choices]


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.contracts.index(by, asked, request.GET.get("cursor", ""))
    filters = []
    if asked.owner:
        filters.append((_("Looked after by"), getattr(people.user(asked.owner), "name", asked.owner), _address(asked, owner="")))
    context = {
        "wish": asked, "slice": found, "address": _address, "shows": shows(), "filters": filters, "entries": places_nav(by, "contracts"), "today": clock.today(),
        "may_export": by.may(rules.EXPORT), "sorts": [("ends", _("Next to end")), ("-opened", pgettext("contract", "Newest first")), ("-amount", _("Largest first")), ("customer", _("By customer"))],
    }  # fmt: skip
    return page(request, "customers/contracts.html", context, block="rows")


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    columns = ("reference", "kind", "ours", "theirs", "amount", "currency", "signed_on", "begins_on", "ends_on", "renewal", "state")
    found = actions.export_contracts(wish(request.POST), by=request.actor)
    heads = [_("Register number"), _("Title"), _("Customer"), _("Customer number"), *(labels.column("contract", c) for c in columns), _("Looked after by"), _("Planned"), _("Paid"), _("In arrears")]
    rows = (
        [c.number, c.title, c.customer.name, c.customer.matter.number, *(getattr(c, f"get_{k}_display")() if k in ("renewal", "state") else getattr(c, k) for k in columns),
         c.owner.name if c.owner else "", c.planned, c.received, _("Yes") if c.late else ""]
        for c in found
    )  # fmt: skip
    return sheets.download(f"{_('Contracts')} {clock.today().isoformat()}", heads, rows, kind=kind)


@door(rules.VIEW)
@methods("GET")
def contract(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = queries.contracts.one(customer, pk, request.actor)
    opened(request, customer, found.number, above=files.above(found.files.all()))
    context = {
        "customer": customer, "c": found, "totals": queries.contracts.totals(found), "today": clock.today(), "may": rules.CONTRACT.allows(request.actor, customer),
        "address": files.address, "most": files.most_level(request.actor, customer.matter), "is_picture": files.is_picture,
    }  # fmt: skip
    return page(request, "customers/contract.html", context)


@door(rules.CONTRACT)
@methods("GET", "POST")
def draw_up(request: HttpRequest, number: str) -> HttpResponse:
    customer = queries.one(number, request.actor)
    first = {"theirs": customer.name, "owner": request.actor.user_id, "currency": "CNY"}

    def verb(data: dict[str, Any]) -> Any:
        data.pop("version")
        return actions.draw_up(customer, by=request.actor, **data)

    return small(request, customer, forms.ContractForm, verb, _("New contract"), place="contract", by=request.actor, matter=customer.matter, first=first, back=_tab(customer))


@door(rules.CONTRACT)
@methods("GET", "POST")
def edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = queries.contracts.one(customer, pk, request.actor)
    first = {key: getattr(found, key) for key in forms.ContractForm.base_fields if key not in ("scans", "level", "why")}
    return small(
        request, customer, forms.ContractForm, lambda data: actions.amend_contract(customer, found, by=request.actor, **data), _("Change the contract"),
        place="contract", key=pk, by=request.actor, matter=customer.matter, first=first | {"owner": found.owner_id}, back=_page(customer, pk), mark=lambda: ("version", queries.contracts.one(customer, pk, request.actor).version),
    )  # fmt: skip


def _plan(customer: Customer, found: Contract, by: Any, data: dict[str, Any]) -> Any:
    return actions.plan_collection(customer, found, by=by, **data)


VERBS: dict[str, tuple[Any, Any, Any]] = {
    "sign": (None, lambda customer, found, by, data: actions.put_in_force(customer, found, by=by), lambda: _("Put in force")),
    "plan": (forms.Plan, _plan, lambda: _("Plan the collection")),
    "end": (forms.Reason, lambda customer, found, by, data: actions.end_contract(customer, found, by=by, **data), lambda: _("End the contract")),
    "renewal": (forms.Renewal, lambda customer, found, by, data: actions.renew(customer, found, by=by, **data), lambda: _("Renew the contract")),
}


@door(rules.CONTRACT)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, pk: int, verb: str) -> HttpResponse:
    """Sign, plan, end, renew."""
    customer = queries.one(number, request.actor)
    found = queries.contracts.one(customer, pk, request.actor)
    if verb not in VERBS or (VERBS[verb][0] is None and request.method != "POST"):
        raise Gone()
    shape, run, title = VERBS[verb]
    if shape is None:
        run(customer, found, request.actor, {})
        return go(request, _page(customer, pk))
    first = {"instalments": forms.Plan.written(list(found.instalments.all()))} if verb == "plan" else {"begins_on": found.ends_on, "amount": found.amount}
    return small(request, customer, shape, lambda data: run(customer, found, request.actor, data), title(), first=first, back=_page(customer, pk))


@door(rules.CONTRACT)
@methods("GET", "POST")
def pay(request: HttpRequest, number: str, pk: int, row: int) -> HttpResponse:
    """Money came in on an instalment."""
    customer = queries.one(number, request.actor)
    found = queries.contracts.one(customer, pk, request.actor)
    return small(
        request, customer, forms.Payment, lambda data: actions.pay(customer, found, by=request.actor, instalment=row, **data), _("Note a payment"),
        first={"paid_on": clock.today()}, back=_page(customer, pk),
    )  # fmt: skip


def _page(customer: Customer, pk: int) -> str:
    return reverse("customers:contract", args=[customer.matter.number, pk])


def _tab(customer: Customer) -> str:
    return reverse("customers:profile", args=[customer.matter.number]) + "?part=contracts"
