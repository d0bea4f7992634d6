"""Changing a customer's file: its fields, tags, contacts and identifiers; uncovering and exporting."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Gone, Invalid, NotAllowed, Stale
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.people.models import Department, User

from .. import fields, identifiers, queries, rules
from ..events import (
    ContactAdded,
    ContactChanged,
    ContactRetired,
    CustomerChanged,
    CustomersExported,
    CustomerTagged,
    IdentifierRemoved,
    IdentifierRevealed,
    contact_label,
)
from ..models import Contact, Customer, Identifier
from .checking import CONTACT, clean_contact, clean_details, clean_tags
from .consenting import Spoken, consents_needed, note_consents
from .keeping import came, clean_why, kept
from .looking import said_for
from .opening import keep_identifier

EXPORT_MOST = 20_000


@action(rules.EDIT)
def edit(
    customer: Customer, *, by: Actor, version: int | None = None, why: str = "", learned_on: date | None = None, **changes: Any
) -> Customer:
    """Change fields (name, type, grade, industry, address, reminder, remark, tags, customer_since, owner, department); what is the
    same is left alone. `version` is the one the person was looking at: raises Stale with both values when somebody else changed
    one of the given fields since. `learned_on` is the day somebody learned it, as far as it was said. Another grade needs `why`: it is otherwise than the rules say. Giving a file to another department or person needs the right to see it afterwards."""
    not_merged(customer)
    hanging = {key: changes.pop(key) for key in ("owner", "department") if key in changes}
    clean = clean_details(changes)
    differ = {key: value for key, value in clean.items() if getattr(customer, key) != value}
    moved = {key: value for key, value in hanging.items() if getattr(customer.matter, key) != value}
    if version is not None and version != customer.version and (differ or moved):
        theirs = {key: (said(customer, key), worded(key, value)) for key, value in {**differ, **moved}.items()}
        raise Stale(_("Not saved: somebody else has just changed this customer."), theirs=theirs)
    if learned_on is not None and learned_on > clock.today():
        raise Invalid.field("learned_on", _("This day is still to come."))
    if "grade" in differ and not clean_why(why):
        raise Invalid.field("why", _("Say why the grade is another one than the rules give."))
    return change(customer, {**differ, **moved}, by=by, why=clean_why(why), learned_on=learned_on)


@step
def change(customer: Customer, values: dict[str, Any], *, by: Actor, why: str = "", learned_on: date | None = None) -> Customer:
    """Set clean values that differ, one journal entry for each field; the first carries the day on which it was learned."""
    if not values:
        return customer
    with kept(customer, "customer", "matter", by=by, why=why):
        return _change(customer, values, by, why, learned_on)


def _change(customer: Customer, values: dict[str, Any], by: Actor, why: str, learned_on: date | None) -> Customer:
    events: list[CustomerChanged] = []
    for key, value in values.items():
        old = said(customer, key)
        if key in ("owner", "department"):
            setattr(customer.matter, key, value)
        else:
            setattr(customer, key, value)
        if key != "tags":
            events.append(CustomerChanged(field=key, old=old, new=said(customer, key), why=why, learned_on=None if events else learned_on))
    if "name" in values:
        customer.matter.title = customer.name
    customer.version += 1
    customer.save()
    customer.matter.save(update_fields=["title", "owner", "department"])
    if values.keys() & {"name", "industry", "address", "tags"}:
        reindex(customer)
    tell = [customer.matter.owner_id] if "owner" in values else []
    for event in events:
        matters.record(event, on=customer.matter, by=by, tell=tell)
    return customer


def said(customer: Customer, key: str) -> str:
    """A field's value as text, for the journal and for differences; choices by their code."""
    return worded(key, getattr(customer.matter if key in ("owner", "department", "secrecy") else customer, key))


def worded(key: str, value: Any) -> str:
    if key == "tags":
        return "、".join(value)
    if isinstance(value, Department | User):
        return value.name
    return "" if value is None else str(value)


@step
def reindex(customer: Customer) -> None:
    """The search words of the file from the beginning: names, also of those merged into it, contacts, trade, place, tags."""
    names = customer.contacts.filter(active=True).values_list("name", flat=True)
    gone = Customer.objects.filter(merged_into=customer).values_list("name", flat=True)
    words = searching.vector(customer.name, *names, customer.industry, customer.address, *customer.tags, *gone)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET words = %s::tsvector WHERE matter_id = %s", [words, customer.pk])


@action(rules.EDIT)
def tag(customer: Customer, *, by: Actor, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Customer:
    """Add and remove tags; what is already so is left alone."""
    not_merged(customer)
    remove = set(remove)
    tags = clean_tags([*(t for t in customer.tags if t not in remove), *add])
    added, removed = [t for t in tags if t not in customer.tags], [t for t in customer.tags if t not in tags]
    if added or removed:
        change(customer, {"tags": tags}, by=by)
        matters.record(CustomerTagged(added=added, removed=removed), on=customer.matter, by=by)
    return customer


# ── contacts ──


@action(rules.EDIT)
def add_contact(
    customer: Customer, *, by: Actor, name: str, phone: str = "", email: str = "", why: str = "", **details: Any
) -> Contact:
    """A person we talk to there (position, department, role, reports_to, stance, preference, note), with a phone and a mail address
    when they are known."""
    not_merged(customer)
    values = clean_contact({"name": name, **details})
    _above(customer, None, values.get("reports_to"))
    given = [identifiers.read(type_, text) for type_, text in (("phone", phone), ("email", email)) if text.strip()]
    contact = Contact.objects.create(customer=customer, **values)
    came(customer, "contact", contact, by=by, why=clean_why(why))
    matters.record(ContactAdded(contact=contact.pk, name=contact.name), on=customer.matter, by=by)
    for one in given:
        keep_identifier(customer, contact, one, by)
    reindex(customer)
    return contact


@action(rules.EDIT)
def edit_contact(customer: Customer, contact: Contact, *, by: Actor, why: str = "", seen: str = "", **changes: Any) -> Contact:
    """Change what is known of a contact, one journal entry for each. `seen` is the contact's mark as the person had it: raises Stale
    with both values when another one changed it meanwhile."""
    contact, why = _own(customer, contact), clean_why(why)
    values = clean_contact({key: getattr(contact, key) for key in CONTACT} | changes)
    _above(customer, contact, values.get("reports_to"))
    called = contact.name
    differ = {key: value for key, value in values.items() if getattr(contact, key) != value}
    if seen and differ and seen != contact_mark(contact):
        theirs = {str(contact_label(key)): (_plainly(getattr(contact, key)), _plainly(value)) for key, value in differ.items()}
        raise Stale(_("Not saved: somebody else has just changed this customer."), theirs=theirs)
    with kept(customer, "contact", by=by, why=why):
        for key, value in differ.items():
            old = getattr(contact, key)
            setattr(contact, key, value)
            event = ContactChanged(contact=contact.pk, name=called, field=key, old=_plainly(old), new=_plainly(value), why=why)
            matters.record(event, on=customer.matter, by=by)
        contact.save()
    if called != contact.name:
        reindex(customer)
    return contact


@action(rules.EDIT)
def retire_contact(customer: Customer, contact: Contact, *, by: Actor, active: bool = False) -> Contact:
    """Put a contact away who has left, or bring one back; what they did stays."""
    contact = _own(customer, contact)
    if contact.active != active:
        with kept(customer, "contact", by=by):
            contact.active = active
            contact.save(update_fields=["active"])
        matters.record(ContactRetired(contact=contact.pk, name=contact.name, active=active), on=customer.matter, by=by)
        reindex(customer)
    return contact


def contact_mark(contact: Contact) -> str:
    """Other as soon as somebody changes the contact."""
    return fields.mark({key: _plainly(getattr(contact, key)) for key in CONTACT})


def _plainly(value: Any) -> str:
    return value.name if isinstance(value, Contact) else value or ""


def _above(customer: Customer, contact: Contact | None, above: Contact | None) -> None:
    """Raise Invalid when somebody would report to a stranger, to themselves, or in a circle."""
    while above is not None:
        if above.customer_id != customer.pk or (contact is not None and above.pk == contact.pk):
            raise Invalid.field("reports_to", _("Somebody cannot report to themselves, nor round in a circle."))
        above = above.reports_to


def _own(customer: Customer, contact: Contact) -> Contact:
    not_merged(customer)
    found = Contact.objects.select_for_update().filter(pk=contact.pk, customer=customer).first()
    if found is None:
        raise Gone()
    return found


# ── identifiers ──


@action(rules.EDIT)
def add_identifier(
    customer: Customer, *, by: Actor, type: str, text: str, contact: Contact | None = None, consent: Spoken | None = None
) -> Identifier:
    """A further phone, mail address, ID number …, sealed at once. Raises Invalid when it cannot be one, is already there, or is kept
    only with a consent nobody gave (`consent` says how the person gives it now)."""
    not_merged(customer)
    if contact is not None:
        contact = _own(customer, contact)
    given = identifiers.read(type, text, name="text")
    note_consents(customer.matter, consents_needed([given], consent, customer), consent, by)
    found = keep_identifier(customer, contact, given, by)
    if found is None:
        raise Invalid.field("text", _("This is already in the file."))
    return found


@action(rules.EDIT)
def remove_identifier(customer: Customer, identifier: Identifier, *, by: Actor) -> None:
    """Take an identifier out of the file; the journal keeps its covered form."""
    not_merged(customer)
    found = Identifier.objects.select_for_update().filter(pk=identifier.pk, customer=customer).first()
    if found is None:
        raise Gone()
    event = IdentifierRemoved(identifier=found.pk, type=found.type, masked=found.masked)
    with kept(customer, "identifier", by=by):
        found.delete()
    matters.record(event, on=customer.matter, by=by)


@action(rules.REVEAL)
def reveal(identifier: Identifier, *, by: Actor, reason: str = "", need: str = "") -> str:
    """The identifier as people write it. Who looked, at what, why or for which need is stated in the customer's journal. Raises Unsaid
    when nobody said what for."""
    said = said_for(identifier.customer, by=by, need=need, reason=reason)
    value = identifiers.unseal(identifier.sealed)
    event = IdentifierRevealed(
        identifier=identifier.pk, type=identifier.type, masked=identifier.masked, reason=said.reason, need=said.need.number if said.need else ""
    )
    matters.record(event, on=identifier.customer.matter, by=by)
    matters.looked(identifier.customer.matter, by=by, what=Look.What.REVEAL, said=said, facts={"type": identifier.type})
    return identifiers.show(identifier.type, value)


# ── out ──


@opens(rules.EXPORT)
def export(wish: queries.Wish, *, by: Actor) -> list[Customer]:
    """The customers a list shows, all of them, for a file. Stated in the journal with how many and what was asked for."""
    rows = queries.matching(by, wish).filter(rules.EXPORT.where(by))
    found = list(queries.for_export(rows, wish)[: EXPORT_MOST + 1])
    if len(found) > EXPORT_MOST:
        raise Invalid(_("This is more than %(n)s customers; narrow it down with the filters.") % {"n": EXPORT_MOST})
    asked = " ".join(f"{key}={value}" for key, value in vars(wish).items() if value and key != "text")
    approvals.second_person(by=by, listed="customers", name=_("Customers"), rows=len(found), asked=" ".join(part for part in (asked, wish.text) if part))
    matters.record(CustomersExported(count=len(found), asked=asked), on=None, by=by)
    words = " ".join(part for part in (asked, wish.text) if part)
    matters.exported("customers", by=by, rows=len(found), words=words, of=(customer.pk for customer in found))
    return found


def not_merged(customer: Customer) -> None:
    if customer.merged_into_id:
        raise NotAllowed(_("This customer was merged into another; work with that one."), code="merged")
