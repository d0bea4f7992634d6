"""What can be looked at again: columns of a customer's file, its contacts, and the fields of its sections ("section.field")."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.customers.models import Contact, Customer, Identifier, Section, SectionLevel
from yingxu.customers.models import Value as Filled

COLUMNS = ("name", "industry", "address", "reminder", "remark")  # filled in here; the rest is changed on the file
PARTS = ("contact", "phone", "customer_since", "grade")


@dataclass(frozen=True)
class Read:
    """A field as one customer's file has it now; `column` when a new value can be given on the list itself."""

    field: str
    label: str
    text: str
    column: bool


def known() -> dict[str, str]:
    """Every field that can be looked at again, with its name."""
    found = {code: label(code) for code in (*COLUMNS, *PARTS)}
    for section in Section.objects.filter(active=True):
        found |= {f"{section.code}.{spec.code}": f"{section.name} · {spec.label}" for spec in section.specs if not spec.sensitive}
    return found


def label(field: str) -> str:
    """What a field is called; one nobody knows any more by its code."""
    plain = {
        "name": _("Name"), "industry": _("Industry"), "address": _("Address"), "reminder": _("Reminder"), "remark": _("Remark"),
        "contact": _("Contact"), "phone": _("Phone"), "customer_since": _("Customer since"), "grade": _("Grade"),
    }  # fmt: skip
    if field in plain:
        return plain[field]
    section, _dot, code = field.partition(".")
    row = Section.objects.filter(code=section).first()
    return next((f"{row.name} · {spec.label}" for spec in row.every if spec.code == code), field) if row else field


def hidden(fields: Iterable[str], by: Actor) -> set[str]:
    """Those of a section whose level is above the actor's clearance: they are on no list of theirs."""
    high = set(Section.objects.filter(secrecy__gt=by.clearance).values_list("code", flat=True))
    return {field for field in fields if field.partition(".")[0] in high and "." in field}


def closed(by: Actor) -> set[tuple[int, str]]:
    """Sections of single files that were raised above the actor's clearance: (customer, code of the section)."""
    return set(SectionLevel.objects.filter(secrecy__gt=by.clearance).values_list("customer_id", "section__code"))


def above(by: Actor) -> Q:
    """Rows (of a customer and a field) whose section is above the actor's clearance, everywhere or in this file."""
    named = {"named": ExpressionWrapper(OuterRef("field"), output_field=CharField()), "begin": Concat("code", Value("."), output_field=CharField())}
    sections = Section.objects.alias(**named).filter(named__startswith=F("begin"))
    raised = SectionLevel.objects.filter(customer=OuterRef(OuterRef("customer")), section=OuterRef("pk"), secrecy__gt=by.clearance)
    return Q(Exists(sections.filter(Q(secrecy__gt=by.clearance) | Exists(raised))))


def applies(field: str, customer: Customer, types: dict[str, str]) -> bool:
    """Does a file of this type have the field? `types` are the sections in use with the type they are for."""
    section, dot, _code = field.partition(".")
    return not dot or types.get(section, "?") in ("", customer.type)


def types() -> dict[str, str]:
    """The sections in use and the type of customer each is for ("": every one)."""
    return dict(Section.objects.filter(active=True).values_list("code", "type"))


def read(customers: Iterable[Customer], fields: Iterable[str]) -> dict[int, dict[str, Read]]:
    """The given fields of these customers: key → field → what it says now. Five queries, however many customers."""
    rows, wanted = {c.pk: c for c in customers}, list(dict.fromkeys(fields))
    names = known() if any("." in field for field in wanted) else {}
    names = {field: names.get(field) or label(field) for field in wanted}
    said = {pk: {field: _column(customer, field) for field in wanted} for pk, customer in rows.items()}
    for contact in Contact.objects.filter(customer__in=rows, active=True).order_by("id"):
        _put(said[contact.customer_id], "contact", contact.name)
    for identifier in Identifier.objects.filter(customer__in=rows, type="phone").order_by("id"):
        _put(said[identifier.customer_id], "phone", identifier.masked)
    if any("." in field for field in wanted):
        _sections(said)
    return {pk: {field: Read(field, names[field], texts[field], field in COLUMNS) for field in wanted} for pk, texts in said.items()}


def _column(customer: Customer, field: str) -> str:
    if field not in (*COLUMNS, "customer_since", "grade"):
        return ""
    value = getattr(customer, field)
    return "" if value is None else str(value)


def _put(texts: dict[str, str], field: str, text: str) -> None:
    if field in texts:
        texts[field] = f"{texts[field]}、{text}" if texts[field] else text


def _sections(said: dict[int, dict[str, str]]) -> None:
    specs: dict[tuple[int, str], Any] = {}
    codes = {}
    for section in Section.objects.filter(active=True):
        codes[section.pk] = section.code
        specs |= {(section.pk, spec.code): spec for spec in section.specs if not spec.sensitive}
    for row in Filled.objects.filter(customer__in=said, section__in=codes):
        spec, field = specs.get((row.section_id, row.field)), f"{codes[row.section_id]}.{row.field}"
        if spec is not None and field in said[row.customer_id]:
            said[row.customer_id][field] = str(spec.text(row.value))
