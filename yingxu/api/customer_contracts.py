"""What becomes of a customer's contracts and dealings, by program."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES
from yingxu.customers import actions, queries

from . import door, file_answers, file_shapes
from .customer_files import contract_shown, customer_of, dealing_shown
from .needs import KEY
from .queries import person

router = Router(tags=[gettext_noop("Customers")])


def _sum(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@router.get("/{number}/contracts/{contract}", response=file_answers.FileContract, summary=gettext_noop("Read a contract"))
def one(request: HttpRequest, number: str, contract: int) -> dict[str, Any]:
    return contract_shown(queries.contracts.one(customer_of(request, number), contract, door.by(request, RULES["customers.view"])))


@router.patch(
    "/{number}/contracts/{contract}", response=file_answers.FileContract, summary=gettext_noop("Change a contract"),
    description=gettext_noop("Only the fields that are sent change. With version, a contract that was changed since is refused (409)."),
)  # fmt: skip
def amend(request: HttpRequest, number: str, contract: int, data: file_shapes.ContractChanges) -> dict[str, Any]:
    by, customer, given = door.by(request, actions.amend_contract.rule), customer_of(request, number, "customers.contract"), data.given()
    if "amount" in given:
        given["amount"] = _sum(data.amount)
    if "owner" in given:
        given["owner"] = person(data.owner)
    actions.amend_contract(customer, queries.contracts.one(customer, contract, by), by=by, **given)
    return contract_shown(queries.contracts.one(customer, contract, by))


@router.post("/{number}/contracts/{contract}/signing", response=file_answers.FileContract, summary=gettext_noop("Put a contract in force"))
def sign(request: HttpRequest, number: str, contract: int, data: file_shapes.Signing) -> dict[str, Any]:
    by, customer = door.by(request, actions.put_in_force.rule), customer_of(request, number, "customers.contract")
    actions.put_in_force(customer, queries.contracts.one(customer, contract, by), by=by, signed_on=data.signed_on)
    return contract_shown(queries.contracts.one(customer, contract, by))


@router.post("/{number}/contracts/{contract}/ending", response=file_answers.FileContract, summary=gettext_noop("End a contract, with a reason"))
def end(request: HttpRequest, number: str, contract: int, data: file_shapes.ReasonGiven) -> dict[str, Any]:
    by, customer = door.by(request, actions.end_contract.rule), customer_of(request, number, "customers.contract")
    actions.end_contract(customer, queries.contracts.one(customer, contract, by), by=by, reason=data.reason)
    return contract_shown(queries.contracts.one(customer, contract, by))


@router.post("/{number}/contracts/{contract}/renewal", response={201: file_answers.FileContract}, summary=gettext_noop("Renew a contract: a new one takes its place"), openapi_extra={"parameters": [KEY]})  # fmt: skip
def renew(request: HttpRequest, number: str, contract: int, data: file_shapes.Renewal, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.renew.rule), customer_of(request, number, "customers.contract")
    old = queries.contracts.one(customer, contract, by)
    made = door.once(request, response, lambda: actions.renew(customer, old, by=by, begins_on=data.begins_on, ends_on=data.ends_on, amount=_sum(data.amount)))
    return contract_shown(queries.contracts.one(customer, made.pk, by))


@router.post("/{number}/contracts/{contract}/plan", response=file_answers.FileContract, summary=gettext_noop("Plan what is to be collected by when"))
def plan(request: HttpRequest, number: str, contract: int, data: file_shapes.CollectionPlan) -> dict[str, Any]:
    by, customer = door.by(request, actions.plan_collection.rule), customer_of(request, number, "customers.contract")
    rows = [(row.due_on, Decimal(row.amount), row.note) for row in data.instalments]
    actions.plan_collection(customer, queries.contracts.one(customer, contract, by), by=by, instalments=rows, why=data.why)
    return contract_shown(queries.contracts.one(customer, contract, by))


@router.post("/{number}/contracts/{contract}/payments", response={201: file_answers.FileContract}, summary=gettext_noop("Note a payment on an instalment"), openapi_extra={"parameters": [KEY]})  # fmt: skip
def pay(request: HttpRequest, number: str, contract: int, data: file_shapes.Payment, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.pay.rule), customer_of(request, number, "customers.contract")
    found = queries.contracts.one(customer, contract, by)
    door.once(request, response, lambda: actions.pay(customer, found, by=by, instalment=data.instalment, amount=_sum(data.amount), paid_on=data.paid_on))
    return contract_shown(queries.contracts.one(customer, contract, by))


@router.post("/{number}/dealings/{dealing}/strike", response=file_answers.FileDealing, summary=gettext_noop("Strike out what was written down wrongly, with a reason"))
def strike(request: HttpRequest, number: str, dealing: int, data: file_shapes.ReasonGiven) -> dict[str, Any]:
    by, customer = door.by(request, actions.strike.rule), customer_of(request, number, "customers.log")
    return dealing_shown(actions.strike(customer, queries.dealings.one(customer, dealing), by=by, reason=data.reason))
