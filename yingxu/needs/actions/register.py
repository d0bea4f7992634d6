"""Registering: the one way a need comes to be, from every channel, once.

A need, its matter, its journal entry, its clocks and its receipt are written in one SQL statement; a batch by COPY. The register
number is drawn in the same statement, so numbers are unique, in order of registration and without gaps (N3).
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.action import check, opens
from yingxu.base.errors import Invalid, Refusal
from yingxu.base.events import INSIDE
from yingxu.base.numbers import register_number
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as clocks
from yingxu.deadlines.models import Clock
from yingxu.matters.models import Entry
from yingxu.people.models import Department, User
from yingxu.templates import actions as templates
from yingxu.templates import queries as record_templates
from yingxu.templates.models import TemplateVersion

from .. import rules
from ..events import NeedRegistered
from ..models import Need, Receipt
from ..states import Category, Channel, State
from ._parts import words

FIRST_STEPS = ("first_response", "triage")
EARLIEST = 1970


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A need as it comes in. `customer` when known; else name, phone and mail find or make one. `raised_at` (aware, default now) is
    when the customer said it. A `backfill` brings history: it may keep the original `registered_at`, and its template fields come as
    they are, complete or not."""

    kind: str
    body: str
    channel: str
    title: str = ""
    category: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    customer: Customer | None = None
    customer_name: str = ""
    contact_name: str = ""
    phone: str = ""
    email: str = ""
    tags: Sequence[str] = ()
    raised_at: datetime | None = None
    registered_at: datetime | None = None
    backfill: bool = False
    secrecy: int = 0
    origin: Need | None = None


@dataclass(frozen=True)
class Once:
    """Same source and key: the same need. `fingerprint` tells whether the content is the same too."""

    source: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, source: str, key: str, content: Any) -> "Once":
        raw = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return cls(source[:60], key[:200], hashlib.sha256(raw.encode()).digest())


@dataclass(frozen=True)
class Registered:
    """`repeated` when it had been acknowledged before and nothing new was written."""

    id: int
    number: str
    repeated: bool = False


@dataclass(frozen=True)
class Ready:
    """A checked intake with everything the settings say about it, so that writing asks the database for nothing more."""

    intake: Intake
    template_id: int
    clocks: list[tuple]  # rows of CLOCK


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
    intake = ready.intake
    customer, contact = customers.resolve(
        by=by, name=intake.customer_name, phone=intake.phone, email=intake.email, contact_name=intake.contact_name,
        customer=intake.customer,
    )  # fmt: skip
    event = NeedRegistered(kind=intake.kind, channel=intake.channel, category=intake.category, raised_at=intake.raised_at.isoformat())
    facts, personal = event.split()
    values = _need_values(ready, by, customer, contact) | {
        "year": clock.today().year,
        "facts": json.dumps(facts, ensure_ascii=False),
        "personal": json.dumps(personal, ensure_ascii=False),
        "event": event.NAME,
        "actor_kind": by.kind, "actor_id": by.id, "actor_name": by.name[:80],
        "source": once.source if once else None, "key": once.key if once else None,
        "fingerprint": once.fingerprint if once else None,
        "clocks": json.dumps([dict(zip(CLOCK, row, strict=True)) for row in ready.clocks], default=str),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(), values)
        need_id, number, entry_id = cursor.fetchone()
    if INSIDE[event.NAME]:
        entry = Entry.objects.get(pk=entry_id)
        for reaction in INSIDE[event.NAME]:
            reaction(event, entry)
    return Registered(need_id, number)


def _again(once: Once) -> Registered:
    receipt = Receipt.objects.select_related("need__matter").get(source=once.source, key=once.key)
    if bytes(receipt.fingerprint) != once.fingerprint:
        raise _other_content()
    return Registered(receipt.need_id, receipt.need.matter.number, repeated=True)


def _other_content() -> Refusal:
    error = Refusal(_("This key was used before for something else. Use a new key for a new need."), code="key_reused")
    error.status = 409
    return error


def register_and_route(
    intake: Intake, *, by: Actor, once: Once | None = None, department: Department | None = None, owner: User | None = None,
    suggested: Mapping[str, Any] | None = None,
) -> Registered:  # fmt: skip
    """Register, and where the person may and has chosen, triage and assign in the same transaction."""
    from .triage import assign, triage

    with transaction.atomic():
        done = register(intake, by=by, once=once)
        if done.repeated or not intake.category or not by.may(rules.TRIAGE):
            return done
        need = Need.objects.get(pk=done.id)
        if rules.TRIAGE.allows(by, need):
            need = triage(need, by=by, category=intake.category, **(suggested or {}))
            if department and rules.ASSIGN.allows(by, need):
                assign(need, by=by, department=department, owner=owner)
        return done


def register_and_answer(intake: Intake, *, by: Actor, once: Once | None = None, answer: str) -> Registered:
    """A simple question: registered, answered and closed in one transaction (N10)."""
    from .triage import answer_now

    with transaction.atomic():
        done = register(intake, by=by, once=once)
        if not done.repeated:
            answer_now(Need.objects.get(pk=done.id), by=by, answer=answer)
        return done


def register_many(intakes: Sequence[Intake], *, by: Actor, onces: Sequence[Once] | None = None) -> list[Registered | Refusal]:
    """Up to some thousand needs in one transaction by COPY; what cannot be kept is answered row by row."""
    if by.kind != "customer":
        check(rules.REGISTER, by)
    versions: dict[str, TemplateVersion | None] = {}
    found: list[Ready | Refusal] = []
    for intake in intakes:
        try:
            if intake.customer is None:
                customers.check(name=intake.customer_name, phone=intake.phone, email=intake.email, contact_name=intake.contact_name)
            found.append(prepared(intake, versions))
        except Refusal as refusal:
            found.append(refusal)
    return _register_many(found, by=by, onces=onces)


@opens(rules.REGISTER)
def _register_many(given: Sequence[Ready | Refusal], *, by: Actor, onces: Sequence[Once] | None) -> list[Registered | Refusal]:
    answers: list[Registered | Refusal | None] = [one if isinstance(one, Refusal) else None for one in given]
    going: list[int] = []
    first: dict[tuple[str, str], int] = {}
    twins: dict[int, int] = {}
    earlier = _earlier(onces or ())
    for at in range(len(given)):
        once = onces[at] if onces else None
        mark = (once.source, once.key) if once else None
        if once and mark in earlier:
            fingerprint, pk, number = earlier[mark]
            answers[at] = Registered(pk, number, True) if fingerprint == once.fingerprint else _other_content()
        elif answers[at] is not None:
            continue
        elif once and mark in first:
            same = onces[first[mark]].fingerprint == once.fingerprint  # type: ignore[index]
            if same:
                twins[at] = first[mark]
            else:
                answers[at] = _other_content()
        else:
            going.append(at)
            if mark:
                first[mark] = at
    ready = [given[at] for at in going]
    if ready:
        done = _copy(ready, _people(ready, by), by, [onces[at] for at in going] if onces else None)  # type: ignore[arg-type]
        for at, answer in zip(going, done, strict=True):
            answers[at] = answer
    for at, other in twins.items():
        found = answers[other]
        answers[at] = Registered(found.id, found.number, True) if isinstance(found, Registered) else found
    return answers  # type: ignore[return-value]


def _people(ready: Sequence[Ready], by: Actor) -> list[tuple]:
    """Customer and contact of each row: those that are known by name of their file one by one, all others together."""
    asked = [_asked(one.intake) for one in ready]
    unknown = [at for at, one in enumerate(ready) if one.intake.customer is None]
    found: list[tuple] = [(None, None)] * len(ready)
    for at, who in zip(unknown, customers.resolve_many([asked[at] for at in unknown], by=by), strict=True):
        found[at] = who
    met: dict[tuple, tuple] = {}
    for at, one in enumerate(ready):
        if one.intake.customer is not None:
            key = (one.intake.customer.pk, *(str(asked[at][name]) for name in ("name", "phone", "email", "contact_name")))
            if key not in met:
                met[key] = customers.resolve(by=by, customer=one.intake.customer, **asked[at])
            found[at] = met[key]
    return found


def _asked(intake: Intake) -> dict:
    return {"name": intake.customer_name, "phone": intake.phone, "email": intake.email, "contact_name": intake.contact_name}


def _earlier(onces: Sequence[Once]) -> dict:
    if not onces:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.source, r.key, r.fingerprint, r.need_id, m.number FROM needs_receipt r "
            "JOIN unnest(%s::text[], %s::text[]) AS k(source, key) USING (source, key) JOIN matters_matter m ON m.id = r.need_id",
            [[o.source for o in onces], [o.key for o in onces]],
        )
        return {(s, k): (bytes(f), pk, number) for s, k, f, pk, number in cursor.fetchall()}


def prepared(intake: Intake, versions: dict[str, TemplateVersion | None] | None = None) -> Ready:
    """The intake with everything cleaned, its template and first clocks; or Invalid naming the fields. `versions` remembers the
    templates of a batch, so that all its rows are judged by the same ones."""
    now = clock.now()
    known = {} if versions is None else versions
    if intake.kind not in known:
        known[intake.kind] = record_templates.version_for(intake.kind)
    version = known[intake.kind]
    if version is None:
        raise Invalid.field("kind", _("There is no business type “%(kind)s”.") % {"kind": intake.kind})
    if intake.channel not in Channel.values:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": intake.channel})
    if intake.category and intake.category not in Category.values:
        raise Invalid.field("category", _("There is no category “%(category)s”.") % {"category": intake.category})
    if not 0 <= intake.secrecy <= 3:
        raise Invalid.field("secrecy", _("There is no such secrecy level."))
    registered = _moment("registered_at", intake.registered_at or now, now)
    raised = _moment("raised_at", intake.raised_at or registered, now)
    body = words(intake.body, "body")
    title = words(intake.title, "title", required=False, longest=200) or headline(body)
    values = templates.validate(version, intake.fields, at="import" if intake.backfill else "registration")
    tags = sorted({words(t, "tags", longest=30) for t in intake.tags if t and t.strip()})
    clean = Intake(**{**intake.__dict__, "body": body, "title": title, "fields": values, "tags": tags, "raised_at": min(raised, registered), "registered_at": registered})
    return Ready(clean, version.pk, _first_clocks(clean))


def _moment(name: str, moment: datetime, now: datetime) -> datetime:
    if timezone.is_naive(moment):
        raise Invalid.field(name, _("A time needs its time zone, for example 2026-03-18T09:30:00+08:00."))
    if moment > now + timedelta(minutes=5):
        raise Invalid.field(name, _("This time lies in the future."))
    if moment.year < EARLIEST:
        raise Invalid.field(name, _("This time lies too far back."))
    return moment


def headline(body: str) -> str:
    """The first sentence of the customer's words, at most 60 characters."""
    first = re.split(r"[\n。！？!?；;]", body.strip(), maxsplit=1)[0].strip() or body.strip()
    return first if len(first) <= 60 else first[:59] + "…"


def _first_clocks(intake: Intake) -> list[tuple]:
    """The clocks a need begins with, as rows of CLOCK: first response and triage running, registration already over."""
    now = intake.registered_at
    running = [(*row, "running", None, None, None) for row in clocks.plan(intake.category, FIRST_STEPS, now)]
    over = clocks.measured(intake.category, "registration", intake.raised_at, now)
    return running + [(*one.row, one.outcome, one.stopped_at, one.elapsed_minutes, one.breached_at) for one in over]


def _need_values(ready: Ready, by: Actor, customer: Any, contact: Any) -> dict:
    intake = ready.intake
    now = intake.registered_at
    caller = intake.contact_name or intake.customer_name or (customer.name if customer else "")
    due = [row[_DUE] for row in ready.clocks if row[_OUTCOME] == "running"]
    return {
        "title": intake.title,
        "department_id": by.department_id if by.kind == "user" else None,
        "secrecy": max(intake.secrecy, customer.matter.secrecy if customer else 0),
        "now": now,
        "due_at": min(due) if due else None,
        "search": searching.vector(intake.title, intake.body, caller, customer.name if customer else "", *map(str, intake.fields.values())),
        "kind": intake.kind,
        "template_id": ready.template_id,
        "customer_id": customer.pk if customer else None,
        "contact_id": contact.pk if contact else None,
        "caller": caller[:80],
        "channel": intake.channel,
        "category": intake.category,
        "body": intake.body,
        "fields": json.dumps(intake.fields, ensure_ascii=False, default=str),
        "tags": list(intake.tags),
        "raised_at": intake.raised_at,
        "registered_by_id": by.user_id,
        "origin_id": intake.origin.pk if intake.origin else None,
    }


_NEED = (
    "kind", "template_id", "customer_id", "contact_id", "caller", "channel", "category", "body", "fields", "tags", "raised_at",
    "registered_by_id", "origin_id",
)  # fmt: skip
_NEED_TYPES = (
    "text", "bigint", "bigint", "bigint", "text", "text", "text", "text", "jsonb", "text[]", "timestamptz", "bigint", "bigint",
)
CLOCK = (*clocks.ClockRow._fields, "outcome", "stopped_at", "elapsed_minutes", "breached_at")
_DUE, _OUTCOME = CLOCK.index("due_at"), CLOCK.index("outcome")
_sql: str = ""


def _clock_columns() -> list[tuple[str, str]]:
    return [(f, Clock._meta.get_field(f).rel_db_type(connection) if Clock._meta.get_field(f).is_relation
             else Clock._meta.get_field(f).db_type(connection)) for f in CLOCK]  # fmt: skip


def _insert_sql() -> str:
    global _sql
    if not _sql:
        fields = _clock_columns()
        columns = ", ".join(Clock._meta.get_field(f).column for f, _t in fields)
        _sql = f"""
WITH n AS (
  INSERT INTO matters_counter AS c (series, year, last) VALUES ('need', %(year)s::int, 1)
  ON CONFLICT (series, year) DO UPDATE SET last = c.last + 1 RETURNING c.last
), m AS (
  INSERT INTO matters_matter (kind, number, title, department_id, secrecy, opened_at, changed_at, due_at, search)
  SELECT 'need', %(year)s::int || '-' || repeat('0', greatest(0, 6 - length(n.last::text))) || n.last, %(title)s::text,
         %(department_id)s::bigint, %(secrecy)s::smallint, %(now)s::timestamptz, %(now)s::timestamptz, %(due_at)s::timestamptz,
         %(search)s::tsvector FROM n RETURNING id, number
), d AS (
  INSERT INTO needs_need (matter_id, state, round, held_at, outcome, version, {', '.join(_NEED)})
  SELECT m.id, 'registered', 1, NULL, '', 1, {', '.join(f'%({c})s::{t}' for c, t in zip(_NEED, _NEED_TYPES, strict=True))} FROM m
), e AS (
  INSERT INTO matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell)
  SELECT m.id, %(event)s::text, %(now)s::timestamptz, %(actor_kind)s::text, %(actor_id)s::bigint, %(actor_name)s::text,
         %(facts)s::jsonb, %(personal)s::jsonb, '{{}}' FROM m RETURNING id
), k AS (
  INSERT INTO deadlines_clock (matter_id, {columns})
  SELECT m.id, c.* FROM m, jsonb_to_recordset(%(clocks)s::jsonb) AS c({', '.join(f'{f} {t}' for f, t in fields)})
), r AS (
  INSERT INTO needs_receipt (source, key, fingerprint, need_id, at)
  SELECT %(source)s::text, %(key)s::text, %(fingerprint)s::bytea, m.id, %(now)s::timestamptz FROM m
  WHERE %(source)s::text IS NOT NULL
)
SELECT m.id, m.number, e.id FROM m, e
"""  # noqa: S608  only column names of our own models are formatted in
    return _sql


def _copy(ready: Sequence[Ready], people: Sequence, by: Actor, onces: Sequence[Once] | None) -> list[Registered]:
    intakes = [one.intake for one in ready]
    count, now, year = len(intakes), clock.now(), clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('matters_matter', 'id')) FROM generate_series(1, %s::int)", [count]
        )
        ids = [row[0] for row in cursor.fetchall()]
        # everything is worked out before the first COPY: while one is open the connection answers no question
        rows = [_need_values(one, by, *who) for one, who in zip(ready, people, strict=True)]
        first_clocks = [(pk, *row) for pk, one in zip(ids, ready, strict=True) for row in one.clocks]
        fields = _clock_columns()
        cursor.execute(
            "INSERT INTO matters_counter AS c (series, year, last) VALUES ('need', %s::int, %s::int) "
            "ON CONFLICT (series, year) DO UPDATE SET last = c.last + excluded.last RETURNING c.last",
            [year, count],
        )
        first = cursor.fetchone()[0] - count + 1
        numbers = [register_number(year, first + i) for i in range(count)]
        raw = cursor.connection
        with raw.cursor() as pg:
            matter = "id, kind, number, title, department_id, secrecy, opened_at, changed_at, due_at, search"
            with pg.copy(f"COPY matters_matter ({matter}) FROM STDIN") as copy:  # noqa: S608
                for pk, number, v in zip(ids, numbers, rows, strict=True):
                    copy.write_row(
                        (pk, "need", number, v["title"], v["department_id"], v["secrecy"], v["now"], v["now"], v["due_at"], v["search"])
                    )
            need = "matter_id, state, round, outcome, version, " + ", ".join(_NEED)
            with pg.copy(f"COPY needs_need ({need}) FROM STDIN") as copy:  # noqa: S608
                for pk, v in zip(ids, rows, strict=True):
                    copy.write_row((pk, State.REGISTERED.value, 1, "", 1, *(v[c] for c in _NEED)))
            entry = "matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell"
            with pg.copy(f"COPY matters_entry ({entry}) FROM STDIN") as copy:  # noqa: S608
                for pk, intake in zip(ids, intakes, strict=True):
                    event = NeedRegistered(kind=intake.kind, channel=intake.channel, category=intake.category, raised_at=intake.raised_at.isoformat())
                    facts = json.dumps(event.split()[0], ensure_ascii=False)
                    copy.write_row((pk, event.NAME, intake.registered_at, by.kind, by.id, by.name[:80], facts, "{}", "{}"))
            columns = ", ".join(["matter_id", *(Clock._meta.get_field(f).column for f, _t in fields)])
            with pg.copy(f"COPY deadlines_clock ({columns}) FROM STDIN") as copy:  # noqa: S608
                for row in first_clocks:
                    copy.write_row(row)
            if onces:
                with pg.copy("COPY needs_receipt (source, key, fingerprint, need_id, at) FROM STDIN") as copy:
                    for pk, once in zip(ids, onces, strict=True):
                        copy.write_row((once.source, once.key, once.fingerprint, pk, now))
    if INSIDE[NeedRegistered.NAME]:
        for entry in Entry.objects.filter(matter_id__in=ids, event=NeedRegistered.NAME):
            for reaction in INSIDE[NeedRegistered.NAME]:
                reaction(NeedRegistered(**entry.facts), entry)
    return [Registered(pk, number) for pk, number in zip(ids, numbers, strict=True)]
