"""Customers by class: the list, how many are of which, how one came about, and a person who says otherwise."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.customers import queries as customers
from yingxu.customers import rules as customer_rules
from yingxu.customers.models import Customer
from yingxu.people import queries as people
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules, words
from ..models import Dimension
from ..queries import Wish
from .ways import lists, sent

SORTS = (
    ("-contribution", gettext_lazy("Largest contribution first")), ("contribution", gettext_lazy("Smallest contribution first")), ("grade", gettext_lazy("By grade")),
    ("-last", gettext_lazy("Latest dealing first")), ("last", gettext_lazy("Longest silence first")), ("name", gettext_lazy("By name")),
)  # fmt: skip
TONES = {"lost": "bad", "declining": "warn", "growing": "good", "won_back": "good", "loyal": "good"}
FILTERS = ("grade", "stage", "tenure", "size", "industry", "type")


def named(dimension: str) -> Any:
    return _("Industry") if dimension == "industry" else _("Customer type") if dimension == "type" else words.dimension(dimension)


def address(asked: Wish, **over: Any) -> str:
    """The list's address with some of the wishes changed; the page begins anew."""
    values = {"q": asked.text, **{key: getattr(asked, key) for key in (*FILTERS, "set", "owner", "sort")}} | over
    kept = {key: value for key, value in values.items() if value and (key, value) != ("sort", "-contribution")}
    return reverse("relations:index") + (f"?{urlencode(kept)}" if kept else "")


@door(customer_rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, queries.asked(request.GET)
    found, sizes = queries.listed(by, asked, request.GET.get("cursor", "")), queries.sizes()
    picks = [(key, named(key), [*queries.choices(key), ("-", _("none"))]) for key in Dimension.values if queries.choices(key)]
    picks.append(("industry", _("Industry"), [(name, name) for name in queries.industries(by)]))
    context = {
        "wish": asked, "slice": found, "rows": [_row(c, sizes) for c in found.rows], "address": address, "picks": picks, "sorts": SORTS,
        "filters": _filters(asked, sizes), "entries": lists(by, "classes"), "may_export": by.may(rules.EXPORT), "keys": [*FILTERS, "set", "owner", "sort"],
    }  # fmt: skip
    return page(request, "relations/index.html", context, block="rows")


def _row(customer: Customer, sizes: dict[str, str]) -> dict[str, Any]:
    standing = getattr(customer, "standing", None)
    told = [(words.value(key, code, sizes), TONES.get(code, "")) for key in ("stage", "tenure", "size") if (code := getattr(standing, key, ""))]
    return {"customer": customer, "standing": standing, "classes": told}


def _filters(asked: Wish, sizes: dict[str, str]) -> list[tuple[Any, Any, str]]:
    """Conditions in force: name, value, the address without it."""
    found: list[tuple[Any, Any, str]] = []
    for key in FILTERS:
        if value := getattr(asked, key):
            said = _("none") if value == "-" else Customer.Type(value).label if key == "type" else words.value(key, value, sizes)
            found.append((named(key), said, address(asked, **{key: ""})))
    if asked.owner:
        found.append((_("Looked after by"), getattr(people.user(asked.owner), "name", asked.owner), address(asked, owner=None)))
    if asked.set:
        found.append((_("Class"), _("set by a person"), address(asked, set="")))
    return found


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind, sizes = "csv" if request.POST.get("kind") == "csv" else "xlsx", queries.sizes()
    found = actions.export_classes(by=request.actor, wish=queries.asked(request.POST))
    heads = [
        _("Register number"), _("Customer name"), _("Customer type"), _("Industry"), *(named(key) for key in Dimension.values), _("Contribution"), _("Latest dealing"),
        _("Looked after by"), _("Tags"),
    ]  # fmt: skip
    rows = (_cells(c, sizes) for c in found)
    return sheets.download(str(_("Classes")), heads, rows, kind=kind)


def _cells(customer: Customer, sizes: dict[str, str]) -> list[Any]:
    standing = getattr(customer, "standing", None)
    classes = [customer.grade, *(words.value(key, code, sizes) if (code := getattr(standing, key, "")) else "" for key in ("stage", "tenure", "size"))]
    owner = customer.matter.owner.name if customer.matter.owner else ""
    figures = [standing.contribution, standing.last_on] if standing else ["", ""]
    return [customer.matter.number, customer.name, customer.get_type_display(), customer.industry, *classes, *figures, owner, customer.tags]


@door(customer_rules.VIEW)
@methods("GET")
def distribution(request: HttpRequest) -> HttpResponse:
    """How many visible customers are of each class; each number opens its list."""
    by, sizes, parts = request.actor, queries.sizes(), []
    for key in (*Dimension.values, "industry"):
        counted = queries.counts(by, key)
        most, whole = max((n for _code, n in counted), default=0) or 1, sum(n for _code, n in counted) or 1
        rows = [
            {"name": words.value(key, code, sizes), "n": n, "most": most, "share": round(n * 100 / whole), "href": address(Wish(), **{key: code or "-"})}
            for code, n in counted[:20]
        ]  # fmt: skip
        parts.append((named(key), rows))
    return page(request, "relations/distribution.html", {"parts": parts, "entries": lists(by, "distribution"), "runs": queries.runs(1)})


# ── one customer ──


def load(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of the customer's page: each class, what the rules say, the figures behind, and every change."""
    found, sizes = queries.explained(customer), queries.sizes()
    standing, held, may = found["standing"], found["held"], rules.GRADE.allows(by, customer)
    rows = []
    for key in Dimension.values:
        if key == "size" and customer.type != "organisation":
            continue
        ruled = standing.by_rule.get(key, "") if standing else ""
        now = customer.grade if key == "grade" else getattr(standing, key, "")
        rows.append({
            "key": key, "name": named(key), "now": words.value(key, now, sizes), "ruled": words.value(key, ruled, sizes), "same": now == ruled,
            "held": held.get(key), "why": forms.because(key, ruled, standing) if standing else "",
        })  # fmt: skip
    history = [(t, named(t.dimension), words.value(t.dimension, t.old, sizes), words.value(t.dimension, t.new, sizes)) for t in queries.turns(customer)]
    return {"rows": rows, "standing": standing, "history": history, "may": may, "number": customer.matter.number, "figures": forms.figures(standing, customer)}


@door(rules.GRADE)
@methods("GET", "POST")
def override(request: HttpRequest, number: str, dimension: str) -> HttpResponse:
    customer, back = _found(request, number, dimension), _tab(number)
    form = forms.Otherwise(sent(request), choices=queries.choices(dimension))
    return ask(
        request, form, lambda **given: actions.override(customer, by=request.actor, dimension=dimension, **given), title=_("Set the class"), said=_("The class is set"),
        address=reverse("relations:override", args=[number, dimension]), back=back, number=number, subject=f"{customer.name} · {named(dimension)}",
    )  # fmt: skip


@door(rules.GRADE)
@methods("GET", "POST")
def take_back(request: HttpRequest, number: str, dimension: str) -> HttpResponse:
    customer, back = _found(request, number, dimension), _tab(number)
    return ask(
        request, forms.Back(sent(request)), lambda **given: actions.take_back(customer, by=request.actor, dimension=dimension, **given),
        title=_("Let the rules hold again"), said=_("The rules hold again"), address=reverse("relations:take_back", args=[number, dimension]), back=back, number=number,
        subject=f"{customer.name} · {named(dimension)}",
    )  # fmt: skip


def _found(request: HttpRequest, number: str, dimension: str) -> Customer:
    if dimension not in Dimension.values:
        raise Gone()
    return customers.one(number, request.actor)


def _tab(number: str) -> str:
    return reverse("customers:profile", args=[number]) + "?part=classes"
