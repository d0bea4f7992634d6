"""Needs: take them in, one or a thousand; list, read, follow their story."""

from typing import Any

import msgspec
import pydantic
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Invalid, Refusal
from yingxu.customers.models import Customer
from yingxu.files import queries as files
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.matters.queries import timeline as lines_of
from yingxu.needs import actions, queries
from yingxu.needs.actions import Intake, Once, Registered

from . import answers, door, problems, shapes, showing
from .errors import Malformed
from .paging import page_of
from .queries import customers_by_number, find

router = Router(tags=[gettext_noop("Needs")])
KEY = {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": 150}, "description": gettext_noop("Send the same key when you repeat a request: nothing is recorded twice")}  # fmt: skip


@router.post(
    "", response={201: answers.Registered}, summary=gettext_noop("Register a need"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("The same Idempotency-Key with the same content is answered as the first time, with the header Idempotent-Replayed: true; with other content it is refused (409)."),
)  # fmt: skip
def register(request: HttpRequest, data: shapes.NewNeed) -> HttpResponse:
    by = door.by(request, RULES["needs.register"])
    key = door.key(request)
    once = Once.of(door.source(request), key, request.json) if key else None  # type: ignore[attr-defined]
    customer = None
    if data.customer and data.customer.number:
        customer = customers_by_number(by, [data.customer.number]).get(data.customer.number)
    done = actions.register(_intake(data, customer), by=by, once=once)
    url = _url(done.number)
    response = HttpResponse(msgspec.json.encode({"number": done.number, "url": url}), status=201, content_type="application/json")
    response["Location"] = url
    if done.repeated:
        response["Idempotent-Replayed"] = "true"
    return response


@router.post(
    "/batch", response={200: answers.BatchDone}, summary=gettext_noop("Register up to 1,000 needs"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("One transaction; each need is judged by itself and answered at its place. With an Idempotency-Key the whole batch can be sent again: rows that were registered are not registered twice."),
)  # fmt: skip
def batch(request: HttpRequest, data: shapes.Batch) -> dict[str, Any]:
    by = door.by(request, RULES["needs.register"])
    key = door.key(request)
    results: list[dict[str, Any]] = [{}] * len(data.needs)
    ready = _readable(data.needs, by, results)
    source = door.source(request)
    onces = [Once.of(source, f"{key}#{at}", data.needs[at]) for at, _intake in ready] if key else None
    found = actions.register_many([intake for _at, intake in ready], by=by, onces=onces) if ready else []
    for (at, _intake), answer in zip(ready, found, strict=True):
        results[at] = _row(at, answer)
    registered = sum(row["status"] == 201 for row in results)
    return {"registered": registered, "refused": len(results) - registered, "results": results}


def _readable(given: list[Any], by: Actor, results: list[dict[str, Any]]) -> list[tuple[int, Intake]]:
    """(place, intake) of the rows that have the right shape; the others are answered in `results`."""
    shaped: list[tuple[int, shapes.NewNeed]] = []
    for at, one in enumerate(given):
        try:
            shaped.append((at, shapes.NewNeed.model_validate(one)))
        except pydantic.ValidationError as error:
            results[at] = _row(at, problems.misshapen(error.errors()))
    numbers = {need.customer.number for _at, need in shaped if need.customer and need.customer.number}
    known = customers_by_number(by, numbers) if numbers else {}
    ready = []
    for at, need in shaped:
        try:
            ready.append((at, _intake(need, known.get(need.customer.number) if need.customer else None)))
        except Refusal as refusal:
            results[at] = _row(at, refusal)
    return ready


def _row(at: int, answer: Registered | Refusal) -> dict[str, Any]:
    if isinstance(answer, Registered):
        return {"index": at, "status": 201, "number": answer.number, "replayed": answer.repeated or None}
    return {"index": at, "status": answer.status, "problem": problems.rows(answer)}


def _intake(need: shapes.NewNeed, customer: Customer | None) -> Intake:
    who = need.customer or shapes.Who()
    if who.number and customer is None:
        raise Invalid.field("customer.number", _("There is no customer %(number)s that you can see.") % {"number": who.number})
    return Intake(
        kind=need.kind, body=need.body, channel=need.channel, title=need.title, category=need.category, fields=need.fields,
        customer=customer, customer_name=who.name, contact_name=who.contact, phone=who.phone, email=who.email, tags=need.tags,
        raised_at=need.raised_at, secrecy=need.secrecy,
    )  # fmt: skip


def intake(request: HttpRequest, need: shapes.NewNeed) -> Intake:
    """The intake of a need inside another request."""
    number = need.customer.number if need.customer else ""
    by = request.auth.actor  # type: ignore[attr-defined]
    return _intake(need, customers_by_number(by, [number]).get(number) if number else None)


def _url(number: str) -> str:
    return f"/api/v1/needs/{number}"


_LISTED = [name for name in queries.FILTERS if name not in ("view", "show")]


@router.get(
    "", response=answers.NeedPage, summary=gettext_noop("List needs"),
    description=gettext_noop("Filters may be given several times for “one of”. q searches the Chinese text: any two characters in a row are found."),
    openapi_extra={"parameters": [{"in": "query", "name": name, "schema": {"type": "string"}} for name in _LISTED]},
)  # fmt: skip
def index(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["needs.view"])
    unknown = set(request.GET) - set(_LISTED)
    if unknown:
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    try:
        found = queries.inbox(by, queries.Filters.parse(request.GET))
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, showing.need_rows(found.rows))


@router.get("/{number}", response=answers.NeedFull, summary=gettext_noop("Read a need"))
def one(request: HttpRequest, number: str, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, RULES["needs.view"])
    need = find(number, by, whole=True)
    look(need.matter, by=by, what=Look.What.API)
    response["ETag"] = f'"{need.version}"'
    return showing.full(need, by)


@router.get(
    "/{number}/timeline", response=answers.Timeline, summary=gettext_noop("Read the story of a need"),
    description=gettext_noop("Oldest first. With after= only what came later than that entry."),
)  # fmt: skip
def timeline(request: HttpRequest, number: str, after: int = 0) -> dict[str, Any]:
    by = door.by(request, RULES["needs.view"])
    need = find(number, by)
    papers = files.on_matter(need.matter, by)
    look(need.matter, by=by, what=Look.What.API, above=files.above(papers))
    lines = files.known(lines_of(need.matter, since=min(max(after, 0), 2**62)), by, papers)
    items = showing.timeline(lines, showing.papers(papers))
    return {"items": items, "last": max((item["id"] for item in items), default=after)}
