"""Contacts and numbers of a customer."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone
from yingxu.base.web import asked_by_htmx, door, go, methods, page

from .. import actions, queries, rules
from ..actions.editing import CONTACT, contact_mark
from ..forms import ChangedPerson, NewIdentifier, NewPerson
from ..models import Contact, Customer
from .profile import show
from .ways import small, to


@door(rules.EDIT)
@methods("GET", "POST")
def contacts(request: HttpRequest, number: str) -> HttpResponse:
    """A new contact."""
    customer = queries.one(number, request.actor)
    return small(
        request, customer, NewPerson, lambda data: actions.add_contact(customer, by=request.actor, **data), _("Add contact"), of=customer
    )


@door(rules.EDIT)
@methods("GET", "POST")
def contact(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = _contact(customer, pk)
    first = {key: getattr(found, key) for key in CONTACT} | {"seen": contact_mark(found)}
    return small(
        request, customer, ChangedPerson, lambda data: actions.edit_contact(customer, found, by=request.actor, **data),
        _("Change contact"), place="contact", key=pk, first=first, mark=lambda: ("seen", contact_mark(_contact(customer, pk))), of=customer, but=found,
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
    """A further phone, mail address, ID number …; never kept as a draft, since it is not sealed there."""
    customer = queries.one(number, request.actor)
    first = {"contact": request.GET.get("contact"), "type": request.GET.get("type", "phone")}
    return small(
        request, customer, NewIdentifier, lambda data: actions.add_identifier(customer, by=request.actor, **data), _("Add number"), first=first, of=customer
    )


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
