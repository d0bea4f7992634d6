"""Opening a file and changing it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid, Stale
from yingxu.base.web import door, go, methods, page

from .. import actions, identifiers, queries, rules
from ..events import field_label
from ..forms import Edit, New, blame
from ..models import Customer
from .ways import opened, to


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
    return go(request, to(customer))


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
        opened(request, customer, "edit")
        keys = [key for key in Edit.base_fields if key not in ("owner", "department", "why", "learned_on")]
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
    return go(request, to(customer))


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
    return go(request, to(customer))
