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
from django.utils.translation import gettext as _

from yingxu.base import clock, searching
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import opens, step
from yingxu.base.errors import Invalid
from yingxu.base.events import INSIDE
from yingxu.base.numbers import register_number
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Matter

from .. import identifiers, queries, rules
from ..events import ContactAdded, CustomerAdded, DuplicateSuspected, IdentifierAdded
from ..identifiers import Given
from ..models import Contact, Customer, Identifier

SERIES = "KH"
PERSON, ORGANISATION = Customer.Type.PERSON.value, Customer.Type.ORGANISATION.value
THEIRS = ("phone", "email", "wechat", "code")  # identifiers that belong to the contact given with them; the others are the customer's
DETAILS = ("grade", "industry", "address", "reminder", "remark", "tags", "customer_since")


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
    **details: Any,
) -> Customer:
    """Open a file. `identifiers` are further (type, text); `details` any of grade, industry, address, reminder, remark, tags,
    customer_since. Sharing a phone with another customer is allowed: whether they are one is for a person to decide.

    Raises Invalid per field. A customer above the actor's clearance with the same identifier is not mentioned; whoever looks
    after it is told instead (S5).
    """
    details = clean_details({"name": name, **({"type": type} if type else {}), **details})
    new = _new(by, details.pop("name"), details.pop("type", ""), contact_name, [("phone", phone), ("email", email), *identifiers], owner_id, department_id)
    new.secrecy = min(max(secrecy, 0), by.clearance)
    for key, value in details.items():
        setattr(new, key, value)
    customer, _contact = _open(new, by, alone=True)
    _tell_of_doubles(customer, new.given, by)
    return customer


def clean_details(details: dict[str, Any]) -> dict[str, Any]:
    """Trimmed and checked values of a customer's plain fields. Raises Invalid for unknown fields and too long values."""
    clean, wrong = {}, {}
    for key, value in details.items():
        if key not in ("name", "type", *DETAILS):
            wrong[key] = [_("There is no such field.")]
        elif key == "tags":
            clean[key] = clean_tags(value)
        elif key == "customer_since":
            clean[key] = value or None
        else:
            clean[key] = str(value or "").strip()
            longest = Customer._meta.get_field(key).max_length
            if longest and len(clean[key]) > longest:
                wrong[key] = [_("At most %(n)s characters.") % {"n": longest}]
    for key, known in (("type", Customer.Type.values), ("grade", ["", *Customer.Grade.values])):
        if key in clean and key not in wrong and clean[key] not in known:
            wrong[key] = [_("Choose one of the values offered.")]
    if "name" in clean and not clean["name"]:
        wrong["name"] = [_("A customer needs a name.")]
    if len(clean.get("remark", "")) > 4_000:
        wrong["remark"] = [_("At most %(n)s characters.") % {"n": 4_000}]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    return clean


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Trimmed, each once, at most 20 of 30 characters."""
    found = list(dict.fromkeys(str(t).strip() for t in tags if str(t).strip()))
    if len(found) > 20 or any(len(t) > 30 for t in found):
        raise Invalid.field("tags", _("At most 20 tags of 30 characters each."))
    return found


def _tell_of_doubles(customer: Customer, given: list[Given], by: Actor) -> None:
    """State the suspicion on customers with the same identifiers that the actor may not see."""
    held = Identifier.objects.filter(fingerprint__in=[g.fingerprint for g in given]).exclude(customer=customer)
    unseen = held.exclude(customer__in=queries.visible_to(by)).select_related("customer__matter")
    _suspect(customer, given, list({row.customer_id: row.customer for row in unseen}.values()))


# ── while a need is registered ──


@step
def resolve(
    *, by: Actor, name: str = "", phone: str = "", email: str = "", contact_name: str = "", customer: Customer | None = None,
    code: str = "",
) -> tuple[Customer | None, Contact | None]:  # fmt: skip
    """Whose need this is: found by phone, e-mail or customer code, else opened; (None, None) when nothing was given.

    Of several customers with the same phone, the one whose name or contact fits; else the oldest. A chosen `customer` that was
    merged leads to the kept one. Nobody is told who was found: a person without the clearance for a customer gets a new one, and
    its owner is told. Raises Invalid for a phone or e-mail nobody can be reached by.
    """
    new = _new(by, name, "", contact_name, [("phone", phone), ("email", email), ("code", code)])
    if customer is not None:
        kept = queries.kept(customer)
        return kept, _contact_of(kept, new, contact_name or name, by)
    if not new.given and not new.name:
        return None, None
    found, hidden = _find([new], by)
    opened = None
    if found[0] is None:
        opened = _open(new, by, alone=bool(hidden[0]) or not new.given)
    if found[0] is None and opened is None:  # somebody else opened it between our two statements
        found, hidden = _find([new], by)
        opened = None if found[0] else _open(new, by, alone=True)
    if opened:
        _suspect(opened[0], new.given, hidden[0])
        return opened
    return _met(*found[0], contact_name, by)  # type: ignore[misc]


@step
def resolve_many(wanted: Sequence[dict[str, Any]], *, by: Actor) -> list[tuple[Customer | None, Contact | None]]:
    """`resolve` for a batch of dicts (name, phone, email, contact_name, code, customer), in the same order; rows with the same phone,
    e-mail or code are one customer. A handful of statements whatever the length. Check each row with `check` first: an Invalid
    here refuses the whole batch.
    """
    news = [_new(by, w.get("name", ""), "", w.get("contact_name", ""), _pairs(w)) for w in wanted]
    found, hidden = _find(news, by)
    held: dict[bytes, int] = {}
    twins: dict[int, int] = {}
    openers: list[int] = []
    for i, new in enumerate(news):
        if found[i] or not new.name or wanted[i].get("customer"):
            continue
        twin = next((held[g.fingerprint] for g in new.given if g.fingerprint in held), None)
        for g in new.given:
            held.setdefault(g.fingerprint, i if twin is None else twin)
        if twin is None:
            openers.append(i)
        else:
            twins[i] = twin
    opened = _open_many([news[i] for i in openers], [bool(hidden[i]) for i in openers], by)
    answers: list[tuple[Customer | None, Contact | None]] = [(None, None)] * len(news)
    for i, pair in zip(openers, opened, strict=True):
        answers[i] = pair
        _suspect(pair[0], news[i].given, hidden[i])
    met: dict[tuple[int, str], tuple[Customer, Contact | None]] = {}
    for i, pair in enumerate(found):
        if chosen := wanted[i].get("customer"):
            chosen = queries.kept(chosen)
            answers[i] = chosen, _contact_of(chosen, news[i], wanted[i].get("contact_name") or wanted[i].get("name") or "", by)
            continue
        pair = pair or (answers[twins[i]] if i in twins else None)
        if pair and pair[0]:
            called = wanted[i].get("contact_name", "")
            key = (pair[0].pk, called)
            met[key] = answers[i] = met.get(key) or _met(pair[0], pair[1], called, by)
    return answers


def check(*, name: str = "", phone: str = "", email: str = "", contact_name: str = "", code: str = "") -> None:
    """Raise the Invalid that `resolve` would raise, without touching the database."""
    _given([("phone", phone), ("email", email), ("code", code)])


# ── parts ──


def _pairs(wanted: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, wanted.get(key) or "") for key in ("phone", "email", "code")]


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


def _new(
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


def _find(news: list[New], by: Actor) -> tuple[list[tuple[Customer, Contact | None] | None], list[list[Customer]]]:
    """For each, the customer and contact it is, or None; and the customers it may be but this actor may not know of. One query."""
    rows = queries.holders({g.fingerprint for new in news for g in new.given})
    found, hidden = [], []
    for new in news:
        held = [row for g in new.given for row in rows.get(g.fingerprint, ())]
        secret = [c for c, _contact in held if by.kind in ("user", "token") and c.matter.secrecy > by.clearance]
        known = [pair for pair in held if pair[0] not in secret]
        fits = [p for p in known if new.name in (p[0].name, p[1].name if p[1] else "") or new.contact == getattr(p[1], "name", None)]
        found.append((fits or known or [None])[0])
        hidden.append(list({c.pk: c for c in secret}.values()) if not known else [])
    return found, hidden


def _met(customer: Customer, contact: Contact | None, called: str, by: Actor) -> tuple[Customer, Contact | None]:
    """A customer we know, and the contact who called: by name when one was given. A name the portal sends opens no contact."""
    called = " ".join(str(called or "").split())[:60]
    if called and called != customer.name and (contact is None or contact.name != called):
        known = customer.contacts.filter(name=called).first()
        contact = known or (contact if by.kind == "customer" else _new_contact(customer, called, by))
    return customer, contact


def _contact_of(customer: Customer, new: New, called: str, by: Actor) -> Contact | None:
    """The contact of a chosen customer whom the given number or name means. Numbers we did not have are kept when the actor may
    edit the customer."""
    rows = queries.holders({g.fingerprint for g in new.given}, customer=customer) if new.given else {}
    contact = next((c for found in rows.values() for _customer, c in found if c), None)
    if contact is None and (not called or called == customer.name):
        contact = customer.contacts.filter(active=True).first()
    contact = _met(customer, contact, called, by)[1]
    if rules.EDIT.allows(by, customer):
        for given in new.given:
            if given.fingerprint not in rows:
                keep_identifier(customer, contact, given, by)
    return contact


def _suspect(opened: Customer, given: list[Given], hidden: list[Customer]) -> None:
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
    return Identifier.objects.get(pk=row[0])


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


def _open(new: New, by: Actor, *, alone: bool) -> tuple[Customer, Contact | None] | None:
    """Everything of a new customer in one statement. None when another transaction opened a customer with these identifiers first,
    unless `alone`, which opens another one that shares them."""
    now, event = clock.now(), new.event
    facts, personal = event.split()
    with connection.cursor() as cursor:
        cursor.execute(
            CREATE,
            {
                **_columns(new.given), "theirs": list(THEIRS), "contact": new.contact, "alone": alone, "series": SERIES, "year": clock.today().year,
                "name": new.name, "owner": new.owner_id, "department": new.department_id, "secrecy": new.secrecy, "now": now,
                "words": new.words, "type": new.type, "grade": new.grade, "industry": new.industry, "address": new.address,
                "reminder": new.reminder, "remark": new.remark, "tags": new.tags, "since": new.customer_since,
                "event": event.NAME, "actor_kind": by.kind, "actor_id": by.id, "actor_name": by.name[:80],
                "facts": json.dumps(facts), "personal": json.dumps(personal),
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return None
    pk, contact_pk, number, department_id, kept, entry = row
    customer, contact = _rows(new, pk, contact_pk, number, department_id, now)
    _share([(new, customer, contact, {bytes(k) for k in kept or ()})])
    _react(event, Entry(pk=entry, matter=customer.matter, event=event.NAME, at=now, facts=facts, personal=personal))
    return customer, contact


def _columns(given: list[Given]) -> dict[str, list]:
    return {
        "types": [g.type for g in given], "sealed": [g.sealed for g in given], "masked": [g.masked for g in given],
        "fingerprints": [g.fingerprint for g in given], "tails": [g.tail for g in given],
    }  # fmt: skip


def _rows(new: New, pk: int, contact_pk: int, number: str, department_id: int | None, now) -> tuple[Customer, Contact | None]:
    """The rows just written, without reading them again."""
    matter = Matter(
        pk=pk, kind="customer", number=number, title=new.name, owner_id=new.owner_id, department_id=department_id,
        secrecy=new.secrecy, opened_at=now, changed_at=now,
    )  # fmt: skip
    customer = Customer(matter=matter, type=new.type, name=new.name, **{key: getattr(new, key) for key in DETAILS})
    contact = Contact(pk=contact_pk, customer=customer, name=new.contact) if new.contact else None
    del customer.__dict__["words"]  # deferred, as in every other customer read
    for row in filter(None, (matter, customer, contact)):
        row._state.adding, row._state.db = False, connection.alias
    return customer, contact


def _share(opened: Iterable[tuple[New, Customer, Contact | None, set[bytes]]]) -> None:
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


def _react(event: CustomerAdded, entry: Entry) -> None:
    for reaction in INSIDE[event.NAME]:
        reaction(event, entry)


def _open_many(news: list[New], alone: list[bool], by: Actor) -> list[tuple[Customer | None, Contact | None]]:
    """The same for many: identifiers first (the race is decided there), then COPY."""
    if not news:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('matters_matter', 'id')), "
            "nextval(pg_get_serial_sequence('customers_contact', 'id')) FROM generate_series(1, %s)", [len(news)],
        )  # fmt: skip
        ids = cursor.fetchall()
        kept = _claim(cursor, news, ids)
        lost = [bool(n.given) and not kept.get(ids[i][0]) and not alone[i] for i, n in enumerate(news)]
        going = [i for i in range(len(news)) if not lost[i]]
        opened = _copy(cursor, [(news[i], *ids[i]) for i in going], by) if going else []
    answers: list[tuple[Customer | None, Contact | None]] = [(None, None)] * len(news)
    for i, pair in zip(going, opened, strict=True):
        answers[i] = pair
    _share((news[i], *answers[i], kept.get(ids[i][0], set())) for i in going)  # type: ignore[misc]
    if INSIDE[CustomerAdded.NAME]:
        for entry in Entry.objects.filter(matter__in=[c.pk for c, _contact in opened], event=CustomerAdded.NAME):
            _react(CustomerAdded(**entry.facts, **entry.personal), entry)
    if any(lost):
        again, _hidden = _find([news[i] for i, gone in enumerate(lost) if gone], by)
        for i, pair in zip((i for i, gone in enumerate(lost) if gone), again, strict=True):
            answers[i] = pair or _open(news[i], by, alone=True) or (None, None)
    return answers


def _claim(cursor, news: list[New], ids: list[tuple[int, int]]) -> dict[int, set[bytes]]:
    """Write the identifiers nobody has yet, in one order everywhere; customer → the fingerprints it has first."""
    pairs = zip(news, ids, strict=True)
    rows = [(matter, contact if new.contact else None, g) for new, (matter, contact) in pairs for g in new.given]
    rows.sort(key=lambda row: row[2].fingerprint)
    if not rows:
        return {}
    cursor.execute(
        "INSERT INTO customers_identifier (customer_id, contact_id, type, sealed, fingerprint, tail, masked, first) "
        "SELECT *, true FROM unnest(%(customers)s::bigint[], %(contacts)s::bigint[], %(types)s::text[], %(sealed)s::text[], "
        "%(fingerprints)s::bytea[], %(tails)s::bytea[], %(masked)s::text[]) "
        "ON CONFLICT (fingerprint) WHERE first DO NOTHING RETURNING customer_id, fingerprint",
        {"customers": [r[0] for r in rows], "contacts": [r[1] for r in rows], **_columns([r[2] for r in rows])},
    )
    kept: dict[int, set[bytes]] = {}
    for customer, fingerprint in cursor.fetchall():
        kept.setdefault(customer, set()).add(bytes(fingerprint))
    return kept


def _copy(cursor, going: list[tuple[New, int, int]], by: Actor) -> list[tuple[Customer, Contact | None]]:
    now, year, count = clock.now(), clock.today().year, len(going)
    cursor.execute(
        "INSERT INTO matters_counter (series, year, last) VALUES (%s, %s, %s) ON CONFLICT (series, year) "
        "DO UPDATE SET last = matters_counter.last + excluded.last RETURNING last, (SELECT id FROM people_department "
        'WHERE service AND active ORDER BY "order", id LIMIT 1)',
        [SERIES, year, count],
    )
    last, service = cursor.fetchone()
    opened = []
    for i, (new, pk, contact_pk) in enumerate(going):
        number = register_number(year, last - count + 1 + i, SERIES)
        opened.append(_rows(new, pk, contact_pk, number, new.department_id or service, now))
    rows = [(new, customer, contact) for (new, _pk, _contact_pk), (customer, contact) in zip(going, opened, strict=True)]
    _write(
        cursor, "matters_matter (id, kind, number, title, owner_id, department_id, secrecy, opened_at, changed_at)",
        ((c.pk, "customer", c.matter.number, c.name, c.matter.owner_id, c.matter.department_id, n.secrecy, now, now)
         for n, c, _co in rows),
    )  # fmt: skip
    _write(
        cursor, "customers_customer (matter_id, type, name, grade, industry, address, reminder, remark, tags, version, words)",
        ((c.pk, c.type, c.name, "", "", "", "", "", "{}", 1, n.words) for n, c, _co in rows),
    )  # fmt: skip
    _write(
        cursor, "customers_contact (id, customer_id, name, position, role, preference, active)",
        ((co.pk, c.pk, co.name, "", "", "", True) for _n, c, co in rows if co),
    )  # fmt: skip
    _write(
        cursor, "matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell)",
        ((c.pk, n.event.NAME, now, by.kind, by.id, by.name[:80], *(json.dumps(part) for part in n.event.split()), "{}")
         for n, c, _co in rows),
    )  # fmt: skip
    return opened


def _write(cursor, table: str, rows: Iterable[tuple]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
