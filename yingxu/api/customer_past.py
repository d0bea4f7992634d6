"""A customer's file over time by program: as it was on a day, every change, its story; and files that turn out to be one customer."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base import clock
from yingxu.base.access import RULES
from yingxu.base.errors import Gone, Invalid
from yingxu.customers import actions, queries
from yingxu.customers.models import Customer
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import answers, door, file_answers, file_shapes, shapes, showing
from .customer_files import customer_of
from .errors import Malformed
from .needs import KEY
from .paging import page_of
from .queries import customer as named
from .queries import directory

pairs = Router(tags=[gettext_noop("Customers")])  # before /customers/{number}, which would take its path
router = Router(tags=[gettext_noop("Customers")])


@pairs.get("/suspected", response=list[file_answers.AlikePair], summary=gettext_noop("List files that may be one customer"))
def suspected(request: HttpRequest) -> list[dict[str, Any]]:
    found = queries.suspected(door.by(request, RULES["customers.merge"]))
    return [{"one": _ref(pair.one), "other": _ref(pair.other), "same": pair.same, "likeness": round(pair.likeness, 2)} for pair in found]


def _ref(customer: Customer) -> dict[str, Any]:
    return {"number": customer.matter.number, "name": customer.name}


@router.get(
    "/{number}/file", response=file_answers.WholeFile, summary=gettext_noop("Read the whole file as it is, or as it was on a day"),
    description=gettext_noop("on= is a day such as 2026-03-18: the file as it stood when that day ended. Numbers and sealed values stay covered."),
    openapi_extra={"parameters": [{"in": "query", "name": "on", "schema": {"type": "string", "format": "date"}}]},
)  # fmt: skip
def whole(request: HttpRequest, number: str) -> dict[str, Any]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    made = queries.archive.of(customer, by, _moment(request.GET.get("on", "")))
    look(customer.matter, by=by, what=Look.What.API, detail="file", above=made.above)
    parts = [{"title": sheet.title, "secrecy": sheet.level, "facts": [(str(a), str(b)) for a, b in sheet.facts], "heads": [str(h) for h in sheet.heads], "rows": sheet.rows} for sheet in made.sheets]
    return {"number": number, "name": made.name, "secrecy": made.level, "as_of": showing.local(made.moment), "past": made.past, "parts": parts}


def _moment(text: str) -> datetime | None:
    """When the day ended; None for today, which has not."""
    if not text:
        return None
    try:
        day = shapes._day(text)
    except ValueError:
        raise Malformed(_("Choose a day such as 2026-03-18, today at the latest."), code="filter") from None
    if day > clock.today():
        raise Malformed(_("Choose a day such as 2026-03-18, today at the latest."), code="filter")
    if day == clock.today():
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


@router.get(
    "/{number}/changes", response=file_answers.FileChanges, summary=gettext_noop("List every change of a customer's file"),
    openapi_extra={"parameters": [{"in": "query", "name": "cursor", "schema": {"type": "string"}, "description": gettext_noop("From next or previous")}]},
)  # fmt: skip
def changes(request: HttpRequest, number: str) -> dict[str, Any]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    try:
        found = queries.changes.of(customer, by, request.GET.get("cursor", ""))
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    rows = [
        {"id": line.change.pk, "at": showing.local(line.change.at), "by": line.change.by_name, "what": str(line.what), "old": str(line.old), "new": str(line.new), "why": line.change.why}
        for line in found.rows
    ]  # fmt: skip
    return page_of(request, found, rows)


@router.get(
    "/{number}/timeline", response=answers.Timeline, summary=gettext_noop("Read the story of a customer's file"),
    description=gettext_noop("Oldest first, with what happened to files merged into it. With after= only what came later than that entry."),
)  # fmt: skip
def timeline(request: HttpRequest, number: str, after: int = 0) -> dict[str, Any]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    lines = sorted((line for line, _from in queries.history(customer, by) if line.entry.pk > after), key=lambda line: line.entry.pk)
    return {"items": showing.timeline(lines, {}), "last": max((line.entry.pk for line in lines), default=after)}


# ── two that are one ──


@router.get("/{number}/duplicates", response=list[file_answers.Alike], summary=gettext_noop("List customers that may be this one"))
def duplicates(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    return [{**_ref(d.customer), "same": d.same, "likeness": round(d.likeness, 2)} for d in queries.duplicates_of(customer, by=by)]


@router.post(
    "/{number}/merge", response=answers.CustomerFull, summary=gettext_noop("Merge another file into this one"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("Everything that hangs on the other file hangs on this one afterwards. It can be undone for 30 days."),
)  # fmt: skip
def merge(request: HttpRequest, number: str, data: file_shapes.MergeFiles, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, RULES["customers.merge"]), customer_of(request, number, "customers.merge")

    def done() -> Any:
        return actions.merge(customer, named(data.gone, by, "gone"), by=by, choices=_choices(data.choices))

    door.once(request, response, done)
    return showing.customer_full(queries.profile(number, by))


def _choices(given: dict[str, str]) -> dict[str, str]:
    """As the verb names fields: those of sections by the key of their section."""
    keys = {section.code: section.pk for section in queries.sections.every()}
    found = {}
    for name, value in given.items():
        code, dot, field = name.partition(".")
        found[f"section:{keys[code]}.{field}" if dot and code in keys else name] = value
    return found


@router.get("/{number}/merges", response=list[file_answers.FileMerge], summary=gettext_noop("List what was merged into this file and still is"))
def merges(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    people = directory().people
    return [
        {"id": found.pk, "gone": _ref(found.gone), "by": people.get(found.by_id), "at": showing.local(found.at), "can_be_undone": queries.can_be_undone(found)}
        for found in queries.merges(customer_of(request, number))
    ]  # fmt: skip


@router.post(
    "/{number}/merges/{merge}/undo", response=answers.CustomerFull, summary=gettext_noop("Take two merged files apart again"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("Answers with the file that comes back."),
)  # fmt: skip
def undo(request: HttpRequest, number: str, merge: int, data: shapes.Nothing, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, RULES["customers.merge"]), customer_of(request, number, "customers.merge")

    def done() -> Any:
        found = next((one for one in queries.merges(customer) if one.pk == merge), None)
        if found is None:
            raise Gone()
        return actions.undo_merge(customer, found, by=by)

    back = door.once(request, response, done)
    return showing.customer_full(queries.profile(back.matter.number, by))
