"""The list as a file: exactly the rows and columns it shows, or every field of its rows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock, sheets
from yingxu.base.web import door, methods
from yingxu.tasks import queries as tasks

from .. import actions, columns, queries, rules
from ..categories import names as category_names
from ..queries import rows as listing
from ..states import Channel, Outcome, State
from . import looks

FIELDS: dict[str, tuple[Any, Callable[[dict], Any]]] = {
    "number": (gettext_lazy("Number"), lambda row: row["matter__number"]),
    "category": (gettext_lazy("Category"), lambda row: row["category_name"]),
    "subject": (gettext_lazy("Subject"), lambda row: row["matter__title"]),
    "customer": (gettext_lazy("Customer"), lambda row: row["customer__name"]),
    "who": (gettext_lazy("Customer"), lambda row: row["customer__name"] or row["caller"]),
    "contact": (gettext_lazy("Contact"), lambda row: row["caller"]),
    "kind": (gettext_lazy("Business type"), lambda row: row["kind_name"]),
    "channel": (gettext_lazy("Channel"), lambda row: Channel(row["channel"]).label),
    "tasks": (gettext_lazy("Open tasks"), lambda row: row["left"].open if row["left"] else 0),
    "latest": (gettext_lazy("Latest words"), lambda row: row["latest"]),
    "state": (pgettext_lazy("field", "State"), lambda row: State(row["state"]).label),
    "department": (gettext_lazy("Department"), lambda row: row["matter__department__name"]),
    "person": (gettext_lazy("Person"), lambda row: row["matter__owner__name"]),
    "due": (gettext_lazy("Time limit"), lambda row: row["clock"].clock.due_at if row["clock"] else None),
    "step": (pgettext_lazy("column", "Step due"), lambda row: row["clock"].clock.get_step_display() if row["clock"] else ""),
    "rounds": (gettext_lazy("Rounds"), lambda row: row["round"]),
    "rating": (pgettext_lazy("field", "Rating"), lambda row: row["rating"]),
    "outcome": (gettext_lazy("How it ended"), lambda row: Outcome(row["outcome"]).label if row["outcome"] else ""),
    "tags": (pgettext_lazy("field", "Tags"), lambda row: row["tags"]),
    "raised": (gettext_lazy("Raised"), lambda row: row["raised_at"]),
    "registered": (gettext_lazy("Registered"), lambda row: row["matter__opened_at"]),
    "by": (gettext_lazy("Registered by"), lambda row: row["registered_by__name"]),
    "ended": (gettext_lazy("Ended"), lambda row: row["matter__closed_at"]),
    "body": (gettext_lazy("The customer's words"), lambda row: row["body"]),
}
EVERY = (
    "number", "category", "subject", "customer", "contact", "kind", "channel", "state", "department", "person", "due", "step", "rounds",
    "rating", "outcome", "tags", "raised", "registered", "by", "ended", "tasks", "body",
)  # fmt: skip
LINES = {"customer": ("who",), "where": ("department", "person"), "due": ("due", "step")}  # what a column of the list says in fields


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    """`query` is the list's query string, `row` the ticked numbers (none: all of the list), `kind` xlsx or csv with the columns the
    person sees, or all: a workbook with every field."""
    query = request.POST.get("query", "").lstrip("?")
    asked = QueryDict(query)
    filters = queries.Filters.parse(asked)
    found = actions.export(by=request.actor, filters=filters, numbers=request.POST.getlist("row"), query=query)
    kind = request.POST.get("kind")
    fields = EVERY if kind == "all" else shown(columns.chosen(request.user.columns))
    name = f"{filters.the_queue.label} {clock.today().isoformat()}"
    heads, cells = [str(FIELDS[f][0]) for f in fields], [FIELDS[f][1] for f in fields]
    rows = ([cell(row) for cell in cells] for row in _with_names(found, fields))
    return sheets.download(name, heads, rows, kind="csv" if kind == "csv" else "xlsx")


def shown(chosen: Iterable[str] | None) -> tuple[str, ...]:
    """The fields of the columns shown, from left to right; the number first, the subject where the list has it."""
    codes = columns.USUAL if chosen is None else tuple(chosen)
    before = [code for code in codes if code == "category"]
    return ("number", *before, "subject", *(field for code in codes if code not in before for field in LINES.get(code, (code,))))


def _with_names(found: list[dict], fields: Iterable[str]) -> Iterator[dict]:
    """Rows with their clock, words and names, a thousand at a time so that no query is too long; what no field shows is not asked."""
    kinds, categories, now = looks.kind_names(), category_names(), clock.now()
    for start in range(0, len(found), 1_000):
        part = found[start : start + 1_000]
        ids = [row["matter_id"] for row in part]
        clocks = listing.clocks_of(ids) if "due" in fields else {}
        words = listing.latest_words(ids) if "latest" in fields else {}
        left = tasks.left_on(ids) if "tasks" in fields else {}
        for row in part:
            pk = row["matter_id"]
            row["clock"], row["left"] = clocks.get(pk), left.get(pk)
            row["latest"] = looks.latest(words.get(pk) or looks.first_words(row), now) if "latest" in fields else ""
            row["kind_name"] = kinds.get(row["kind"], row["kind"])
            row["category_name"] = categories.get(row["category"], "")
            yield row
