"""Classes, prospects and care by program: who may see a customer reads them, the verbs are those of the screens."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES
from yingxu.base.errors import Gone, Invalid
from yingxu.customers.models import Customer
from yingxu.relations import actions, queries
from yingxu.relations.models import Birthday, Care, Dimension, Prospect, Step

from . import door, file_shapes, shapes
from . import relation_answers as answers
from .customer_files import customer_of
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import directory, person
from .showing import local

router = Router(tags=[gettext_noop("Classes, prospects, care")])
on_customers = Router(tags=[gettext_noop("Classes, prospects, care")])
_CLASSES = ("q", "grade", "stage", "tenure", "size", "industry", "type", "set", "sort", "cursor")
_PROSPECTS = ("q", "step", "outcome", "old", "reached", "after", "sort", "cursor")
_CARE = ("month", "state", "rule")


def _asked(request: HttpRequest, known: tuple[str, ...]) -> dict[str, str]:
    """The filters of a list. Raises Malformed for what the list does not know."""
    if unknown := set(request.GET) - set(known):
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    return {key: request.GET.get(key, "").replace("\x00", "").strip()[:300] for key in known}


def _named(names: tuple[str, ...]) -> dict[str, Any]:
    return {"parameters": [{"in": "query", "name": name, "schema": {"type": "string"}} for name in names]}


def _ref(customer: Customer) -> dict[str, Any]:
    return {"number": customer.matter.number, "name": customer.name}


def _plain(value: Any) -> str:
    return "0" if value is None else str(value)


# ── classes ──


@router.get("/classes", response=answers.ClassedPage, summary=gettext_noop("List customers by class"), openapi_extra=_named(_CLASSES),
            description=gettext_noop("The filters of the screen; “-” means none. set=1: a person said otherwise than the rules."))  # fmt: skip
def classes(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["customers.view"]), _asked(request, _CLASSES)
    try:
        found = queries.listed(by, queries.asked(asked), asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_classed(customer) for customer in found.rows])


def _classed(customer: Customer) -> dict[str, Any]:
    standing = getattr(customer, "standing", None)
    held = {key: getattr(standing, key, "") for key in ("stage", "tenure", "size")}
    figures = {"contribution": _plain(getattr(standing, "contribution", None)), "latest_dealing": getattr(standing, "last_on", None)}
    return {**_ref(customer), "grade": customer.grade, **held, **figures, "owner": directory().people.get(customer.matter.owner_id)}


@on_customers.get("/{number}/classes", response=answers.Classes, summary=gettext_noop("Read a customer's classes and how they came about"))
def classes_of(request: HttpRequest, number: str) -> dict[str, Any]:
    return _classes(customer_of(request, number))


def _classes(customer: Customer) -> dict[str, Any]:
    found = queries.explained(customer)
    standing, rows = found["standing"], []
    for key in Dimension.values:
        held = found["held"].get(key)
        said = {"value": held.value, "reason": held.reason, "by": held.by_name, "at": local(held.at), "until": held.until} if held else None
        now = customer.grade if key == "grade" else getattr(standing, key, "")
        rows.append({"dimension": key, "value": now, "by_rules": standing.by_rule.get(key, "") if standing else "", "held": said})
    turns = [
        {**{key: getattr(turn, key) for key in ("dimension", "old", "new", "cause", "why", "version")}, "at": local(turn.at), "by": turn.by_name} for turn in queries.turns(customer)
    ]
    return {
        "classes": rows, "contribution": _plain(getattr(standing, "contribution", None)), "latest_dealing": getattr(standing, "last_on", None),
        "reckoned_at": local(getattr(standing, "at", None)), "version": getattr(standing, "version", None), "figures": getattr(standing, "figures", {}), "turns": turns,
    }  # fmt: skip


@on_customers.post("/{number}/classes/{dimension}", response=answers.Classes, summary=gettext_noop("Set a class otherwise than the rules, with a reason"))
def override(request: HttpRequest, number: str, dimension: str, data: file_shapes.Otherwise) -> dict[str, Any]:
    by, customer = door.by(request, actions.override.rule), customer_of(request, number)
    actions.override(customer, by=by, dimension=dimension[:20], value=data.value, reason=data.reason, until=data.until)
    return _classes(customer_of(request, number))


@on_customers.post("/{number}/classes/{dimension}/rules", response=answers.Classes, summary=gettext_noop("Let the rules hold again"))
def take_back(request: HttpRequest, number: str, dimension: str, data: file_shapes.RulesAgain) -> dict[str, Any]:
    by, customer = door.by(request, actions.take_back.rule), customer_of(request, number)
    actions.take_back(customer, by=by, dimension=dimension[:20], reason=data.reason)
    return _classes(customer_of(request, number))


# ── prospects ──


@router.get("/prospects/steps", response=answers.ProspectSteps, summary=gettext_noop("Read the steps of prospects: what must be known, how many stand in each"))
def steps(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["customers.view"])
    standing = {column["step"]: column for column in queries.board(by, queries.ProspectWish()) if not column["won"]}
    rules = queries.pipeline()
    rows = [
        {"step": step, "name": rules.name_of(step), "days": rules.limit(step), "facts": rules.facts_of(step),
         "open": standing.get(step, {}).get("n", 0), "expected": _plain(standing.get(step, {}).get("amount"))}
        for step in Step.values
    ]  # fmt: skip
    return {"steps": rows, "lost_reasons": queries.lost_reasons()}


@router.get("/prospects", response=answers.ProspectPage, summary=gettext_noop("List prospects"), openapi_extra=_named(_PROSPECTS),
            description=gettext_noop("outcome is open (as sent when left out), won, lost or all; old=1: standing too long; reached and after: who came into a step since a day."))  # fmt: skip
def prospects(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["customers.view"]), _asked(request, _PROSPECTS)
    try:
        found = queries.prospects_listed(by, queries.prospect_wish(asked), asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_prospect(row) for row in found.rows])


def _prospect(found: Prospect) -> dict[str, Any]:
    plain = ("step", "outcome", "source", "expected_on", "facts", "reason")
    return {
        **{key: getattr(found, key) for key in plain}, "customer": _ref(found.customer), "owner": directory().people.get(found.owner_id),
        "expected_amount": None if found.expected_amount is None else str(found.expected_amount), "next_step": found.task.title if found.task else None,
        "task": found.task_id, "began_at": local(found.began_at), "since": local(found.since), "ended_at": local(found.ended_at),
    }  # fmt: skip


@on_customers.get("/{number}/prospects", response=list[answers.Prospect], summary=gettext_noop("List the pursuits of a customer with their moves"))
def prospects_of(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    return _pursuits(customer_of(request, number))


def _pursuits(customer: Customer) -> list[dict[str, Any]]:
    found = queries.prospects_of(customer)
    for one in found:
        one.customer = customer
    return [
        _prospect(one) | {"moves": [{"before": m.before, "to": m.to, "at": local(m.at), "by": m.by_name, "note": m.note} for m in one.moves.all()]} for one in found
    ]


def _expected(data: file_shapes.Pursuit) -> dict[str, Any]:
    amount = Decimal(data.expected_amount) if data.expected_amount else None
    return {"source": data.source, "owner": person(data.owner), "expected_amount": amount, "expected_on": data.expected_on}


@on_customers.post("/{number}/prospects", response={201: answers.Prospect}, summary=gettext_noop("Take a customer up as a prospect"), openapi_extra={"parameters": [KEY]})
def pursue(request: HttpRequest, number: str, data: file_shapes.Pursuit, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.pursue.rule), customer_of(request, number)
    given = _expected(data)
    door.once(request, response, lambda: actions.pursue(customer, by=by, **given))
    return _pursuits(customer)[0]


@on_customers.post("/{number}/prospects/move", response=answers.Prospect, summary=gettext_noop("Move a prospect into another step"), openapi_extra={"parameters": [KEY]},
                   description=gettext_noop("What the step wants known must be there; reaching the contract is winning it. Back only with a note."))  # fmt: skip
def move(request: HttpRequest, number: str, data: file_shapes.StepOn, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.move.rule), customer_of(request, number)
    door.once(request, response, lambda: actions.move(customer, by=by, step=data.step, facts=data.facts, note=data.note))
    return _pursuits(customer)[0]


@on_customers.post("/{number}/prospects/amendment", response=answers.Prospect, summary=gettext_noop("Change what is expected of a prospect"),
                   description=gettext_noop("All fields together: what is left out is emptied, the owner stays."))  # fmt: skip
def amend(request: HttpRequest, number: str, data: file_shapes.Pursuit) -> dict[str, Any]:
    by, customer = door.by(request, actions.amend.rule), customer_of(request, number)
    actions.amend(customer, by=by, **_expected(data))
    return _pursuits(customer)[0]


@on_customers.post("/{number}/prospects/next-step", response=answers.Prospect, summary=gettext_noop("Plan the next step as a task"), openapi_extra={"parameters": [KEY]})
def next_step(request: HttpRequest, number: str, data: file_shapes.NextStep, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.plan_step.rule), customer_of(request, number)
    door.once(request, response, lambda: actions.plan_step(customer, by=by, title=data.title, due_at=data.due_at))
    return _pursuits(customer)[0]


@on_customers.post("/{number}/prospects/loss", response=answers.Prospect, summary=gettext_noop("Give a prospect up, for one of the reasons"))
def lose(request: HttpRequest, number: str, data: file_shapes.Loss) -> dict[str, Any]:
    by, customer = door.by(request, actions.give_up.rule), customer_of(request, number)
    actions.give_up(customer, by=by, reason=data.reason, note=data.note)
    return _pursuits(customer)[0]


# ── care ──


@router.get("/care", response=list[answers.Care], summary=gettext_noop("Read a month of the care calendar"), openapi_extra=_named(_CARE),
            description=gettext_noop("month is 2026-03 (this month when left out); at most 1,000 occasions."))  # fmt: skip
def care(request: HttpRequest) -> list[dict[str, Any]]:
    by, asked = door.by(request, RULES["customers.view"]), _asked(request, _CARE)
    try:
        wish = queries.care_wish(asked)
    except Invalid as refusal:
        raise Malformed(refusal.message, code="filter") from None
    return [_care(found) for found in queries.care_listed(by, wish)[:1_000]]


def _care(found: Care) -> dict[str, Any]:
    return {
        "id": found.pk, "customer": _ref(found.customer), "contact": found.contact.name if found.contact else None, "occasion": found.name, "on": found.on,
        "state": found.state, "result": found.result, "task": found.task_id, "settled_at": local(found.settled_at),
    }  # fmt: skip


@on_customers.get("/{number}/care", response=list[answers.Care], summary=gettext_noop("List the occasions of a customer"))
def care_of(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    customer = customer_of(request, number)
    found = queries.care_of(customer)
    for one in found:
        one.customer = customer
    return [_care(one) for one in found]


@on_customers.post("/{number}/care/{care}", response=answers.Care, summary=gettext_noop("Say that it was taken care of, or left out with the reason"))
def settle(request: HttpRequest, number: str, care: int, data: file_shapes.CareTaken) -> dict[str, Any]:
    by, customer = door.by(request, actions.settle.rule), customer_of(request, number)
    return _care(actions.settle(customer, by=by, care=care, done=data.done, result=data.result))


@on_customers.get("/{number}/birthdays", response=list[answers.Birthday], summary=gettext_noop("List birthdays of a customer and its contacts"))
def birthdays(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    customer = customer_of(request, number)
    return [_birthday(found, customer) for found in queries.birthdays_of(customer)]


def _birthday(found: Birthday, customer: Customer) -> dict[str, Any]:
    plain, whose = ("lunar", "month", "day", "leap", "year"), found.contact.name if found.contact else customer.name
    return {**{key: getattr(found, key) for key in plain}, "id": found.pk, "contact": found.contact_id, "name": whose, "next_on": queries.next_birthday(found)}


@on_customers.post("/{number}/birthdays", response={201: answers.Birthday}, summary=gettext_noop("Note a birthday, also of the Chinese calendar"), openapi_extra={"parameters": [KEY]},
                   description=gettext_noop("Again for the same person: another day."))  # fmt: skip
def note_birthday(request: HttpRequest, number: str, data: file_shapes.Birthday, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.note_birthday.rule), customer_of(request, number)
    contact = customer.contacts.filter(pk=data.contact).first() if data.contact else None
    if data.contact and contact is None:
        raise Invalid.field("contact", _("This is no contact of the customer."))
    given = {"month": data.month, "day": data.day, "lunar": data.lunar, "leap": data.leap, "year": data.year, "contact": contact}
    made = door.once(request, response, lambda: actions.note_birthday(customer, by=by, **given))
    return _birthday(made, customer)


@on_customers.post("/{number}/birthdays/{birthday}/removal", response=list[answers.Birthday], summary=gettext_noop("Take a birthday out of the file"))
def forget_birthday(request: HttpRequest, number: str, birthday: int, data: shapes.Nothing) -> list[dict[str, Any]]:
    by, customer = door.by(request, actions.forget_birthday.rule), customer_of(request, number)
    if birthday < 1:
        raise Gone()
    actions.forget_birthday(customer, by=by, birthday=birthday)
    return [_birthday(found, customer) for found in queries.birthdays_of(customer)]
