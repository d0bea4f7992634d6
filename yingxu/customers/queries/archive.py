"""A customer's file as plain data: as it is, as it was at a moment, and as what may be given out (A4, A8).

`state` reads every column of every row of the file; a column added later is kept by itself. `state_on` takes the present state and
undoes every change since, the newest first. Everything printed or exported is made from this, with the moment it is true of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.files.queries import above, readable
from yingxu.matters.models import Matter

from .. import fields, labels
from ..models import Change, Contact, Contract, Customer, Dealing, Identifier, Instalment, Paper, Value
from . import sections

State = dict[str, dict[Any, dict[str, Any]]]


@dataclass(frozen=True)
class Part:
    """Rows of a table that belong to a file. `path` leads from the row to the customer; `only` or all columns but `leave`."""

    model: type[models.Model]
    path: str
    leave: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    files: bool = False

    @property
    def columns(self) -> list[str]:
        if self.only:
            return list(self.only)
        plain = [f for f in self.model._meta.concrete_fields if not isinstance(f, models.BinaryField | SearchVectorField)]
        return [f.attname for f in plain if not f.primary_key and f.attname not in ("customer_id", *self.leave)]


PARTS: dict[str, Part] = {
    "customer": Part(Customer, "pk", leave=("version", "merged_into_id")),
    "matter": Part(Matter, "pk", only=("owner_id", "department_id", "secrecy", "circle_id")),
    "contact": Part(Contact, "customer"),
    "identifier": Part(Identifier, "customer", leave=("first",)),
    "value": Part(Value, "customer"),
    "paper": Part(Paper, "customer", leave=("told_on", "ended_on"), files=True),
    "contract": Part(Contract, "customer", leave=("told_on", "version"), files=True),
    "instalment": Part(Instalment, "contract__customer", leave=("told_on", "late_on")),
    "dealing": Part(Dealing, "customer"),
}


def state(customer: Customer, parts: Iterable[str] = ()) -> State:
    """{part: {key of the row: {column: plain value}}}; values are keyed by section and field. One query a part (two with files)."""
    found: State = {}
    for name in parts or PARTS:
        part = PARTS[name]
        rows = part.model._base_manager.filter(**{part.path: customer.pk}).order_by("pk")
        read = {row["pk"]: {k: plain(v) for k, v in row.items() if k != "pk"} for row in rows.values("pk", *part.columns)}
        if part.files and read:
            for pk in read:
                read[pk]["files"] = []
            pairs = part.model._base_manager.filter(pk__in=read, files__isnull=False).values_list("pk", "files").order_by("files")
            for pk, file in pairs:
                read[pk]["files"].append(file)
        found[name] = {_key(row): {k: row[k] for k in ("value", "sealed", "masked")} for row in read.values()} if name == "value" else read
    return found


def _key(row: dict[str, Any]) -> str:
    return f"{row['section_id']}.{row['field']}"


def plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def differences(before: State, after: State) -> Iterable[tuple[str, int, str, Any, Any]]:
    """(part, row, field, old, new) of everything that is other; a row that came or went has no field."""
    for part in after:
        old, new = before.get(part, {}), after[part]
        for key in [*old, *(k for k in new if k not in old)]:
            was, now = old.get(key), new.get(key)
            if was == now:
                continue
            if part == "value":
                section, _dot, field = key.partition(".")
                yield part, int(section), field, was, now
            elif was is None or now is None:
                yield part, key, "", was, now
            else:
                yield from ((part, key, field, _apart(field, was.get(field)), _apart(field, now[field])) for field in now if was.get(field) != now[field])


def _apart(field: str, value: Any) -> Any:
    """What is sealed is kept under its own name, where a change of the key finds it."""
    return {"sealed": value} if field == "sealed" and value else value


def state_on(customer: Customer, moment: datetime) -> State:
    """The file exactly as it was at this moment."""
    found = state(customer)
    for change in Change.objects.filter(customer=customer, at__gt=moment).order_by("-id"):
        rows = found.setdefault(change.part, {})
        if change.part == "value" or not change.field:
            key = f"{change.row}.{change.field}" if change.part == "value" else change.row
            if change.old is None:
                rows.pop(key, None)
            else:
                rows[key] = dict(change.old)
        elif change.row in rows:
            rows[change.row][change.field] = change.old["sealed"] if isinstance(change.old, dict) else change.old
    return found


# ── as pages ──


@dataclass(frozen=True)
class Sheet:
    """A part of the file as it is given out: facts as (label, text), or a table with heads."""

    title: str
    level: int
    facts: list[tuple[str, str]]
    heads: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Archive:
    """A whole file as of a moment. `past`: somebody asked for another moment than now. `above`: the highest level among its sections and
    the scans named in it, where that is above the file's."""

    customer: Customer
    name: str
    level: int
    moment: datetime
    past: bool
    sheets: list[Sheet]
    above: int = 0


TABLES = {
    "contact": ("name", "position", "department", "role", "reports_to_id", "stance", "preference", "note", "active"),
    "paper": ("kind", "name", "masked", "issuer", "issued_on", "valid_until", "active", "files", "note"),
    "contract": ("number", "title", "state", "ours", "theirs", "amount", "currency", "signed_on", "begins_on", "ends_on", "renewal", "owner_id", "files", "clauses"),
    "instalment": ("contract_id", "due_on", "amount", "paid", "paid_on", "note"),
    "dealing": ("at", "kind", "by_name", "contact_id", "place", "text", "next_step", "struck_why"),
}  # fmt: skip
BASICS = ("type", "grade", "industry", "address", "reminder", "remark", "tags", "customer_since")


def of(customer: Customer, by: Actor, moment: datetime | None = None) -> Archive:
    """The file as it is, or was at a moment, as far as this actor may read it; numbers and sealed values stay covered. Raises Invalid for
    a moment before the file was opened or one to come."""
    now = clock.now()
    if moment is not None and not customer.matter.opened_at <= moment <= now:
        raise Invalid.field("on", _("This file exists since %(day)s; choose a day from then on.") % {"day": labels.show.day(customer.matter.opened_at)})
    found = state(customer) if moment is None else state_on(customer, moment)
    own, matter = found["customer"][customer.pk], found["matter"][customer.pk]
    names = labels.names_in(labels.pairs_of(row for rows in found.values() for row in rows.values()))
    names[Contract] = {pk: row["number"] for pk, row in found["contract"].items()}
    names[Contact] = {pk: row["name"] for pk, row in found["contact"].items()}
    scans = list(readable(by).filter(pk__in={pk for part in ("paper", "contract") for row in found[part].values() for pk in row["files"]}))
    papers = {f.pk: f.name for f in scans}

    def text(part: str, row: dict[str, Any], field: str) -> str:
        if field == "files":
            return "、".join(papers[pk] for pk in row["files"] if pk in papers)
        return labels.worded(part, field, row.get(field), names)

    basics = [(labels.column("customer", "name"), own["name"]), *((labels.column("customer", f), text("customer", own, f)) for f in BASICS)]
    basics += [(labels.column("matter", f), text("matter", matter, f)) for f in ("owner_id", "department_id", "secrecy")]
    level = matter["secrecy"]
    sheets = [Sheet(_("Basic facts"), level, basics, [], [])]
    numbers = [
        (text("identifier", row, "type") + (f" · {who}" if (who := text("identifier", row, "contact_id")) else ""), row["masked"])
        for row in found["identifier"].values()
    ]
    sheets += [Sheet(_("Phone and other numbers"), level, numbers, [], [])] if numbers else []
    titles: dict[str, str] = {"contact": _("Contacts"), "paper": _("Papers"), "contract": _("Contracts"), "instalment": _("Collection plan"), "dealing": _("Dealings")}
    for part, columns in TABLES.items():
        rows = [[text(part, row, field) for field in columns] for row in found[part].values()]
        sheets += [Sheet(titles[part], level, [], [labels.column(part, f) for f in columns], rows)] if rows else []
        if part == "contact":
            sheets += _sections(customer, by, found, own["type"])
    return Archive(customer, own["name"], level, moment or now, moment is not None, sheets, max(above(scans), *(s.level for s in sheets if s.level > level), 0))


def _sections(customer: Customer, by: Actor, found: State, type_: str) -> Iterable[Sheet]:
    for section, level in sections.open_to(customer, by, type_=type_):
        said = {spec.code: (spec.label, fields.said(spec, row)) for spec in section.every if (row := found["value"].get(f"{section.pk}.{spec.code}"))}
        if said:
            yield Sheet(section.name, level, list(said.values()), [], [])
