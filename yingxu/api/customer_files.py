"""A customer's file by program: its sections, contracts and dealings. What is sealed comes out covered."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES
from yingxu.customers import actions, queries
from yingxu.customers.models import Contract, Customer, Dealing
from yingxu.customers.queries.sections import Shown
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import door, file_answers, shapes
from .needs import KEY
from .queries import directory, person

router = Router(tags=[gettext_noop("Customers")])


def customer_of(request: HttpRequest, number: str, rule: str = "customers.view") -> Customer:
    """The customer of an address; that it was read is written down."""
    by = door.by(request, RULES[rule])
    found = queries.one(number[:24], by)
    asked = request.GET.get
    look(found.matter, by=by, what=Look.What.API, need=queries.served(asked("serves", ""), by), reason=asked("reason", "")[:200])
    return found


def _section(shown: Shown) -> dict[str, Any]:
    facts = [
        {"code": f.spec.code, "label": f.spec.label, "type": f.spec.type, "text": f.text, "sealed": f.spec.sensitive, "value": (f.kept or {}).get("value")}
        for f in shown.facts
    ]
    return {"code": shown.section.code, "name": shown.section.name, "secrecy": shown.level, "seen": shown.mark, "fields": facts}


def contract_shown(found: Contract) -> dict[str, Any]:
    """A contract with its instalments."""
    plain = ("number", "title", "kind", "ours", "theirs", "currency", "signed_on", "begins_on", "ends_on", "renewal", "state", "clauses", "version")
    rows = [{"id": r.pk, "due_on": r.due_on, "amount": str(r.amount), "paid": str(r.paid), "paid_on": r.paid_on, "note": r.note} for r in found.instalments.all()]
    amount = None if found.amount is None else str(found.amount)
    return {**{name: getattr(found, name) for name in plain}, "id": found.pk, "amount": amount, "owner": directory().people.get(found.owner_id), "instalments": rows}


def dealing_shown(found: Dealing) -> dict[str, Any]:
    """A dealing with whom and what comes next."""
    plain = ("kind", "at", "place", "text", "next_step", "struck_why")
    return {**{name: getattr(found, name) for name in plain}, "id": found.pk, "by": found.by_name, "contact": found.contact.name if found.contact else None, "task": found.task_id}


@router.get("/{number}/sections", response=list[file_answers.FileSection], summary=gettext_noop("Read the sections of a customer's file"))
def sections(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    read = queries.sections.read(customer, by)
    look(customer.matter, by=by, what=Look.What.API, detail="sections", above=queries.sections.above(customer, read))
    return [_section(shown) for shown in read]


@router.patch(
    "/{number}/sections/{code}", response=file_answers.FileSection, summary=gettext_noop("Fill in a section"),
    description=gettext_noop("Only the fields that are sent change; an empty value empties one. With seen, a section that was changed since is refused (409)."),
)  # fmt: skip
def fill(request: HttpRequest, number: str, code: str, data: shapes.Filled) -> dict[str, Any]:
    by = door.by(request, RULES["customers.edit"])
    customer = customer_of(request, number, "customers.edit")
    actions.fill(customer, code[:40], by=by, values=data.values, seen=data.seen, why=data.why)
    return _section(queries.sections.one(customer, code[:40], by))


@router.get("/{number}/contracts", response=list[file_answers.FileContract], summary=gettext_noop("List the contracts with a customer"))
def contracts(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    return [contract_shown(found) for found in queries.contracts.of(customer_of(request, number))]


@router.post(
    "/{number}/contracts", response={201: file_answers.FileContract}, summary=gettext_noop("Draw up a contract"), openapi_extra={"parameters": [KEY]},
)  # fmt: skip
def draw_up(request: HttpRequest, number: str, data: shapes.NewContract, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["customers.contract"])
    customer, given = customer_of(request, number, "customers.contract"), data.given()
    if given.get("amount"):
        given["amount"] = Decimal(given["amount"])
    if given.get("owner"):
        given["owner"] = person(given["owner"])
    made = door.once(request, response, lambda: actions.draw_up(customer, by=by, **given))
    return contract_shown(queries.contracts.one(customer, made.pk, by))


@router.get("/{number}/dealings", response=list[file_answers.FileDealing], summary=gettext_noop("List the newest dealings with a customer"))
def dealings(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    return [dealing_shown(found) for found in queries.dealings.of(customer_of(request, number))]


@router.post(
    "/{number}/dealings", response={201: file_answers.FileDealing}, summary=gettext_noop("Write down a dealing"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("A next step becomes a task of next_owner, else of the token's user."),
)  # fmt: skip
def write_down(request: HttpRequest, number: str, data: shapes.NewDealing, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["customers.log"])
    customer, given = customer_of(request, number, "customers.log"), data.given()
    if given.get("next_owner"):
        given["next_owner"] = person(given["next_owner"])
    made = door.once(request, response, lambda: actions.write_down(customer, by=by, **given))
    return dealing_shown(made)
