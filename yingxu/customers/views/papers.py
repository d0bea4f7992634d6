"""Papers of a customer: taken in, changed, out of use, their numbers uncovered."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.web import asked_by_htmx, door, go, methods, page

from .. import actions, queries, rules
from ..forms import PaperForm
from .profile import show
from .ways import small, to


@door(rules.EDIT)
@methods("GET", "POST")
def take_in(request: HttpRequest, number: str) -> HttpResponse:
    customer = queries.one(number, request.actor)
    return small(request, customer, PaperForm, lambda data: actions.take_in_paper(customer, by=request.actor, **data), _("Take in a paper"), by=request.actor, matter=customer.matter, back=to(customer) + "?part=papers")


@door(rules.EDIT)
@methods("GET", "POST")
def paper(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    found = queries.papers.one(customer, pk)
    first = {key: getattr(found, key) for key in ("kind", "name", "issuer", "issued_on", "valid_until", "note")}

    def verb(data: dict[str, Any]) -> Any:
        return actions.amend_paper(customer, found, by=request.actor, **data)

    return small(request, customer, PaperForm, verb, _("Change the paper"), first=first, by=request.actor, matter=customer.matter, back=to(customer) + "?part=papers")


@door(rules.EDIT)
@methods("POST")
def paper_active(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    customer = queries.one(number, request.actor)
    actions.retire_paper(customer, queries.papers.one(customer, pk), by=request.actor, active=request.POST.get("active") == "1")
    return go(request, to(customer) + "?part=papers")


@door(rules.REVEAL)
@methods("POST")
def reveal_paper(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The number for 30 seconds; the journal says who looked."""
    customer = queries.one(number, request.actor)
    found = queries.papers.one(customer, pk)
    text = actions.reveal_paper(found, by=request.actor, need=request.GET.get("need", ""), reason=request.POST.get("reason", ""))
    if asked_by_htmx(request):
        return page(request, "customers/revealed.html", {"text": text, "covered": found.masked})
    response = show(request, number, revealed={f"paper-{pk}": text}, part="papers")
    response["Refresh"] = f"30; url={to(customer)}?part=papers"
    return response
