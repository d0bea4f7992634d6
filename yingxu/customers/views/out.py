"""The file given out, always made from the archive: on paper, and as a workbook, with the moment it is true of (A8)."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from yingxu.base import clock, marks, sheets
from yingxu.base.errors import Invalid
from yingxu.base.web import door, methods, page
from yingxu.ui import show

from .. import actions, queries, rules


def moment_of(text: str) -> datetime | None:
    """The end of the day asked for, or None for now. Raises Invalid for what is no day, or is to come."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day > clock.today():
        raise Invalid.field("on", _("Choose a day such as 2026-03-18, today at the latest."))
    if day == clock.today():
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


@door(rules.GIVE_OUT)
@methods("POST")
def print_file(request: HttpRequest, number: str) -> HttpResponse:
    """On paper. A POST, since the journal states it."""
    made = actions.give_out(queries.one(number, request.actor), by=request.actor, how="print", moment=moment_of(request.POST.get("on", "")))
    return page(request, "customers/paper.html", {"a": made, "printed_by": request.actor.name, "now": clock.now(), "mark": marks.taken()})


@door(rules.GIVE_OUT)
@methods("POST")
def export_file(request: HttpRequest, number: str) -> HttpResponse:
    made = actions.give_out(queries.one(number, request.actor), by=request.actor, how="xlsx", moment=moment_of(request.POST.get("on", "")))
    heads = [_("Part"), _("Field"), _("Value")]
    about = [[_("About this file"), _("Register number"), number], ["", _("As of"), show.full(made.moment)], ["", _("Made by"), request.actor.name], ["", _("Made at"), show.full(clock.now())]]
    return sheets.download(f"{number} {timezone.localtime(made.moment):%Y-%m-%d}", heads, [*about, *_rows(made)])


def _rows(made: Any) -> Any:
    for sheet in made.sheets:
        yield from ([sheet.title, label, text] for label, text in sheet.facts)
        for n, row in enumerate(sheet.rows, 1):
            yield from ([f"{sheet.title} {n}", head, text] for head, text in zip(sheet.heads, row, strict=True) if text)
