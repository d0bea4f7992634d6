"""Upkeep of archives by program: rounds and their lists, recording results; monthly reports; what was learned."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.upkeep import actions, queries
from yingxu.upkeep import rules as upkeep
from yingxu.upkeep.models import Check, News, Report, Round, Sheet

from . import door, file_shapes, shapes
from . import relation_answers as answers
from .answers import CustomerPage
from .customer_files import customer_of
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import customer as named
from .queries import directory
from .relations import _asked, _named, _ref
from .showing import customer_row, local

router = Router(tags=[gettext_noop("Upkeep of archives")])
on_customers = Router(tags=[gettext_noop("Upkeep of archives")])


def _rate(found: queries.rounds.Rate | None) -> dict[str, int]:
    found = found or queries.rounds.Rate()
    return {name: getattr(found, name) for name in queries.rounds.RATE}


def _round(found: Round, rate: queries.rounds.Rate | None) -> dict[str, Any]:
    plain = ("kind", "starts_on", "due_on")
    return {**{key: getattr(found, key) for key in plain}, "id": found.pk, "closed_at": local(found.closed_at), "rate": _rate(rate)}


def _sheet(found: Sheet, rate: queries.rounds.Rate | None) -> dict[str, Any]:
    return {
        "number": found.matter.number, "kind": found.round.kind, "starts_on": found.round.starts_on, "due_on": found.round.due_on,
        "owner": directory().people.get(found.matter.owner_id), "finished_at": local(found.finished_at), "rate": _rate(rate),
    }  # fmt: skip


@router.get("/rounds", response=answers.RoundPage, summary=gettext_noop("List rounds of re-verification and supplement"), openapi_extra=_named(("kind", "cursor")))
def rounds(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["upkeep.view"]), _asked(request, ("kind", "cursor"))
    if asked["kind"] not in ("", *Round.Kind.values):
        raise Malformed(_("This list has no such filter."), code="filter")
    try:
        found, rates, _late = queries.rounds.listed(by, asked["kind"], asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_round(one, rates.get(one.pk)) for one in found.rows])


@router.get("/rounds/{pk}", response=answers.RoundFull, summary=gettext_noop("Read a round with its lists"))
def one_round(request: HttpRequest, pk: int) -> dict[str, Any]:
    by = door.by(request, RULES["upkeep.view"])
    found = queries.rounds.round(_key(pk), by)
    shown = queries.rounds.overview(found, by)
    return _round(found, shown.whole) | {"sheets": [_sheet(sheet, rate) for sheet, rate in shown.sheets]}


def _key(pk: int) -> int:
    if not 0 < pk < 2**62:
        raise Gone()
    return pk


@router.get("/ownerless", response=CustomerPage, summary=gettext_noop("List customers nobody looks after"), openapi_extra=_named(("q", "show", "sort", "cursor")),
            description=gettext_noop("Those you may change; show is none (never had an owner) or left. PATCH /customers/{number} gives them one."))  # fmt: skip
def ownerless(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["customers.edit"]), _asked(request, ("q", "show", "sort", "cursor"))
    try:
        found = queries.ownerless.listed(by, queries.ownerless.Wish.of(asked), asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [customer_row(row) for row in found.rows])


@router.get("/sheets", response=list[answers.Sheet], summary=gettext_noop("List one's own lists that are still to be gone through"))
def sheets(request: HttpRequest) -> list[dict[str, Any]]:
    return [_sheet(sheet, rate) for sheet, rate in queries.rounds.mine(door.by(request, RULES["upkeep.view"]))]


@router.get("/sheets/{number}", response=answers.SheetFull, summary=gettext_noop("Read a list, customer by customer"))
def one_sheet(request: HttpRequest, number: str) -> dict[str, Any]:
    by = door.by(request, RULES["upkeep.view"])
    return _whole(queries.rounds.sheet(number[:24], by), by)


def _whole(found: Sheet, by: Actor) -> dict[str, Any]:
    lines = queries.rounds.lines(found, by)
    for line in lines:
        look(line.customer.matter, by=by, what=Look.What.API)
    labels = queries.rounds.labels(lines)
    rate = queries.rounds.rates(by, queries.rounds.rows(by).filter(sheet=found), "sheet").get(found.pk)
    return _sheet(found, rate) | {"lines": [{"customer": _ref(line.customer), "checks": [_check(c, labels[c.field]) for c in line.checks]} for line in lines]}


def _check(found: Check, label: str) -> dict[str, Any]:
    return {"field": found.field, "label": label, "result": found.result, "words": found.words, "at": local(found.at), "times": found.times}


@router.post(
    "/sheets/{number}/results", response=answers.SheetFull, summary=gettext_noop("Record what came of looking at a customer's fields again"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("A change goes into the file by its own verb: values gives the new one of a field of the file itself; anything else must have changed there since the round began."),
)  # fmt: skip
def results(request: HttpRequest, number: str, data: file_shapes.Results, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.check.rule)
    found, customer = queries.rounds.sheet(number[:24], by), named(data.customer, by, "customer")
    door.once(request, response, lambda: actions.check(found, by=by, customer=customer.pk, results=data.results, values=data.values, words=data.words))
    return _whole(queries.rounds.sheet(number[:24], by), by)


# ── reports ──


_REPORTS = ("part", "state", "month", "sort", "cursor")


@router.get("/reports", response=answers.ReportPage, summary=gettext_noop("List monthly customer reports"), openapi_extra=_named(_REPORTS),
            description=gettext_noop("part is mine, unread or late; month is 2026-03."))  # fmt: skip
def reports(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["upkeep.view_report"]), _asked(request, _REPORTS)
    try:
        found = queries.reports.listed(by, queries.reports.Wish.of(asked), asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_report(one) for one in found.rows])


def _report(found: Report) -> dict[str, Any]:
    moments = {"submitted_at": local(found.submitted_at), "read_at": local(found.read_at)}
    return {"number": found.matter.number, "month": f"{found.month:%Y-%m}", "person": directory().people.get(found.matter.owner_id), "state": found.state, "due_on": found.due_on, **moments}


@router.get("/reports/{number}", response=answers.ReportFull, summary=gettext_noop("Read a monthly customer report"),
            description=gettext_noop("A draft is only for whoever writes it. Figures count what you can see."))  # fmt: skip
def one_report(request: HttpRequest, number: str) -> dict[str, Any]:
    by = door.by(request, RULES["upkeep.view_report"])
    return _told(_own(number, by), by)


def _own(number: str, by: Actor) -> Report:
    """The report; a draft only for whoever writes it."""
    found = queries.reports.find(number[:24], by)
    if found.state == Report.State.DRAFT and not upkeep.WRITE.allows(by, found):
        raise Gone()
    look(found.matter, by=by, what=Look.What.API)
    return found


def _told(found: Report, by: Actor) -> dict[str, Any]:
    people = directory().people
    figures = [{"code": f.code, "name": f.name, "value": f.n, "delta": f.delta} for f in queries.reports.of_report(found, by)]
    said = [{"by": people.get(c.by_id), "at": local(c.at), "text": c.text} for c in found.comments.all()]
    return _report(found) | {
        "summary": found.summary, "risks": found.risks, "plans": found.plans, "as_of": local(found.as_of), "figures": figures, "comments": said,
    }  # fmt: skip


@router.post("/reports/{number}/words", response=answers.ReportFull, summary=gettext_noop("Write one's report before it is handed in"))
def write(request: HttpRequest, number: str, data: file_shapes.ReportWords) -> dict[str, Any]:
    by = door.by(request, actions.write.rule)
    return _told(actions.write(_own(number, by), by=by, summary=data.summary, risks=data.risks, plans=data.plans), by)


@router.post("/reports/{number}/submission", response=answers.ReportFull, summary=gettext_noop("Hand in a report; its figures stay as they are now"))
def submit(request: HttpRequest, number: str, data: file_shapes.ReportWords) -> dict[str, Any]:
    by = door.by(request, actions.submit.rule)
    return _told(actions.submit(_own(number, by), by=by, summary=data.summary, risks=data.risks, plans=data.plans), by)


@router.post("/reports/{number}/reading", response=answers.ReportFull, summary=gettext_noop("Say that a report was read"))
def read(request: HttpRequest, number: str, data: shapes.Nothing) -> dict[str, Any]:
    by = door.by(request, actions.read.rule)
    return _told(actions.read(_own(number, by), by=by), by)


@router.post("/reports/{number}/comments", response={201: answers.ReportFull}, summary=gettext_noop("Comment on a report"), openapi_extra={"parameters": [KEY]})
def comment(request: HttpRequest, number: str, data: shapes.Words, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.comment.rule)
    found = _own(number, by)
    door.once(request, response, lambda: actions.comment(found, by=by, text=data.text))
    return _told(queries.reports.find(number[:24], by), by)


# ── what was learned ──


@router.get("/news", response=answers.NewsPage, summary=gettext_noop("List what was learned and is to be entered"), openapi_extra=_named(("part", "cursor")),
            description=gettext_noop("part is open (as sent when left out), late, broken (entered late) or done."))  # fmt: skip
def news(request: HttpRequest) -> dict[str, Any]:
    by, asked = door.by(request, RULES["upkeep.see_news"]), _asked(request, ("part", "cursor"))
    if asked["part"] not in ("", *queries.news.PARTS):
        raise Malformed(_("This list has no such filter."), code="filter")
    try:
        found = queries.news.listed(by, asked["part"] or "open", asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, [_news(row) for row in found.rows])


def _news(found: News) -> dict[str, Any]:
    plain = ("kind", "text", "learned_on", "due_on")
    return {**{key: getattr(found, key) for key in plain}, "id": found.pk, "customer": _ref(found.customer), "entered_at": local(found.entered_at)}


@router.post("/news/{pk}/entry", response=answers.News, summary=gettext_noop("Say that what was learned stands in the file now"))
def enter(request: HttpRequest, pk: int, data: shapes.Nothing) -> dict[str, Any]:
    by = door.by(request, actions.enter.rule)
    found = queries.news.find(_key(pk), by)
    actions.enter(found, by=by)
    return _news(queries.news.find(pk, by))


@on_customers.post("/{number}/news", response={201: answers.News}, summary=gettext_noop("Note something that was learned about a customer"), openapi_extra={"parameters": [KEY]})
def note(request: HttpRequest, number: str, data: file_shapes.Learned, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.note.rule), customer_of(request, number)
    return _news(door.once(request, response, lambda: actions.note(customer, by=by, kind=data.kind, text=data.text, learned_on=data.learned_on)))
