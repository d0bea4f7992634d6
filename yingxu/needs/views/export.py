"""The list as a file: exactly the rows and columns it shows."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.web import door, methods

from .. import actions, queries, rules
from ..queries import rows as listing
from ..states import Channel, Outcome, State
from . import looks


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    """`query` is the list's query string, `row` the ticked numbers (none: all of the list)."""
    query = request.POST.get("query", "").lstrip("?")
    asked = QueryDict(query)
    filters = queries.Filters.parse(asked)
    found = actions.export(by=request.actor, filters=filters, numbers=request.POST.getlist("row"), query=query)
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    name = f"{filters.the_queue.label} {clock.today().isoformat()}"
    return sheets.download(name, _heads(), (_cells(row) for row in _with_names(found)), kind=kind)


def _heads() -> list[str]:
    return [
        _("Number"), _("Category"), _("Subject"), _("Customer"), _("Contact"), _("Business type"), _("Channel"), pgettext("field", "State"),
        _("Department"), _("Person"), _("Time limit"), pgettext("column", "Step due"), _("Rounds"), pgettext("field", "Rating"),
        _("How it ended"), pgettext("field", "Tags"), _("Raised"), _("Registered"), _("Registered by"), _("Ended"), _("The customer's words"),
    ]  # fmt: skip


def _with_names(found: list[dict]) -> Any:
    """Rows with their clock and names, a thousand at a time so that no query is too long."""
    kinds, categories = looks.kind_names(), looks.category_names()
    for start in range(0, len(found), 1_000):
        part = found[start : start + 1_000]
        clocks = listing.clocks_of([row["matter_id"] for row in part])
        for row in part:
            row["clock"] = clocks.get(row["matter_id"])
            row["kind_name"] = kinds.get(row["kind"], row["kind"])
            row["category_name"] = categories.get(row["category"], "")
            yield row


def _cells(row: dict) -> list[Any]:
    shown = row["clock"]
    return [
        row["matter__number"], row["category_name"], row["matter__title"], row["customer__name"], row["caller"], row["kind_name"],
        Channel(row["channel"]).label, State(row["state"]).label, row["matter__department__name"], row["matter__owner__name"],
        shown.clock.due_at if shown else None, shown.clock.get_step_display() if shown else "", row["round"], row["rating"],
        Outcome(row["outcome"]).label if row["outcome"] else "", row["tags"], row["raised_at"], row["matter__opened_at"],
        row["registered_by__name"], row["matter__closed_at"], row["body"],
    ]  # fmt: skip
