"""Sections of a customer file and what was filled in: read through here by everybody, so that a section's level holds everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.files import queries as files
from yingxu.matters import access
from yingxu.matters.models import Entry
from yingxu.matters.queries import Line

from .. import fields
from ..fields import Field
from ..models import Customer, Section, SectionLevel, Term, Value


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


Levels = list[tuple[Section, int]]


def levels(customer: Customer) -> Levels:
    """How secret each section of this file is: never less than the file, than the company says of the section, or than it was raised to
    for this customer. One query; who asks several of the functions below hands its answer on to them as `among`."""
    return [(section, max(customer.matter.secrecy, section.secrecy, section.raised or 0)) for section in _raised(customer.pk)]


@kept
def _raised(customer: int) -> QuerySet[Section]:
    own = SectionLevel.objects.filter(customer_id=customer, section=OuterRef("pk")).values("secrecy")
    return Section.objects.annotate(raised=Subquery(own))


def open_to(customer: Customer, by: Actor, *, type_: str = "", among: Levels | None = None) -> Levels:
    """The sections of this file this actor may know of, each with its level. The one place where this is decided; the file itself the
    actor was already let see."""
    used = [(section, level) for section, level in (levels(customer) if among is None else among) if section.active and section.type in ("", type_ or customer.type)]
    return [(section, level) for section, level in used if by.kind == "system" or level <= by.clearance]


def hidden_from(customer: Customer, by: Actor, among: Levels | None = None) -> list[int]:
    """Keys of the sections whose content and history this actor may not know of, also of those out of use."""
    found = [] if by.kind == "system" else levels(customer) if among is None else among
    return [section.pk for section, level in found if level > by.clearance]


def may_hear(by: Actor, entry: Entry) -> bool:
    """May somebody who sees the file hear of this entry about a section of it?"""
    section = entry.facts.get("section")
    if by.kind == "system" or section is None or entry.matter is None or entry.matter.kind != "customer":
        return True
    customer = Customer.objects.select_related("matter").get(pk=entry.matter_id)
    return section not in hidden_from(customer, by)


access.within_parts(may_hear)


def known(lines: list[Line], customer: Customer, by: Actor, among: Levels | None = None) -> list[Line]:
    """Those lines of the file's timeline that this actor may read: what happened to a section, or what was asked about something, that
    they may not know of did not happen; of files likewise."""
    lines = files.known(lines, by)
    if any(getattr(line.event, "section", None) is not None for line in lines):
        hidden = hidden_from(customer, by, among)
        lines = [line for line in lines if getattr(line.event, "section", None) not in hidden]
    return lines


def above(customer: Customer, shown: Iterable[Shown]) -> int:
    """The highest level among these sections that say something, where that is above the file's, else 0: a look at them is written down
    though the file itself is not guarded."""
    return max((one.level for one in shown if one.filled and one.level > customer.matter.secrecy), default=0)


def read(customer: Customer, by: Actor, among: Levels | None = None) -> list[Shown]:
    """What the file says, section by section, as far as this actor may read it. Two queries."""
    rows = {(row.section_id, row.field): row for row in _values(customer.pk)}
    found = []
    for section, level in open_to(customer, by, among=among):
        facts = []
        for spec in section.specs:
            row = rows.get((section.pk, spec.code))
            filled = columns(row) if row else None
            if row:
                row.customer = customer
            facts.append(Fact(spec, fields.said(spec, filled) if filled else "", filled, row))
        found.append(Shown(section, level, facts))
    return found


@kept
def _values(customer: int) -> QuerySet[Value]:
    return Value.objects.filter(customer_id=customer)


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
