"""Approvals: what waits for one's signature, signing it, asking for one. Where a step asks for the password again only the desk signs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.approvals import actions
from yingxu.approvals import queries as approvals
from yingxu.approvals.models import Request, State
from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.matters.queries import visible_matters

from . import approval_shapes, door, shapes
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import directory
from .showing import local

router = Router(tags=[gettext_noop("Approvals")])
_LISTED = {
    "whose": gettext_noop("waiting (for one's signature, as sent when left out), signed, mine, all"),
    "state": gettext_noop("open, sent_back, granted, refused, withdrawn, lapsed, late"),
    "chain": gettext_noop("Code of what kind of thing is signed"),
    "q": gettext_noop("Words of the request, or the whole register number"),
    "sort": "due, -due, asked, -asked",
    "cursor": gettext_noop("From next or previous"),
}


@router.get(
    "", response=approval_shapes.ApprovalPage, summary=gettext_noop("List approvals: what waits for one's signature, nearest date first"),
    openapi_extra={"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in _LISTED.items()]},
)  # fmt: skip
def index(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["approvals.view"])
    asked = {key: request.GET.get(key, "").replace("\x00", "").strip()[:300] for key in _LISTED}
    if unknown := set(request.GET) - set(_LISTED):
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    wish = approvals.Wish(whose=asked["whose"] or "waiting", state=asked["state"], chain=asked["chain"][:40], q=asked["q"], sort=asked["sort"] or "due")
    if wish.whose not in approvals.WHOSE or wish.state not in ["", "late", *State.values]:
        raise Malformed(_("This list has no such filter."), code="filter")
    if wish.sort not in approvals.SORTS:
        raise Malformed(_("This list cannot be sorted like that."), code="filter")
    try:
        found = approvals.listed(by, wish, asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_row(row) | {"due_at": local(row.due_at)} for row in found.rows])


@router.post("", response={201: approval_shapes.Approval}, summary=gettext_noop("Ask one's head for a signature"), openapi_extra={"parameters": [KEY]})
def propose(request: HttpRequest, data: approval_shapes.NewApproval, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.propose.rule)
    matter = visible_matters(by).filter(number=data.number).first() if data.number else None
    if data.number and matter is None:
        raise Invalid.field("number", _("There is no record of this number that you may see."))
    return _shown(door.once(request, response, lambda: actions.propose(by=by, title=data.title, details=data.details, matter=matter)), by)


@router.get("/{approval}", response=approval_shapes.Approval, summary=gettext_noop("Read an approval"))
def one(request: HttpRequest, approval: int) -> dict[str, Any]:
    by = door.by(request, RULES["approvals.view"])
    found = approvals.find(approval, by)
    if found.matter:
        look(found.matter, by=by, what=Look.What.API, detail=f"approval {approval}", work="approval")
    return _shown(found, by)


@router.post("/{approval}/approval", response=approval_shapes.Approval, summary=gettext_noop("Sign: yes"), openapi_extra={"parameters": [KEY]})
def approve(request: HttpRequest, approval: int, data: approval_shapes.Signature, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.approve.rule)
    found = approvals.find(approval, by)
    door.once(request, response, lambda: actions.approve(found, by=by, words=data.words, step=_step(found, data.step)))
    return _shown(found, by)


@router.post("/{approval}/refusal", response=approval_shapes.Approval, summary=gettext_noop("Sign: no, with a reason"), openapi_extra={"parameters": [KEY]})
def refuse(request: HttpRequest, approval: int, data: approval_shapes.RefusedSignature, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.refuse.rule)
    found = approvals.find(approval, by)
    door.once(request, response, lambda: actions.refuse(found, by=by, reason=data.reason, step=_step(found, data.step)))
    return _shown(found, by)


@router.post("/{approval}/send-back", response=approval_shapes.Approval, summary=gettext_noop("Send back to be changed, with a reason"), openapi_extra={"parameters": [KEY]})
def send_back(request: HttpRequest, approval: int, data: approval_shapes.RefusedSignature, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.send_back.rule)
    found = approvals.find(approval, by)
    door.once(request, response, lambda: actions.send_back(found, by=by, reason=data.reason, step=_step(found, data.step)))
    return _shown(found, by)


@router.post("/{approval}/withdrawal", response=approval_shapes.Approval, summary=gettext_noop("Withdraw one's own request, with a reason"))
def withdraw(request: HttpRequest, approval: int, data: shapes.Reason) -> dict[str, Any]:
    by = door.by(request, actions.withdraw.rule)
    return _shown(actions.withdraw(approvals.find(approval, by), by=by, reason=data.reason), by)


def _step(found: Request, place: int | None) -> int | None:
    """The step a program read, by its place in the present round."""
    if place is None:
        return None
    row = approvals.step_at(found, place)
    if row is None:
        raise WrongMoment(_("This step has been signed meanwhile. Reload and look at what is asked now."))
    return row.pk


def _row(found: Request) -> dict[str, Any]:
    names = directory()
    return {
        "id": found.pk, "title": found.title, "chain": found.chain, "chain_name": found.chain_name, "state": found.state, "round": found.rounds_made,
        "asked_by": names.people.get(found.asked_by_id), "asked_at": local(found.asked_at), "number": found.matter.number if found.matter else None,
    }  # fmt: skip


def _shown(found: Request, by: Actor) -> dict[str, Any]:
    found = approvals.find(found.pk, by)
    lap, names = approvals.laps(found)[0], directory()
    steps = [
        {"place": shown.step.place, "name": shown.step.name, "state": shown.step.state, "needed": shown.step.needed, "due_at": local(shown.step.due_at),
         "waiting": [names.people[p.seat.user_id] for p in shown.people if p.seat.waiting and shown.step.open and p.seat.user_id in names.people]}
        for shown in lap.steps
    ]  # fmt: skip
    return _row(found) | {"ended_at": local(found.ended_at), "digest": lap.round.digest, "facts": approvals.facts(lap.round.subject), "steps": steps}
