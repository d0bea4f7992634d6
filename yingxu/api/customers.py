"""Customers: find, read, add, change. Identifiers go in whole and come out covered."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES
from yingxu.base.errors import Invalid
from yingxu.customers import actions, identifiers, queries
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import answers, door, shapes, showing
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import department, person

router = Router(tags=[gettext_noop("Customers")])
_LISTED = {
    "q": gettext_noop("Name, register number, whole identifier or a phone's last four digits"),
    "phone": gettext_noop("The whole phone number, however written"),
    "type": gettext_noop("person or organisation"),
    "grade": "A, B, C",
    "tag": gettext_noop("One tag"),
    "sort": "-opened, opened, name",
    "cursor": gettext_noop("From next or previous"),
    "size": gettext_noop("Entries a page, at most 200"),
}


@router.get(
    "", response=answers.CustomerPage, summary=gettext_noop("Find and list customers"),
    openapi_extra={"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in _LISTED.items()]},
)  # fmt: skip
def index(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["customers.view"])
    unknown = set(request.GET) - set(_LISTED)
    if unknown:
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    asked = {key: request.GET.get(key, "").strip() for key in _LISTED}
    if asked["sort"] and asked["sort"] not in queries.SORTS:
        raise Malformed(_("This list cannot be sorted like that."), code="filter")
    text = identifiers.read("phone", asked["phone"]).value if asked["phone"] else asked["q"][:100]
    wish = queries.Wish(text=text, type=asked["type"][:20], grade=asked["grade"][:1], tag=asked["tag"][:30], sort=asked["sort"] or "-opened")
    try:
        found = queries.index(by, wish, asked["cursor"], size=_size(asked["size"]))
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [showing.customer_row(row) for row in found.rows])


def _size(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Malformed(_("size is a number from 1 to 200."), code="filter")
    return int(text or 50)


@router.get("/{number}", response=answers.CustomerFull, summary=gettext_noop("Read a customer"),
            description=gettext_noop("Of a customer with a secrecy level say what it is for: serves is the number of a need, reason words; it holds for the same token and customer for 8 hours."))  # fmt: skip
def one(request: HttpRequest, number: str, response: HttpResponse, serves: str = "", reason: str = "") -> dict[str, Any]:
    by = door.by(request, RULES["customers.view"])
    found = queries.profile(number[:24], by)
    look(found.matter, by=by, what=Look.What.API, need=queries.served(serves, by), reason=reason[:200])
    response["ETag"] = f'"{found.version}"'
    return showing.customer_full(found)


@router.post("", response={201: answers.CustomerFull}, summary=gettext_noop("Add a customer"), openapi_extra={"parameters": [KEY]},
             description=gettext_noop("Sharing a phone with another customer is allowed; whether the two are one is for a person to decide."))  # fmt: skip
def add(request: HttpRequest, data: shapes.NewCustomer, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["customers.edit"])
    given = data.given()
    made = door.once(request, response, lambda: actions.add(
        by=by, name=data.name, type=data.type, contact_name=data.contact, phone=data.phone, email=data.email,
        identifiers=[(one.type, one.text) for one in data.identifiers],
        **{key: given[key] for key in ("grade", "industry", "address", "reminder", "remark", "tags", "customer_since") if key in given},
    ))  # fmt: skip
    response["Location"] = f"/api/v1/customers/{made.matter.number}"
    return showing.customer_full(queries.profile(made.matter.number, by))


@router.patch(
    "/{number}", response=answers.CustomerFull, summary=gettext_noop("Change a customer"),
    description=gettext_noop("Only the fields that are sent change. Say with If-Match (or version) which version you were looking at; without either the change is made as it is."),
)  # fmt: skip
def change(request: HttpRequest, number: str, data: shapes.CustomerChanges, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["customers.edit"])
    changes = data.given()
    said = changes.pop("version", None)
    if "owner" in changes:
        changes["owner"] = person(changes["owner"])
    if "department" in changes:
        changes["department"] = department(changes["department"])
    done = actions.edit(queries.one(number[:24], by), by=by, version=door.expected(request) or said, **changes)
    response["ETag"] = f'"{done.version}"'
    return showing.customer_full(queries.profile(done.matter.number, by))


