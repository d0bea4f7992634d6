"""The list of customers and its file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import door, methods, page
from yingxu.people import queries as people

from .. import actions, panels, queries, rules
from ..models import Customer
from ..shown import Sheet


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    found = {key: asked.get(key, "").strip()[:100] for key in ("type", "grade", "tag")}
    for key in ("owner", "department"):
        value = asked.get(key, "")
        if value and not (value.isascii() and value.isdigit() and len(value) < 19):
            raise Invalid(_("This list has no such filter."))
        found[key] = int(value) if value else None
    sort = asked.get("sort") or "-opened"
    if sort not in queries.SORTS or found["type"] not in ["", *Customer.Type.values] or found["grade"] not in ["", "-", *Customer.Grade.values]:
        raise Invalid(_("This list has no such filter."))
    return queries.Wish(text=asked.get("q", ""), sort=sort, **found)


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    asked = wish(request.GET)
    found = queries.index(request.actor, asked, request.GET.get("cursor", ""))
    context = {
        "wish": asked, "slice": found, "rows": [Sheet(c) for c in found.rows], "address": _address, "types": Customer.Type.choices,
        "grades": Customer.Grade.choices, "tags": queries.tags_in_use(request.actor), "filters": _filters(asked),
        "entries": places_nav(request.actor, "customers", asked), "may": {"add": request.actor.may(rules.EDIT), "export": request.actor.may(rules.EXPORT)},
    }  # fmt: skip
    return page(request, "customers/index.html", context, block="rows")


def _address(asked: queries.Wish, **over: Any) -> str:
    """The list's address with some of the wishes changed; the page begins anew."""
    values = {"q": asked.text, **{k: getattr(asked, k) for k in ("type", "grade", "tag", "owner", "department", "sort")}, **over}
    if values["sort"] == "-opened":
        values.pop("sort")
    kept = {k: v for k, v in values.items() if v}
    return reverse("customers:index") + (f"?{urlencode(kept)}" if kept else "")


def _filters(asked: queries.Wish) -> list[tuple[Any, Any, str]]:
    """Conditions in force: name, value, the address without it."""
    found: list[tuple[Any, Any, str]] = []
    if asked.type:
        found.append((_("Customer type"), Customer.Type(asked.type).label, _address(asked, type="")))
    if asked.grade:
        found.append((_("Grade"), asked.grade if asked.grade != "-" else _("none"), _address(asked, grade="")))
    if asked.tag:
        found.append((_("Tag"), asked.tag, _address(asked, tag="")))
    if asked.owner:
        found.append((_("Looked after by"), getattr(people.user(asked.owner), "name", asked.owner), _address(asked, owner="")))
    if asked.department:
        found.append((_("Department"), getattr(people.department(asked.department), "name", asked.department), _address(asked, department="")))
    return found


def places_nav(by: Actor, current: str, asked: queries.Wish | None = None) -> list[dict[str, Any]]:
    """The views of the customers' lists, for the side of each."""
    views: list[tuple[Any, str, dict[str, Any]]] = [(_("All customers"), "customer", {}), (_("I look after"), "pin", {"owner": by.user_id})]
    if by.department_id:
        views.append((_("My department"), "org", {"department": by.department_id}))
    views += [(_("Organisations"), "box", {"type": "organisation"}), (_("Persons"), "users", {"type": "person"})]
    entries = [
        {"text": text, "icon": icon, "href": _address(queries.Wish(), **over), "current": current == "customers" and asked == queries.Wish(**over)}
        for text, icon, over in views
    ]
    more = [(_("Dealings"), "chat", "dealing_list", True), (_("Contracts"), "contract", "contract_list", True), (_("Perhaps the same"), "merge", "suspected", by.may(rules.MERGE))]
    others = [{"text": text, "icon": icon, "href": reverse(f"customers:{name}"), "current": current == name.removesuffix("_list") + ("s" if "_" in name else "")} for text, icon, name, may in more if may]
    others += [{"text": one.label, "icon": one.icon, "href": reverse(one.url_name), "current": False} for one in panels.LISTS if by.may(one.rule)]
    return [{"heading": _("Customers")}, *entries, {"heading": _("Across all files")}, *others]


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    found = actions.export(wish(request.POST), by=request.actor)
    heads = [
        _("Register number"), _("Customer name"), _("Customer type"), _("Grade"), _("Industry"), _("Contacts"), _("Phone"), _("E-mail"), _("Address"), _("Tags"),
        _("Looked after by"), _("Department"), _("Customer since"), _("File opened"),
    ]  # fmt: skip
    return sheets.download(str(_("Customers")), heads, (Sheet(c).cells for c in found), kind=kind)
