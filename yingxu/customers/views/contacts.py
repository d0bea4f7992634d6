"""Contacts and numbers of a customer."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import asked_by_htmx, door, go, methods, page

from .. import actions, queries, rules
from ..forms import NewIdentifier, NewPerson, Person, blame
from ..models import Contact, Customer
from .profile import show
from .ways import to


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
    return go(request, to(customer))


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
    return go(request, to(customer))


@door(rules.REVEAL)
@methods("POST")
def reveal(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The clear value for 30 seconds; the journal says who looked."""
    customer = queries.one(number, request.actor)
    found = queries.identifier(customer, pk)
    text = actions.reveal(found, by=request.actor, need=request.GET.get("need", ""), reason=request.POST.get("reason", ""))
    if asked_by_htmx(request):
        return page(request, "customers/revealed.html", {"text": text, "covered": found.masked})
    response = show(request, number, revealed={found.pk: text})
    response["Refresh"] = f"30; url={to(customer)}"
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
                return go(request, to(customer))
            except Invalid as refusal:
                blame(form, refusal)
        status = 422
    return page(request, "customers/small.html", {"form": form, "customer": customer, "title": title}, status=status)
