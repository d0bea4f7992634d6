"""Imports: which there are, how far one is, what became of its rows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from yingxu.base import tables
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Refusal
from yingxu.base.web import Slice, keyset

from .. import columns, rules
from ..actions.imports import place
from ..backfill import Reader
from ..models import ImportRow, ImportRun


def runs(by: Actor, cursor: str = "") -> Slice:
    """The imports this actor may see, newest first."""
    return keyset(ImportRun.objects.filter(rules.IMPORT.where(by)).select_related("by"), ("-at", "-id"), cursor)


def find(pk: int, by: Actor) -> ImportRun:
    """One run. Raises Gone."""
    found = ImportRun.objects.filter(rules.IMPORT.where(by), pk=pk).select_related("by").first()
    if found is None:
        raise Gone()
    return found


def tally(run: ImportRun) -> dict[str, int]:
    """How many rows had which outcome."""
    found = dict(run.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    return {outcome.value: found.get(outcome.value, 0) for outcome in ImportRow.Outcome}


def rows(run: ImportRun, outcome: str, cursor: str = "") -> Slice:
    """Rows with an outcome, by line."""
    found = run.rows.select_related("need__matter").defer("need__matter__search")
    return keyset(found.filter(outcome=outcome) if outcome else found, ("line", "id"), cursor)


def refused(run: ImportRun):
    """Every refused row, for the downloadable report."""
    return run.rows.filter(outcome=ImportRow.Outcome.REFUSED).order_by("line").iterator()


@dataclass
class Look:
    """The first rows as they would be read: cells as text, and what would be refused."""

    line: int
    cells: list[str]
    trouble: str


def preview(run: ImportRun, *, first: int = 8) -> tuple[list[Look], dict[str, list[str]]]:
    """(the first rows, the distinct values of state-like columns for an event log)."""
    table = tables.read(place(run.stored), run.name)
    reader, looks = Reader(run), []
    for line, cells in table.rows[:first]:
        trouble = ""
        if run.shape == ImportRun.Shape.NEEDS:
            try:
                reader.read(line, cells)
            except Refusal as refusal:
                trouble = str(refusal)
        looks.append(Look(line, [_shown(cells.get(name)) for name in run.header], trouble))
    distinct: dict[str, list[str]] = {}
    if run.shape == ImportRun.Shape.EVENTS:
        state = next((name for name, code in run.mapping.items() if code == "state"), "")
        distinct["states"] = sorted({str(cells.get(state, "")) for _line, cells in table.rows})[:40] if state else []
    return looks, distinct


def _shown(cell: Any) -> str:
    text = " ".join(str("" if cell is None else cell).split())
    return text if len(text) <= 40 else text[:39] + "…"


def targets(run: ImportRun) -> list[columns.Target]:
    return columns.targets(run.shape, run.options.get("kind", ""))
