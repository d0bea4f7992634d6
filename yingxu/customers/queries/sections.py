"""Sections of a customer file and what was filled in: read through here by everybody, so that a section's level holds everywhere."""

from dataclasses import dataclass, field
from typing import Any

from yingxu.base.access import Actor
from yingxu.base.errors import Gone

from .. import fields
from ..fields import Field
from ..models import Customer, Section, Term, Value


@dataclass(frozen=True)
class Fact:
    """A field of a section with what it says; `value` is the row when a sealed value may be uncovered. Columns as they are kept: `kept`."""

    spec: Field
    text: str
    kept: dict[str, Any] | None = None
    value: Value | None = None


@dataclass(frozen=True)
class Shown:
    """A section of one customer's file as an actor may read it."""

    section: Section
    level: int
    facts: list[Fact] = field(default_factory=list)

    @property
    def filled(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.kept]

    @property
    def mark(self) -> str:
        """Other as soon as somebody changes a value of the section."""
        return fields.mark({fact.spec.code: fact.kept for fact in self.filled})


def level_of(customer: Customer, section: Section) -> int:
    """How secret this section of this file is: never less than the file, never less than the company says of the section."""
    return max(customer.matter.secrecy, section.secrecy)


def open_to(customer: Customer, by: Actor, *, type_: str = "") -> list[tuple[Section, int]]:
    """The sections of this file this actor may know of, each with its level. The one place where this is decided; the file itself the
    actor was already let see."""
    kind = type_ or customer.type
    found = [(section, level_of(customer, section)) for section in Section.objects.filter(active=True, type__in=["", kind])]
    return [(section, level) for section, level in found if by.kind == "system" or level <= by.clearance]


def hidden_from(customer: Customer, by: Actor) -> list[int]:
    """Keys of the sections whose content and history this actor may not know of, also of those out of use."""
    if by.kind == "system":
        return []
    return [section.pk for section in Section.objects.all() if level_of(customer, section) > by.clearance]


def read(customer: Customer, by: Actor) -> list[Shown]:
    """What the file says, section by section, as far as this actor may read it. Two queries."""
    rows = {(row.section_id, row.field): row for row in Value.objects.filter(customer=customer)}
    found = []
    for section, level in open_to(customer, by):
        facts = []
        for spec in section.specs:
            row = rows.get((section.pk, spec.code))
            kept = columns(row) if row else None
            if row:
                row.customer = customer
            facts.append(Fact(spec, fields.said(spec, kept) if kept else "", kept, row))
        found.append(Shown(section, level, facts))
    return found


def one(customer: Customer, code: str, by: Actor) -> Shown:
    """One section of the file. Raises Gone, also for one this actor may not know of."""
    found = next((shown for shown in read(customer, by) if shown.section.code == code), None)
    if found is None:
        raise Gone()
    return found


def columns(row: Value) -> dict[str, Any]:
    return {"value": row.value, "sealed": row.sealed, "masked": row.masked}


# ── what is asked ──


def every() -> list[Section]:
    """Every section, also those out of use, for the settings."""
    return list(Section.objects.all())


def section(code: str) -> Section:
    """One section by its code. Raises Gone."""
    found = Section.objects.filter(code=code).first()
    if found is None:
        raise Gone()
    return found


def term() -> Term:
    """How many days before its end something is spoken of."""
    return Term.objects.filter(pk=1).first() or Term()


def exported() -> dict[str, dict]:
    """The declared sections as plain data for a policy pack, by code; "reminders" are the days."""
    days = term()
    found: dict[str, dict] = {"reminders": {"papers": days.paper_days, "contracts": days.contract_days, "instalments": days.instalment_days}}
    for row in every():
        found[row.code] = {
            "name": row.name, "hint": row.hint, "type": row.type, "secrecy": row.secrecy, "active": row.active, "fields": list(row.fields),
        }  # fmt: skip
    return found
