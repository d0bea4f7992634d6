"""A thousand customers at once: the same as `resolve`, in a handful of statements. Identifiers are written first, where a race
with another transaction is decided; the rest follows by COPY."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.events import INSIDE, revive
from yingxu.base.numbers import register_number
from yingxu.matters.models import Entry

from .. import queries
from ..events import CustomerAdded
from ..models import Contact, Customer
from .opening import (
    SERIES,
    New,
    columns,
    contact_of,
    find,
    met,
    new_from,
    react_inside,
    rows_of,
    share,
    surely,
    suspect,
)

Found = tuple[Customer | None, Contact | None]


@step
def resolve_many(wanted: Sequence[dict[str, Any]], *, by: Actor) -> list[Found]:
    """`resolve` for a batch of dicts (name, phone, email, contact_name, code, customer), in the same order; rows with the same phone,
    e-mail or code are one customer. A handful of statements whatever the length. Check each row with `check` first: an Invalid
    here refuses the whole batch.
    """
    news = [new_from(by, w.get("name", ""), "", w.get("contact_name", ""), _pairs(w)) for w in wanted]
    found, hidden = find(news, by)
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
    answers: list[Found] = [(None, None)] * len(news)
    for i, (owner, contact) in zip(openers, opened, strict=True):
        answers[i] = owner, contact
        suspect(owner, news[i].given, hidden[i])
    known: dict[tuple[int, str], tuple[Customer, Contact | None]] = {}
    for i, one in enumerate(found):
        if chosen := wanted[i].get("customer"):
            chosen = queries.kept(chosen)
            answers[i] = chosen, contact_of(chosen, news[i], wanted[i].get("contact_name") or wanted[i].get("name") or "", by)
            continue
        who, contact = one or (answers[twins[i]] if i in twins else (None, None))
        if who:
            called = wanted[i].get("contact_name", "")
            key = (who.pk, called)
            known[key] = answers[i] = known.get(key) or met(who, contact, called, by)
    return answers


def _pairs(wanted: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, wanted.get(key) or "") for key in ("phone", "email", "code")]


def _open_many(news: list[New], alone: list[bool], by: Actor) -> list[tuple[Customer, Contact | None]]:
    """Open them all: identifiers first (the race is decided there), then COPY."""
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
    answers = dict(zip(going, opened, strict=True))
    share((news[i], *answers[i], kept.get(ids[i][0], set())) for i in going)
    if INSIDE[CustomerAdded.NAME]:
        for entry in Entry.objects.filter(matter__in=[c.pk for c, _contact in opened], event=CustomerAdded.NAME):
            react_inside(revive(entry.event, entry.facts, entry.personal), entry)
    if any(lost):
        again, _hidden = find([news[i] for i, gone in enumerate(lost) if gone], by)
        for i, pair in zip((i for i, gone in enumerate(lost) if gone), again, strict=True):
            answers[i] = pair or surely(news[i], by)
    return [answers[i] for i in range(len(news))]


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
        {"customers": [r[0] for r in rows], "contacts": [r[1] for r in rows], **columns([r[2] for r in rows])},
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
        opened.append(rows_of(new, pk, contact_pk, number, new.department_id or service, now))
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
        ((c.pk, n.event.NAME, now, by.kind, by.id, by.sealed_name, *(json.dumps(part) for part in _parts(n.event, by)), "{}")
         for n, c, _co in rows),
    )  # fmt: skip
    return opened


def _parts(event: CustomerAdded, by: Actor) -> tuple[dict, dict]:
    facts, personal = event.split()
    return facts, by.personal(personal)


def _write(cursor, table: str, rows: Iterable[tuple]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
