"""Opening a customer's file: by hand, while a need is registered, and by the thousand.

The register path is one SELECT to find and, for somebody new, one statement to create everything (matter, customer, contact,
identifiers, number, journal entry). The partial unique index on `Identifier.first` decides a race: whoever comes second with
the same new phone creates nothing and finds the other's customer.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import DEFERRED

from yingxu.base import clock, searching, trace
from yingxu.base.access import SYSTEM, Actor, within
from yingxu.base.action import opens, step
from yingxu.base.errors import Invalid
from yingxu.base.events import INSIDE, Event
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Matter

from .. import identifiers, queries, rules
from ..events import ContactAdded, CustomerAdded, DuplicateSuspected, IdentifierAdded
from ..identifiers import Given
from ..models import Contact, Customer, Identifier
from .checking import DETAILS, clean_details
from .consenting import Spoken, consents_needed, note_consents
from .keeping import came

SERIES = "KH"
PERSON, ORGANISATION = Customer.Type.PERSON.value, Customer.Type.ORGANISATION.value
THEIRS = ("phone", "email", "wechat", "code")  # identifiers that belong to the contact given with them; the others are the customer's


@dataclass
class New:
    """A customer to be opened."""

    name: str
    type: str
    contact: str
    given: list[Given]
    owner_id: int | None
    department_id: int | None
    grade: str = ""
    industry: str = ""
    address: str = ""
    reminder: str = ""
    remark: str = ""
    tags: list[str] = field(default_factory=list)
    customer_since: date | None = None
    secrecy: int = 0

    @cached_property
    def event(self) -> CustomerAdded:
        return CustomerAdded(type=self.type, name=self.name, identifiers=[g.type for g in self.given])

    @property
    def words(self) -> str:
        """The text form of the search vector."""
        return searching.vector(self.name, self.contact, self.industry, self.address, *self.tags)


# ── by hand ──


@opens(rules.EDIT)
def add(
    *,
    by: Actor,
    name: str,
    type: str = "",
    contact_name: str = "",
    phone: str = "",
    email: str = "",
    identifiers: Sequence[tuple[str, str]] = (),
    owner_id: int | None = None,
    department_id: int | None = None,
    secrecy: int = 0,
    consent: Spoken | None = None,
    **details: Any,
) -> Customer:
    """Open a file. `identifiers` are further (type, text); `details` any of grade, industry, address, reminder, remark, tags,
    customer_since. `consent` is how the person agreed, where an identifier may only be kept with a consent of its own. Sharing a phone with another customer is allowed: whether they are one is for a person to decide.

    Raises Invalid per field. A customer above the actor's clearance with the same identifier is not mentioned; whoever looks
    after it is told instead (S5).
    """
    details = clean_details({"name": name, **({"type": type} if type else {}), **details})
    new = new_from(by, details.pop("name"), details.pop("type", ""), contact_name, [("phone", phone), ("email", email), *identifiers], owner_id, department_id)
    new.secrecy = min(max(secrecy, 0), by.clearance)
    needed = consents_needed(new.given, consent)
    for key, value in details.items():
        setattr(new, key, value)
    customer = surely(new, by)[0]
    note_consents(customer.matter, needed, consent, by)
    _tell_of_doubles(customer, new.given, by)
    return customer


def _tell_of_doubles(customer: Customer, given: list[Given], by: Actor) -> None:
    """State the suspicion on customers with the same identifiers that the actor may not see."""
    held = Identifier.objects.filter(fingerprint__in=[g.fingerprint for g in given]).exclude(customer=customer)
    unseen = held.exclude(customer__in=queries.visible_to(by)).select_related("customer__matter")
    suspect(customer, given, list({row.customer_id: row.customer for row in unseen}.values()))


# ── while a need is registered ──


@step
def resolve(
    *, by: Actor, name: str = "", phone: str = "", email: str = "", contact_name: str = "", customer: Customer | None = None,
    code: str = "",
) -> tuple[Customer | None, Contact | None]:  # fmt: skip
    """Whose need this is: found by phone, e-mail or customer code, else opened; (None, None) when nothing was given.

    Of several customers with the same phone, the one whose name or contact fits; else the oldest. A chosen `customer` that was
    merged leads to the kept one. Nobody is told who was found: a person whom a customer's level or circle keeps out gets a new one,
    and its owner is told. Raises Invalid for a phone or e-mail nobody can be reached by.
    """
    new = new_from(by, name, "", contact_name, [("phone", phone), ("email", email), ("code", code)])
    if customer is not None:
        kept = queries.kept(customer)
        return kept, contact_of(kept, new, contact_name or name, by)
    if not new.given and not new.name:
        return None, None
    found, hidden = find([new], by)
    opened = None if found[0] else open_one(new, by, alone=bool(hidden[0]) or not new.given)
    if found[0] is None and opened is None:  # somebody else opened it between our two statements
        found, hidden = find([new], by)
        opened = None if found[0] else surely(new, by)
    if opened:
        suspect(opened[0], new.given, hidden[0])
        return opened
    owner, contact = found[0] or surely(new, by)
    return met(owner, contact, contact_name, by)


def check(*, name: str = "", phone: str = "", email: str = "", contact_name: str = "", code: str = "") -> None:
    """Raise the Invalid that `resolve` would raise, without touching the database."""
    _given([("phone", phone), ("email", email), ("code", code)])


# ── parts ──


def _given(pairs: Iterable[tuple[str, str]]) -> list[Given]:
    found: dict[tuple[str, str], Given] = {}
    wrong: dict[str, list[Any]] = {}
    for type_, text in pairs:
        if not str(text or "").strip():
            continue
        try:
            given = identifiers.read(type_, text)
            found[given.type, given.value] = given
        except Invalid as refusal:
            for key, said in refusal.fields.items():
                wrong.setdefault(key, []).extend(said)
    if wrong:
        raise Invalid("；".join(str(m) for said in wrong.values() for m in said), fields=wrong)
    return list(found.values())


def new_from(
    by: Actor, name: str, type: str, contact: str, pairs: Iterable[tuple[str, str]], owner_id: int | None = None,
    department_id: int | None = None,
) -> New:  # fmt: skip
    given = _given(pairs)
    name, contact = " ".join(str(name or "").split()), " ".join(str(contact or "").split())[:60]
    name = (name or contact or (given[0].masked if given else ""))[:120]
    if not type:
        company = identifiers.organisation(name) or (contact and contact != name)
        type = ORGANISATION if company else PERSON
    person = type == PERSON
    return New(
        name=name, type=type, contact=contact or (name[:60] if person else ""), given=given,
        owner_id=owner_id or by.user_id, department_id=department_id or by.department_id,
    )  # fmt: skip


def find(news: list[New], by: Actor) -> tuple[list[tuple[Customer, Contact | None] | None], list[list[Customer]]]:
    """For each, the customer and contact it is, or None; and the customers it may be but this actor may not know of. One query."""
    rows = queries.holders({g.fingerprint for new in news for g in new.given})
    found, hidden = [], []
    for new in news:
        held = [row for g in new.given for row in rows.get(g.fingerprint, ())]
        secret = [c for c, _contact in held if by.kind in ("user", "token") and not within(by, c.matter)]
        known = [pair for pair in held if pair[0] not in secret]
        fits = [p for p in known if new.name in (p[0].name, p[1].name if p[1] else "") or new.contact == getattr(p[1], "name", None)]
        found.append((fits or known or [None])[0])
        hidden.append(list({c.pk: c for c in secret}.values()) if not known else [])
    return found, hidden


def met(customer: Customer, contact: Contact | None, called: str, by: Actor) -> tuple[Customer, Contact | None]:
    """A customer we know, and the contact who called: by name when one was given. A name the portal sends opens no contact."""
    called = " ".join(str(called or "").split())[:60]
    if called and called != customer.name and (contact is None or contact.name != called):
        known = customer.contacts.filter(name=called).first()
        contact = known or (contact if by.kind == "customer" else _new_contact(customer, called, by))
    return customer, contact


def contact_of(customer: Customer, new: New, called: str, by: Actor) -> Contact | None:
    """The contact of a chosen customer whom the given number or name means. Numbers we did not have are kept when the actor may
    edit the customer."""
    rows = queries.holders({g.fingerprint for g in new.given}, customer=customer) if new.given else {}
    contact = next((c for found in rows.values() for _customer, c in found if c), None)
    if contact is None and (not called or called == customer.name):
        contact = customer.contacts.filter(active=True).first()
    contact = met(customer, contact, called, by)[1]
    if rules.EDIT.allows(by, customer):
        for given in new.given:
            if given.fingerprint not in rows:
                keep_identifier(customer, contact, given, by)
    return contact


def suspect(opened: Customer, given: list[Given], hidden: list[Customer]) -> None:
    """Tell those who look after the hidden customers that this one may be theirs; the actor hears nothing of it."""
    for other in hidden:
        event = DuplicateSuspected(other=opened.matter.number, type=given[0].type)
        matters.record(event, on=other.matter, by=SYSTEM, tell=[other.matter.owner_id])


def _new_contact(customer: Customer, name: str, by: Actor) -> Contact:
    contact = Contact.objects.create(customer=customer, name=name[:60])
    with connection.cursor() as cursor:
        more = searching.vector(name)
        cursor.execute("UPDATE customers_customer SET words = words || %s::tsvector WHERE matter_id = %s", [more, customer.pk])
    matters.record(ContactAdded(contact=contact.pk, name=contact.name), on=customer.matter, by=by)
    came(customer, "contact", contact, by=by)
    return contact


@step
def keep_identifier(customer: Customer, contact: Contact | None, given: Given, by: Actor) -> Identifier | None:
    """A further identifier on a customer; None when this contact already has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_identifier (customer_id, contact_id, type, sealed, fingerprint, tail, masked, first) "
            "SELECT %s, %s::bigint, %s, %s, %s, %s::bytea, %s, "
            "NOT EXISTS (SELECT 1 FROM customers_identifier WHERE fingerprint = %s) ON CONFLICT DO NOTHING RETURNING id",
            [customer.pk, contact.pk if contact else None, given.type, given.sealed, given.fingerprint, given.tail,
             given.masked, given.fingerprint],
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return None
    matters.record(
        IdentifierAdded(identifier=row[0], type=given.type, masked=given.masked), on=customer.matter, by=by
    )
    kept = Identifier.objects.get(pk=row[0])
    came(customer, "identifier", kept, by=by)
    return kept


CREATE = """
WITH ids AS MATERIALIZED (
  SELECT nextval(pg_get_serial_sequence('matters_matter', 'id')) AS matter,
         nextval(pg_get_serial_sequence('customers_contact', 'id')) AS contact
), given AS (
  SELECT * FROM unnest(%(types)s::text[], %(sealed)s::text[], %(fingerprints)s::bytea[], %(tails)s::bytea[], %(masked)s::text[])
    AS g(type, sealed, fingerprint, tail, masked) ORDER BY fingerprint
), ident AS (
  INSERT INTO customers_identifier (customer_id, contact_id, type, sealed, fingerprint, tail, masked, first)
  SELECT ids.matter, CASE WHEN %(contact)s::text <> '' AND g.type = ANY(%(theirs)s) THEN ids.contact END, g.type, g.sealed, g.fingerprint, g.tail, g.masked, true
    FROM ids, given g ON CONFLICT (fingerprint) WHERE first DO NOTHING RETURNING fingerprint
), go AS (
  SELECT matter, contact, (SELECT array_agg(fingerprint) FROM ident) AS kept FROM ids
   WHERE %(alone)s::boolean OR EXISTS (SELECT 1 FROM ident)
), counter AS (
  INSERT INTO matters_counter (series, year, last) SELECT %(series)s, %(year)s::int, 1 FROM go
  ON CONFLICT (series, year) DO UPDATE SET last = matters_counter.last + 1 RETURNING last
), matter AS (
  INSERT INTO matters_matter (id, kind, number, title, owner_id, department_id, secrecy, opened_at, changed_at)
  SELECT go.matter, 'customer', %(series)s || '-' || %(year)s::text || '-' || lpad(last::text, greatest(6, length(last::text)), '0'),
         %(name)s, %(owner)s::bigint, coalesce(%(department)s::bigint, (SELECT id FROM people_department WHERE service AND active
         ORDER BY "order", id LIMIT 1)), %(secrecy)s::int, %(now)s::timestamptz, %(now)s::timestamptz
    FROM go, counter RETURNING number, department_id
), customer AS (
  INSERT INTO customers_customer (matter_id, type, name, grade, industry, address, reminder, remark, tags, customer_since, version,
    words)
  SELECT matter, %(type)s, %(name)s, %(grade)s, %(industry)s, %(address)s, %(reminder)s, %(remark)s, %(tags)s::varchar[],
         %(since)s::date, 1, %(words)s::tsvector FROM go
), contact AS (
  INSERT INTO customers_contact (id, customer_id, name, position, role, preference, active)
  SELECT contact, matter, %(contact)s, '', '', '', true FROM go WHERE %(contact)s::text <> ''
), entry AS (
  INSERT INTO matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell)
  SELECT matter, %(event)s, %(now)s::timestamptz, %(actor_kind)s, %(actor_id)s::bigint, %(actor_name)s, %(facts)s::jsonb,
         %(personal)s::jsonb, ARRAY[]::bigint[] FROM go RETURNING id
)
SELECT go.matter, go.contact, matter.number, matter.department_id, go.kept, entry.id FROM go, matter, entry
"""


def open_one(new: New, by: Actor, *, alone: bool) -> tuple[Customer, Contact | None] | None:
    """Everything of a new customer in one statement. None when another transaction opened a customer with these identifiers first,
    unless `alone`, which opens another one that shares them."""
    now, event = clock.now(), new.event
    facts, personal = event.split()
    with connection.cursor() as cursor:
        cursor.execute(
            CREATE,
            {
                **columns(new.given), "theirs": list(THEIRS), "contact": new.contact, "alone": alone, "series": SERIES, "year": clock.today().year,
                "name": new.name, "owner": new.owner_id, "department": new.department_id, "secrecy": new.secrecy, "now": now,
                "words": new.words, "type": new.type, "grade": new.grade, "industry": new.industry, "address": new.address,
                "reminder": new.reminder, "remark": new.remark, "tags": new.tags, "since": new.customer_since,
                "event": event.NAME, "actor_kind": by.kind, "actor_id": by.id, "actor_name": by.sealed_name,
                "facts": json.dumps(facts), "personal": json.dumps(by.personal(personal)),
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return None
    pk, contact_pk, number, department_id, kept, entry = row
    customer, contact = rows_of(new, pk, contact_pk, number, department_id, now)
    share([(new, customer, contact, {bytes(k) for k in kept or ()})])
    react_inside(event, Entry(pk=entry, matter=customer.matter, event=event.NAME, at=now, facts=facts, personal=personal))
    return customer, contact


def surely(new: New, by: Actor) -> tuple[Customer, Contact | None]:
    """A customer of its own, whoever else has these identifiers."""
    opened = open_one(new, by, alone=True)
    if opened is None:
        raise RuntimeError("the statement that opens a customer returned nothing")
    return opened


def columns(given: list[Given]) -> dict[str, list]:
    return {
        "types": [g.type for g in given], "sealed": [g.sealed for g in given], "masked": [g.masked for g in given],
        "fingerprints": [g.fingerprint for g in given], "tails": [g.tail for g in given],
    }  # fmt: skip


def rows_of(new: New, pk: int, contact_pk: int, number: str, department_id: int | None, now) -> tuple[Customer, Contact | None]:
    """The rows just written, without reading them again."""
    matter = _row(
        Matter, id=pk, kind="customer", number=number, title=new.name, owner_id=new.owner_id, department_id=department_id,
        secrecy=new.secrecy, circle_id=None, opened_at=now, closed_at=None, due_at=None, changed_at=now,
    )  # fmt: skip
    details = {key: getattr(new, key) for key in DETAILS}
    customer = _row(Customer, matter_id=pk, type=new.type, name=new.name, merged_into_id=None, version=1, **details)
    customer.matter = matter
    if not new.contact:
        return customer, None
    contact = _row(Contact, id=contact_pk, customer_id=pk, name=new.contact, position="", role="", preference="", active=True)
    contact.customer = customer
    return customer, contact


def _row(model: Any, **values: Any) -> Any:
    """An instance as if it had been read; columns that are not named are deferred."""
    row = model(*(values.get(column.attname, DEFERRED) for column in model._meta.concrete_fields))
    row._state.adding, row._state.db = False, connection.alias
    return row


def share(opened: Iterable[tuple[New, Customer, Contact | None, set[bytes]]]) -> None:
    """Identifiers that somebody else has first are kept here too."""
    Identifier.objects.bulk_create(
        Identifier(
            customer=customer, contact=contact if g.type in THEIRS else None, type=g.type, sealed=g.sealed, fingerprint=g.fingerprint, tail=g.tail,
            masked=g.masked,
        )
        for new, customer, contact, kept in opened
        for g in new.given
        if g.fingerprint not in kept
    )  # fmt: skip


def react_inside(event: Event, entry: Entry) -> None:
    trace.stated(entry.pk)
    for reaction in INSIDE[event.NAME]:
        reaction(event, entry)
