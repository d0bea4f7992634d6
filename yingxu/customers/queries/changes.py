"""What changed in a file: old and new value, who, when, why, for every field (A4)."""

from dataclasses import dataclass
from typing import Any

from yingxu.base.access import Actor
from yingxu.base.web import Slice, keyset
from yingxu.files.models import File

from .. import fields
from ..labels import Names, column, names_in, pairs_of, part_label, worded
from ..models import Change, Customer, Section
from . import sections


@dataclass(frozen=True)
class Line:
    """A change as it is shown: of what, from what, to what."""

    change: Change
    what: str
    old: str
    new: str


def of(customer: Customer, by: Actor, cursor: str = "", *, size: int = 50) -> Slice:
    """The changes this actor may know of, the newest first, as `Line`s. Four queries, one more where scans came or went."""
    rows = Change.objects.filter(customer=customer).exclude(part="value", row__in=sections.hidden_from(customer, by))
    found = keyset(rows, ("-id",), cursor, size=size)
    found.rows = _without_hidden_scans(found.rows, by)
    named = {section.pk: section for section in Section.objects.all()}
    whole = (value for c in found.rows if not c.field for value in (c.old, c.new))
    names = names_in([*pairs_of(whole), *((c.field, value) for c in found.rows for value in (c.old, c.new))])
    found.rows = [line(change, named, names) for change in found.rows]
    return found


def _without_hidden_scans(changes: list[Change], by: Actor) -> list[Change]:
    """Scans above the actor's clearance neither came nor went."""
    keys = {pk for c in changes if c.field == "files" for pk in [*(c.old or ()), *(c.new or ())]}
    if not keys or by.kind == "system":
        return changes
    hidden = set(File.objects.filter(pk__in=keys, secrecy__gt=by.clearance).values_list("pk", flat=True))
    for change in changes if hidden else ():
        if change.field == "files":
            change.old, change.new = ([pk for pk in side or () if pk not in hidden] for side in (change.old, change.new))
    return [c for c in changes if c.field != "files" or c.old != c.new]


def line(change: Change, named: dict[int, Section], names: Names) -> Line:
    """One change in words; sealed values stay covered."""
    if change.part == "value":
        section = named.get(change.row)
        spec = next((s for s in section.every if s.code == change.field), None) if section else None
        what = " · ".join([section.name if section else "", spec.label if spec else change.field])
        return Line(change, what, *(fields.said(spec, v) if v else "" for v in (change.old, change.new)))
    if not change.field:
        return Line(change, part_label(change.part), *(_row(change.part, v, names) for v in (change.old, change.new)))
    row = part_label(change.part)
    what = column(change.part, change.field) if change.part in ("customer", "matter") else f"{row} · {column(change.part, change.field)}"
    return Line(change, what, *(worded(change.part, change.field, v, names) for v in (change.old, change.new)))


def _row(part: str, row: dict[str, Any] | None, names: Names) -> str:
    """A whole row that came or went, by what people know it by."""
    if not row:
        return ""
    shown = {"contact": ("name", "position"), "identifier": ("type", "masked"), "paper": ("kind", "name", "masked"), "contract": ("number", "title"),
             "instalment": ("due_on", "amount"), "dealing": ("kind", "text")}.get(part, ())  # fmt: skip
    return " ".join(text for key in shown if (text := worded(part, key, row.get(key), names)))
