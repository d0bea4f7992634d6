"""Emergencies: list, read, declare, write in the log. Monitoring systems declare and log; people lead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES
from yingxu.base.errors import Invalid
from yingxu.emergencies import actions, queries
from yingxu.emergencies.models import Emergency
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import answers, door, shapes
from .customers import _size as size_of
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import directory
from .queries import find as need_by_number
from .showing import local

router = Router(tags=[gettext_noop("Emergencies")])
_LISTED = {
    "tab": "open, past, drills", "q": gettext_noop("Number, title or what happened"), "level": "1, 2, 3", "sort": "-opened, opened, level",
    "cursor": gettext_noop("From next or previous"), "size": gettext_noop("Entries a page, at most 200"),
}  # fmt: skip


@router.get(
    "", response=answers.EmergencyPage, summary=gettext_noop("List emergencies"),
    openapi_extra={"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in _LISTED.items()]},
)  # fmt: skip
def index(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["emergencies.view"])
    unknown = set(request.GET) - set(_LISTED)
    if unknown:
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    asked = {key: request.GET.get(key, "").strip() for key in _LISTED}
    if asked["tab"] not in ("", *queries.TABS) or asked["level"] not in ("", "1", "2", "3") or asked["sort"] not in ("", *queries.SORTS):
        raise Malformed(_("This list has no such filter."), code="filter")
    wish = queries.Wish(tab=asked["tab"] or "open", text=asked["q"][:100], level=int(asked["level"]) if asked["level"] else None, sort=asked["sort"] or "-opened")
    try:
        found = queries.index(by, wish, asked["cursor"], size=size_of(asked["size"]))
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_row(row) for row in found.rows])


@router.get("/{number}", response=answers.EmergencyFull, summary=gettext_noop("Read an emergency with its log"))
def one(request: HttpRequest, number: str) -> dict[str, Any]:
    by = door.by(request, RULES["emergencies.view"])
    found = queries.find(number[:24], by)
    look(found.matter, by=by, what=Look.What.API)
    return _full(found, by)


@router.post("", response={201: answers.EmergencyFull}, summary=gettext_noop("Declare an emergency"), openapi_extra={"parameters": [KEY]},
             description=gettext_noop("The leader of the response group is called at once. A drill is marked everywhere and tells no customer."))  # fmt: skip
def declare(request: HttpRequest, data: shapes.NewEmergency, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["emergencies.declare"])
    needs = [need_by_number(number, by) for number in data.needs]
    made = door.once(request, response, lambda: actions.declare(
        by=by, title=data.title, happened=data.happened, level=data.level, drill=data.drill, secrecy=data.secrecy, needs=needs,
    ))  # fmt: skip
    response["Location"] = f"/api/v1/emergencies/{made.number}"
    return _full(made, by)


@router.post("/{number}/log", response={201: answers.LogLine}, summary=gettext_noop("Write a line in the log"), openapi_extra={"parameters": [KEY]})
def write(request: HttpRequest, number: str, data: shapes.NewLine, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["emergencies.log"])
    found = queries.find(number[:24], by)
    entry = door.once(request, response, lambda: actions.write(found, by=by, text=data.text))
    return {"id": entry.pk, "at": local(entry.at), "who": entry.who, "kind": "fact", "text": data.text, "corrected": False}


def _row(row: Emergency) -> dict[str, Any]:
    matter = row.matter
    return {
        "number": matter.number, "title": matter.title, "level": row.level, "state": row.state, "drill": row.drill, "standing": row.standing,
        "leader": directory().people.get(matter.owner_id), "secrecy": matter.secrecy, "declared_at": local(matter.opened_at),
        "acknowledged_at": local(row.acknowledged_at), "solved_at": local(row.solved_at), "closed_at": local(matter.closed_at),
    }  # fmt: skip


def _full(found: Emergency, by: Any) -> dict[str, Any]:
    shown = queries.board(found, by)
    seen = queries.openable(shown.affected, by)
    return _row(found) | {
        "happened": found.happened, "solution": found.solution, "cadence_minutes": found.cadence_minutes,
        "next_word_at": local(shown.countdown.due_at) if shown.countdown else None, "affected": len(shown.affected),
        "needs": [a.need.matter.number for a in shown.affected if a.need_id in seen],
        "called": len(shown.calls), "acknowledged": len(shown.acknowledged),
        "log": [
            {"id": line.entry.pk, "at": local(line.entry.at), "who": line.who, "kind": {"key": "decision", "line": "fact", "out": "to_customers"}.get(line.kind, "event"),
             "text": line.words if line.kind in ("key", "line") else str(line.sentence), "corrected": bool(line.old)}
            for line in shown.lines
        ],
    }  # fmt: skip
