"""The customers' pages: list, file, forms, merging."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import sheets
from yingxu.base.errors import Gone, Invalid, Stale
from yingxu.base.web import asked_by_htmx, door, go, methods, page
from yingxu.matters import live as presence
from yingxu.people import queries as people

from . import actions, identifiers, panels, queries, rules
from .actions.merging import CHOICES
from .events import field_label
from .forms import Edit, New, NewIdentifier, NewPerson, Person, blame
from .models import Contact, Customer
from .shown import Sheet, days, profile_of, side

PARTS = ("overview", "history")


def _to(customer: Customer, anchor: str = "") -> str:
    return reverse("customers:profile", args=[customer.matter.number]) + (f"#{anchor}" if anchor else "")


# ── list ──


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
        "entries": _entries(request, asked), "may": {"add": request.actor.may(rules.EDIT), "export": request.actor.may(rules.EXPORT)},
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


def _entries(request: HttpRequest, asked: queries.Wish) -> list[dict[str, Any]]:
    by = request.actor
    views = [(_("All customers"), "customer", {}), (_("I look after"), "pin", {"owner": by.user_id})]
    if by.department_id:
        views.append((_("My department"), "org", {"department": by.department_id}))
    views += [(_("Organisations"), "box", {"type": "organisation"}), (_("Persons"), "users", {"type": "person"})]
    entries = [
        {"text": text, "icon": icon, "href": _address(queries.Wish(), **over), "current": asked == queries.Wish(**over)}
        for text, icon, over in views
    ]
    return [{"heading": _("Customers")}, *entries]


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


# ── file ──


@door(rules.VIEW)
@methods("GET")
def profile(request: HttpRequest, number: str) -> HttpResponse:
    return _profile(request, number)


def _profile(request: HttpRequest, number: str, *, revealed: dict[int, str] | None = None) -> HttpResponse:
    by = request.actor
    customer = queries.profile(number, by, merged=True)
    if customer.merged_into_id:
        kept = queries.one(queries.kept(customer).matter.number, by)
        return redirect(f"{_to(kept)}?from={number}")
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


@door(rules.EDIT)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        first = {"name": request.GET.get("name", "")[:120], "owner": request.actor.user_id, "department": request.actor.department_id}
        return _form(request, New(by=request.actor, initial=first), doubles=[])
    form = New(request.POST, by=request.actor)
    if not form.is_valid():
        return _form(request, form, doubles=_doubles(request), status=422)
    doubles = _doubles(request)
    if any(d.certain for d in doubles) and not form.cleaned_data["sure"]:
        form.add_error(None, _("There is a customer with the same phone or e-mail. Open that file, or tick below that it is another one."))
        return _form(request, form, doubles=doubles, ask_sure=True, status=422)
    try:
        customer = actions.add(by=request.actor, **form.details)
    except Invalid as refusal:
        blame(form, refusal)
        return _form(request, form, doubles=doubles, status=422)
    return go(request, _to(customer))


@door(rules.EDIT)
@methods("POST")
def doubles(request: HttpRequest) -> HttpResponse:
    """Who it may be, while a new file is being typed. Changes nothing; a POST, so that numbers stay out of addresses."""
    context = {"doubles": _doubles(request), "may": {"merge": False}, "customer": None}
    return page(request, "customers/doubles.html", context)


def _doubles(request: HttpRequest) -> list[queries.Double]:
    given = []
    for key in ("phone", "email"):
        try:
            given.append(identifiers.read(key, request.POST.get(key, "")[:254]))
        except Invalid:
            continue
    return queries.duplicates_of(by=request.actor, name=request.POST.get("name", "")[:120], given=given)


def _form(request: HttpRequest, form: forms.Form, *, status: int = 200, **context: Any) -> HttpResponse:
    values = {"form": form, "customer": None, "theirs": None, "ask_sure": False, "may": {"merge": False}} | context
    return page(request, "customers/form.html", values, status=status)


@door(rules.EDIT)
@methods("GET", "POST")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    customer = queries.profile(number, request.actor)
    if request.method == "GET":
        keys = [key for key in Edit.base_fields if key not in ("owner", "department")]
        first = {key: getattr(customer, key) for key in keys}
        first |= {"owner": customer.matter.owner_id, "department": customer.matter.department_id}
        return _form(request, Edit(initial=first), customer=customer)
    form = Edit(request.POST)
    if not form.is_valid():
        return _form(request, form, customer=customer, status=422)
    try:
        actions.edit(customer, by=request.actor, version=form.cleaned_data["version"], **form.changes)
    except Stale as refusal:
        form.data = form.data.copy()
        form.data["version"] = queries.one(number, request.actor).version
        return _form(request, form, customer=customer, theirs=_differences(refusal), status=409)
    except Invalid as refusal:
        blame(form, refusal)
        return _form(request, form, customer=customer, status=422)
    return go(request, _to(customer))


def _differences(refusal: Stale) -> dict[Any, tuple[Any, Any]]:
    words = {"type": dict(Customer.Type.choices)}
    return {
        field_label(key): tuple(words.get(key, {}).get(value, value) for value in pair) for key, pair in refusal.theirs.items()
    }


@door(rules.EDIT)
@methods("POST")
def tags(request: HttpRequest, number: str) -> HttpResponse:
    customer = queries.one(number, request.actor)
    add = request.POST.get("add", "").replace("，", " ").replace("、", " ").split()
    actions.tag(customer, by=request.actor, add=add, remove=request.POST.getlist("remove"))
    return go(request, _to(customer))


# ── contacts and identifiers ──


@door(rules.EDIT)
@methods("GET", "POST")
def contacts(request: HttpRequest, number: str) -> HttpResponse:
    """A new contact."""
    customer = queries.one(number, request.actor)
    return _small(request, customer, NewPerson, lambda data: actions.add_contact(customer, by=request.actor, **data), _("Add contact"))


@door(rules.EDIT)
@methods("GET", "POST")
def contact(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = _contact(customer, pk)
    first = {key: getattr(found, key) for key in Person.base_fields}
    return _small(
        request, customer, Person, lambda data: actions.edit_contact(customer, found, by=request.actor, **data),
        _("Change contact"), first=first,
    )  # fmt: skip


@door(rules.EDIT)
@methods("POST")
def contact_active(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    active = request.POST.get("active") == "1"
    actions.retire_contact(customer, _contact(customer, pk), by=request.actor, active=active)
    return go(request, _to(customer))


def _contact(customer: Customer, pk: int) -> Contact:
    found = customer.contacts.filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


@door(rules.EDIT)
@methods("GET", "POST")
def numbers(request: HttpRequest, number: str) -> HttpResponse:
    """A further phone, mail address, ID number …"""
    customer = queries.one(number, request.actor)
    first = {"contact": request.GET.get("contact"), "type": request.GET.get("type", "phone")}
    return _small(
        request, customer, NewIdentifier, lambda data: actions.add_identifier(customer, by=request.actor, **data),
        _("Add number"), first=first, of=customer,
    )  # fmt: skip


@door(rules.EDIT)
@methods("POST")
def number_gone(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    actions.remove_identifier(customer, queries.identifier(customer, pk), by=request.actor)
    return go(request, _to(customer))


@door(rules.REVEAL)
@methods("POST")
def reveal(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The clear value for 30 seconds; the journal says who looked."""
    customer = queries.one(number, request.actor)
    found = queries.identifier(customer, pk)
    text = actions.reveal(found, by=request.actor, need=request.GET.get("need", ""), reason=request.POST.get("reason", ""))
    if asked_by_htmx(request):
        return page(request, "customers/revealed.html", {"text": text, "covered": found.masked})
    response = _profile(request, number, revealed={found.pk: text})
    response["Refresh"] = f"30; url={_to(customer)}"
    return response


def _small(
    request: HttpRequest, customer: Customer, shape: type[forms.Form], verb: Any, title: str, *, first: dict | None = None, **more: Any
) -> HttpResponse:  # fmt: skip
    """A short form on a page of its own, also opened in a dialog of the customer's page."""
    form = shape(request.POST, **more) if request.method == "POST" else shape(initial=first or {}, **more)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                verb(form.cleaned_data)
                return go(request, _to(customer))
            except Invalid as refusal:
                blame(form, refusal)
        status = 422
    return page(request, "customers/small.html", {"form": form, "customer": customer, "title": title}, status=status)


# ── merging ──


@door(rules.MERGE)
@methods("GET", "POST")
def merge(request: HttpRequest, number: str) -> HttpResponse:
    by = request.actor
    kept = queries.profile(number, by)
    if request.method == "POST":
        gone = queries.one(request.POST.get("with", ""), by)
        choices = {key: request.POST[f"choice-{key}"] for key in CHOICES if f"choice-{key}" in request.POST}
        actions.merge(kept, gone, by=by, choices=choices)
        return go(request, f"{_to(kept)}?from={gone.matter.number}")
    other, text = request.GET.get("with", ""), request.GET.get("q", "")
    if not other:
        found = [f for f in queries.find_while_typing(text, by=by) if f.customer.pk != kept.pk] if text else []
        context = {"customer": kept, "q": text, "found": found, "doubles": queries.duplicates_of(kept, by=by), "may": {"merge": True}}
        return page(request, "customers/merge_with.html", context)
    gone = queries.profile(other, by)
    if gone.pk == kept.pk:
        raise Invalid(_("A customer cannot be merged with itself."))
    return page(request, "customers/merge.html", {"kept": Sheet(kept), "gone": Sheet(gone), **_compared(kept, gone, by)})


def _compared(kept: Customer, gone: Customer, by: Any) -> dict[str, Any]:
    """Field by field what both say, and how much moves."""
    fields = []
    for key in CHOICES:
        mine, theirs = Sheet(kept).said(key), Sheet(gone).said(key)
        if mine or theirs:
            fields.append({"key": key, "label": field_label(key), "kept": mine, "gone": theirs, "same": mine == theirs, "take": "gone" if not mine else "kept"})
    moving = [(_("Contacts"), gone.contacts.count()), (_("Phone and other numbers"), gone.identifiers.count())]
    moving += [(p.label, p.count(gone, by)) for p in panels.open_to(by) if p.count]
    return {"fields": fields, "moving": [(label, n) for label, n in moving if n], "tags": [t for t in gone.tags if t not in kept.tags]}


@door(rules.MERGE)
@methods("POST")
def undo_merge(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    kept = queries.one(number, request.actor)
    found = queries.merges(kept).filter(pk=pk).first()
    if found is None:
        raise Gone()
    gone = actions.undo_merge(kept, found, by=request.actor)
    return go(request, _to(gone))
