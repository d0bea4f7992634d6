"""Registering: the one way a need comes to be, from every channel, once.

A need, its matter, its journal entry, its clocks and its receipt are written in one SQL statement; a batch by COPY. The register
number is drawn in the same statement, so numbers are unique, in order of registration and without gaps (N3); the customer's level and
circle are read in it, so that whoever is changing those comes before or after, never between (S3).
"""

import json

from django.db import IntegrityError, connection

from yingxu.base import clock, trace
from yingxu.base.access import Actor
from yingxu.base.action import check, opens
from yingxu.base.events import INSIDE
from yingxu.customers import actions as customers
from yingxu.deadlines.models import Clock
from yingxu.matters.actions import Once, other_content
from yingxu.matters.models import Entry

from .. import rules
from ..events import NeedRegistered
from ..models import Receipt
from .intakes import (
    CLOCK,
    NEED,
    NEED_TYPES,
    Intake,
    Ready,
    Registered,
    clock_columns,
    need_values,
    prepared,
    to_tell,
)


def register(intake: Intake, *, by: Actor, once: Once | None = None) -> Registered:
    """Take a need in. The same `once` gives the same answer; other content under the same key raises Refusal (409)."""
    if by.kind != "customer":
        check(rules.REGISTER, by)
    try:
        return _register(prepared(intake), by=by, once=once)  # outside the transaction, where settings are in memory
    except IntegrityError as error:
        if once is None or "acknowledged_once" not in str(error):
            raise
        return _again(once)


@opens(rules.REGISTER)
def _register(ready: Ready, *, by: Actor, once: Once | None) -> Registered:
    """Write a prepared need and its receipt."""
    intake = ready.intake
    customer, contact = customers.resolve(
        by=by, name=intake.customer_name, phone=intake.phone, email=intake.email, contact_name=intake.contact_name,
        customer=intake.customer,
    )  # fmt: skip
    event = NeedRegistered(
        kind=intake.kind, channel=intake.channel, category=intake.category, raised_at=intake.raised_at.isoformat()
    )
    facts, personal = event.split()
    values = need_values(ready, by, customer, contact)
    values |= {
        "year": clock.today().year,
        "facts": json.dumps(facts, ensure_ascii=False),
        "personal": json.dumps(by.personal(personal), ensure_ascii=False),
        "event": event.NAME, "tell": to_tell(values["circle_id"], by),
        "actor_kind": by.kind, "actor_id": by.id, "actor_name": by.sealed_name,
        "source": once.source if once else None, "key": once.key if once else None,
        "fingerprint": once.fingerprint if once else None,
        "clocks": json.dumps([dict(zip(CLOCK, row, strict=True)) for row in ready.clocks], default=str),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(), values)
        need_id, number, entry_id = cursor.fetchone()
    trace.stated(entry_id)
    if INSIDE[event.NAME]:
        entry = Entry.objects.get(pk=entry_id)
        for reaction in INSIDE[event.NAME]:
            reaction(event, entry)
    return Registered(need_id, number)


def _again(once: Once) -> Registered:
    receipt = Receipt.objects.select_related("need__matter").get(source=once.source, key=once.key)
    if bytes(receipt.fingerprint) != once.fingerprint:
        raise other_content()
    return Registered(receipt.need_id, receipt.need.matter.number, repeated=True)


_sql: str = ""


def _insert_sql() -> str:
    global _sql
    if not _sql:
        fields = clock_columns()
        columns = ", ".join(Clock._meta.get_field(f).column for f, _t in fields)
        _sql = f"""
WITH c AS MATERIALIZED (
  SELECT secrecy, circle_id FROM matters_matter WHERE id = %(customer_id)s::bigint FOR KEY SHARE
), n AS (
  INSERT INTO matters_counter AS c (series, year, last) VALUES ('need', %(year)s::int, 1)
  ON CONFLICT (series, year) DO UPDATE SET last = c.last + 1 RETURNING c.last
), m AS (
  INSERT INTO matters_matter (kind, number, title, department_id, secrecy, circle_id, opened_at, changed_at, due_at, search)
  SELECT 'need', %(year)s::int || '-' || repeat('0', greatest(0, 6 - length(n.last::text))) || n.last, %(title)s::text,
         %(department_id)s::bigint, greatest(%(secrecy)s::smallint, (SELECT secrecy FROM c)), coalesce((SELECT circle_id FROM c), %(circle_id)s::bigint), %(now)s::timestamptz, %(now)s::timestamptz, %(due_at)s::timestamptz,
         %(search)s::tsvector FROM n RETURNING id, number
), d AS (
  INSERT INTO needs_need (matter_id, state, round, held_at, outcome, version, {", ".join(NEED)})
  SELECT m.id, 'registered', 1, NULL, '', 1, {", ".join(f"%({c})s::{t}" for c, t in zip(NEED, NEED_TYPES, strict=True))} FROM m
), e AS (
  INSERT INTO matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell)
  SELECT m.id, %(event)s::text, %(now)s::timestamptz, %(actor_kind)s::text, %(actor_id)s::bigint, %(actor_name)s::text,
         %(facts)s::jsonb, %(personal)s::jsonb, %(tell)s::bigint[] FROM m RETURNING id
), k AS (
  INSERT INTO deadlines_clock (matter_id, {columns})
  SELECT m.id, c.* FROM m, jsonb_to_recordset(%(clocks)s::jsonb) AS c({", ".join(f"{f} {t}" for f, t in fields)})
), r AS (
  INSERT INTO needs_receipt (source, key, fingerprint, need_id, at)
  SELECT %(source)s::text, %(key)s::text, %(fingerprint)s::bytea, m.id, %(now)s::timestamptz FROM m
  WHERE %(source)s::text IS NOT NULL
)
SELECT m.id, m.number, e.id FROM m, e
"""  # noqa: S608  only column names of our own models are formatted in
    return _sql
