"""How a customer's file is guarded, by program: level and term, the circle of persons, who was let in, the levels of sections. The same
verbs, rules and reasons as on screen: raising is at once, lowering gives back a request for a second person's signature."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.approvals.models import Request
from yingxu.archives import actions, parts, queries, rules
from yingxu.base.access import RULES, Actor
from yingxu.customers.models import Customer
from yingxu.customers.queries import sections
from yingxu.matters import circles
from yingxu.matters.actions import look
from yingxu.matters.models import Admission, Look
from yingxu.ui import levels

from . import door, guarding_shapes
from .needs import KEY
from .queries import department, directory, person
from .showing import local

router = Router(tags=[gettext_noop("Customers")])


def _file(request: HttpRequest, number: str) -> tuple[Customer, Actor]:
    """The file, which the program may see how it is guarded; the look is written down."""
    by = door.by(request, RULES[rules.VIEW.name])
    found = queries.find(number[:24], by)
    look(found.matter, by=by, what=Look.What.API, detail="secrecy")
    return found, by


def _shown(customer: Customer, by: Actor) -> dict[str, Any]:
    """As it is now; who has just closed a file is shown what they did, whether they are in the circle or not."""
    customer = Customer.objects.select_related("matter").get(pk=customer.pk)
    kept, matter, names = queries.custody(customer), customer.matter, directory()
    ours = sections.open_to(customer, by)
    governor = circles.now_in(matter.circle_id, members=False) if matter.circle_id else Admission.objects.none()
    rows = list(governor | circles.now_in(matter.pk, members=False))
    return {
        "number": matter.number, "level": matter.secrecy, "name": levels.name(matter.secrecy), "ends_on": kept.ends_on if kept else None,
        "then": kept.then if kept and kept.ends_on else None, "why": kept.why if kept else "", "set_by": names.people.get(kept.by_id) if kept else None,
        "set_at": local(kept.at) if kept else None, "closed": matter.circle_id is not None,
        "circle": [_admitted(row, names.people) for row in rows if row.member], "admitted": [_admitted(row, names.people) for row in rows if not row.member],
        "sections": [{"code": s.code, "name": s.name, "level": level, "own": level > matter.secrecy} for s, level in ours],
    }  # fmt: skip


def _admitted(row: Admission, names: dict[int, Any]) -> dict[str, Any]:
    return {"person": names.get(row.user_id), "since": local(row.begins_at), "until": local(row.ends_at), "why": row.why}


def _asked(made: Request) -> dict[str, Any]:
    return {"approval": made.pk, "title": made.title, "state": made.state, "asked_at": local(made.asked_at)}


@router.get(
    "/{number}/secrecy", response=guarding_shapes.Guarding, summary=gettext_noop("Read how a customer's file is guarded"),
    description=gettext_noop("Level with its term and reason, the circle of persons, who was let in for a time, the levels of sections one may know of."),
)  # fmt: skip
def guarding(request: HttpRequest, number: str) -> dict[str, Any]:
    return _shown(*_file(request, number))


@router.post(
    "/{number}/secrecy/level", response={200: guarding_shapes.Guarding, 202: guarding_shapes.Lowering}, summary=gettext_noop("Set the level of a customer's file"),
    description=gettext_noop("A higher level holds at once, for everything that hangs from the file. A lower one is asked for: 202 and the request that a second person signs."),
    openapi_extra={"parameters": [KEY]},
)  # fmt: skip
def set_level(request: HttpRequest, number: str, data: guarding_shapes.NewLevel, response: HttpResponse) -> Any:
    found, by = _file(request, number)
    door.by(request, rules.KEEP)
    if data.level < found.matter.secrecy:
        return 202, _asked(door.once(request, response, lambda: actions.ask_to_lower(found, by=by, level=data.level, why=data.why)))
    term = {"ends_on": data.ends_on, "then": data.then}
    door.once(request, response, lambda: actions.set_level(found, by=by, level=data.level, why=data.why, **term))
    return 200, _shown(found, by)


@router.post("/{number}/secrecy/term", response=guarding_shapes.Guarding, summary=gettext_noop("Let the level of a file go on"))
def set_term(request: HttpRequest, number: str, data: guarding_shapes.NewTerm) -> dict[str, Any]:
    found, by = _file(request, number)
    door.by(request, rules.KEEP)
    return _shown(actions.set_term(found, by=by, why=data.why, ends_on=data.ends_on), by)


@router.put(
    "/{number}/secrecy/circle", response=guarding_shapes.Guarding, summary=gettext_noop("Set the circle of persons of a file"),
    description=gettext_noop("From now on only these persons, and the heads of these departments as they are today, know of the file. Somebody who may set it again must be among them."),
)  # fmt: skip
def set_circle(request: HttpRequest, number: str, data: guarding_shapes.NewCircle) -> dict[str, Any]:
    found, by = _file(request, number)
    door.by(request, rules.KEEP)
    persons = [user for name in data.persons if (user := person(name, "persons"))]
    heads = [row for code in data.departments if (row := department(code, "departments"))]
    return _shown(actions.set_circle(found, by=by, why=data.why, persons=persons, departments=heads), by)


@router.post(
    "/{number}/secrecy/circle/ending", response={202: guarding_shapes.Lowering}, summary=gettext_noop("Ask to end the circle of persons of a file"),
    description=gettext_noop("A second person signs; until then the circle holds."), openapi_extra={"parameters": [KEY]},
)  # fmt: skip
def end_circle(request: HttpRequest, number: str, data: guarding_shapes.Because, response: HttpResponse) -> Any:
    found, by = _file(request, number)
    door.by(request, rules.KEEP)
    return 202, _asked(door.once(request, response, lambda: actions.ask_to_lower(found, by=by, level=found.matter.secrecy, why=data.why, open_up=True)))


@router.post(
    "/{number}/secrecy/sections/{code}", response={200: guarding_shapes.Guarding, 202: guarding_shapes.Lowering}, summary=gettext_noop("Set the level of a section of a file"),
    description=gettext_noop("A higher level holds at once. A lower one is asked for: 202 and the request that a second person signs."),
    openapi_extra={"parameters": [KEY]},
)  # fmt: skip
def set_section(request: HttpRequest, number: str, code: str, data: guarding_shapes.NewSectionLevel, response: HttpResponse) -> Any:
    found, by = _file(request, number)
    door.by(request, rules.KEEP)
    now = next((level for section, level in sections.open_to(found, by) if section.code == code), 0)
    if data.level < now:
        return 202, _asked(door.once(request, response, lambda: parts.ask_to_lower_section(found, by=by, code=code, level=data.level, why=data.why)))
    door.once(request, response, lambda: parts.raise_section(found, by=by, code=code, level=data.level, why=data.why))
    return 200, _shown(found, by)
