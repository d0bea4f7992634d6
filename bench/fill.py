"""Fills a new installation with needs of the shape real ones have: matter, need, journal, clocks, notes, customers.

Rows are made inside the database from a few thousand texts, each need from two of them, with indexes put aside and built again.
About 2 % are open; they are among the newest. One customer in fifty has a secrecy level, one in two hundred a closed circle, and its
needs with it. Everything is in one transaction, and the journal counts as handed out.
"""

import json
import time
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection, transaction

from yingxu.base import clock, crypto, searching
from yingxu.customers import identifiers
from yingxu.deadlines.current import book
from yingxu.matters import dispatch
from yingxu.matters.models import Cursor
from yingxu.needs import events
from yingxu.people.models import Department, User
from yingxu.templates import queries as templates

from .words import Speaker

TEXTS = 6_000
PER_CUSTOMER = 4
TABLES = (
    "matters_matter", "needs_need", "matters_entry", "matters_note", "deadlines_clock", "customers_customer", "customers_contact",
    "customers_identifier",
)  # fmt: skip
SERIES_AT = timedelta(days=900)
OPEN = ("registered", "triage", "assignment", "acceptance", "handling", "handling", "handling", "review", "feedback", "confirmation", "visit")


def fill(count: int) -> float:
    """Add `count` needs to an installation without needs; returns the seconds it took."""
    began = time.monotonic()
    with transaction.atomic(), _client() as sql:
        sql.execute("SET LOCAL session_replication_role = replica")
        sql.execute("SET LOCAL maintenance_work_mem = '512MB'")
        sql.execute("SET LOCAL work_mem = '256MB'")
        aside = _put_aside(sql)
        _texts(sql)
        values = _settings(count)
        for statement in _STATEMENTS:
            sql.execute(statement, values)
        for statement in aside:
            sql.execute(statement)
        _counters(sql, values)
        sql.execute("SELECT max(tx), max(id) FROM matters_entry")
        tx, entry = sql.fetchone()
        names = list(dispatch.listeners())
        Cursor.objects.bulk_create([Cursor(listener=name) for name in names], ignore_conflicts=True)
        Cursor.objects.update(tx=tx, entry=entry)
    with _client() as sql:
        sql.execute("VACUUM ANALYZE")
        sql.execute("CHECKPOINT")
    return time.monotonic() - began


def _client() -> Any:
    """A cursor that puts values into the statement itself: CREATE TABLE … AS takes no parameters."""
    connection.ensure_connection()
    return psycopg.ClientCursor(connection.connection)


def _put_aside(sql: Any) -> list[str]:
    """Drop the indexes that no constraint needs; returns what makes them again."""
    sql.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%s::regclass[]) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1",
        [list(TABLES)],
    )
    found = sql.fetchall()
    for name, _definition in found:
        sql.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _texts(sql: Any) -> None:
    say = Speaker()
    sql.execute("CREATE TEMP TABLE said (id int, body text, vec tsvector) ON COMMIT DROP")
    sql.execute("CREATE TEMP TABLE called (id int, name text, vec tsvector) ON COMMIT DROP")
    with sql.copy("COPY said (id, body, vec) FROM STDIN") as copy:
        for i in range(TEXTS):
            body = say.text()
            copy.write_row((i, body, searching.vector(body)))
    with sql.copy("COPY called (id, name, vec) FROM STDIN") as copy:
        for i in range(TEXTS):
            name = say.name()
            copy.write_row((i, name, searching.vector(name)))
    sql.execute("ALTER TABLE said ADD PRIMARY KEY (id)")
    sql.execute("ALTER TABLE called ADD PRIMARY KEY (id)")
    sql.execute("ANALYZE said, called")


def _settings(count: int) -> dict[str, Any]:
    now = clock.now()
    service = Department.objects.get(service=True)
    people = list(User.objects.filter(is_active=True, department__isnull=False).values_list("id", "department_id"))
    phone = identifiers.read("phone", "13900002046")
    found = book()
    kinds = templates.kinds()
    stated = [
        events.NeedRegistered(kind="pawn", channel="phone", category="", raised_at=now.isoformat()),
        events.NeedTriaged(category="general", kind="pawn"),
        events.NeedAccepted(category="general"),
        events.ResultFedBack(result=1, channel="phone", category="general"),
        events.NeedClosed(outcome="satisfied"),
    ]
    return {
        "count": count,
        "customers": max(1, count // PER_CUSTOMER),
        "texts": TEXTS,
        "now": now,
        "since": now - SERIES_AT,
        "step": SERIES_AT / count,
        "service": service.pk,
        "users": [u for u, _d in people],
        "departments": [d for _u, d in people],
        "kinds": [k.code for k in kinds],
        "versions": [k.current_id for k in kinds],
        "open": list(OPEN),
        "events": [e.NAME for e in stated],
        "facts": [json.dumps(e.split()[0], ensure_ascii=False) for e in stated],
        "calendar": found.calendar_version,
        "targets": found.target_version,
        "sealed": phone.sealed,
        "tail": crypto.fingerprint("2046", "bench"),
        "year": clock.today().year,
    }


def _counters(sql: Any, values: dict[str, Any]) -> None:
    """The product goes on counting where the loader stopped."""
    for series, kind, prefix in (("need", "need", ""), ("KH", "customer", "KH-")):
        sql.execute(
            "INSERT INTO matters_counter (series, year, last) SELECT %s, %s, count(*) FROM matters_matter WHERE kind = %s "
            "AND number LIKE %s ON CONFLICT (series, year) DO UPDATE SET last = excluded.last",
            [series, values["year"], kind, f"{prefix}{values['year']}-%"],
        )
    for table in TABLES:
        if table not in ("needs_need", "customers_customer"):
            sql.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


# customers have the ids 1 … customers (plus `base`), needs follow; i counts needs from 1
_NEEDS = """
CREATE TEMP TABLE n ON COMMIT DROP AS
SELECT i, base.id + %(customers)s + i AS id, base.id + 1 + (i * 7919) %% %(customers)s AS customer, 1 + (i * 7919) %% %(customers)s AS c,
       u, (%(users)s::bigint[])[u] AS owner, (%(departments)s::bigint[])[u] AS department, k,
       at, i - first_value(i) OVER (PARTITION BY extract(year FROM at) ORDER BY i) + 1 AS serial,
       ta.body || tb.body AS body, ta.vec || tb.vec AS vec, p.name AS caller,
       CASE WHEN i > %(count)s * 0.96 AND (i * 31) %% 2 = 0 OR (i * 37) %% 9973 = 0
            THEN (%(open)s::text[])[1 + (i / 2 * 13) %% array_length(%(open)s::text[], 1)] ELSE 'closed' END AS state
  FROM (SELECT coalesce(max(id), 0) AS id FROM matters_matter) base,
       generate_series(1, %(count)s::bigint) AS i,
       LATERAL (SELECT 1 + (i * 17) %% array_length(%(users)s::bigint[], 1) AS u, 1 + (i * 11) %% array_length(%(kinds)s::text[], 1) AS k,
                       %(since)s::timestamptz + i * %(step)s::interval - interval '1 minute' AS at) AS x,
       said ta, said tb, called p
 WHERE ta.id = (i * 2654435761) %% %(texts)s AND tb.id = (i * 40503 + i / 7) %% %(texts)s AND p.id = (i * 97) %% %(texts)s
"""
_STATEMENTS = (
    _NEEDS,
    "ANALYZE n",
    """
CREATE TEMP TABLE c ON COMMIT DROP AS
SELECT i, base.id + i AS id, p.name || coalesce(substr(q.name, 2), '') AS name, p.vec || q.vec AS vec, %(since)s::timestamptz AS at, i AS serial
  FROM (SELECT coalesce(max(id), 0) AS id FROM matters_matter) base, generate_series(1, %(customers)s) AS i, called p, called q
 WHERE p.id = (i * 31) %% %(texts)s AND q.id = (i * 7 + i / 5) %% %(texts)s
""",
    """
INSERT INTO matters_matter (id, kind, number, title, secrecy, circle_id, opened_at, changed_at, search, department_id, owner_id)
SELECT id, 'customer', 'KH-' || extract(year FROM at) || '-' || lpad(serial::text, greatest(6, length(serial::text)), '0'), name, CASE WHEN i %% 50 = 0 THEN 1 + i / 50 %% 3 ELSE 0 END, CASE WHEN i %% 200 = 0 THEN id END, at, at, NULL, %(service)s, (%(users)s::bigint[])[1 + i %% array_length(%(users)s::bigint[], 1)] FROM c
""",
    """
INSERT INTO customers_customer (matter_id, type, name, grade, industry, address, reminder, remark, tags, version, words)
SELECT id, 'person', name, '', '', '', '', '', '{}', 1, vec FROM c
""",
    """
INSERT INTO customers_contact (id, customer_id, name, position, role, preference, active)
SELECT (SELECT coalesce(max(id), 0) FROM customers_contact) + i, id, left(name, 60), '', '', '', true FROM c
""",
    """
INSERT INTO customers_identifier (customer_id, contact_id, type, sealed, fingerprint, tail, masked, first)
SELECT id, NULL, 'phone', %(sealed)s, substr(sha256(('phone' || i)::bytea), 1, 16), substr(sha256((i %% 10000)::text::bytea), 1, 16), '139 **** ' || lpad((i %% 10000)::text, 4, '0'), true FROM c
""",
    """
INSERT INTO matters_matter (id, kind, number, title, secrecy, circle_id, opened_at, closed_at, due_at, changed_at, search, department_id, owner_id)
SELECT id, 'need', extract(year FROM at) || '-' || lpad(serial::text, greatest(6, length(serial::text)), '0'), left(body, 40), CASE WHEN c %% 50 = 0 THEN 1 + c / 50 %% 3 ELSE 0 END, CASE WHEN c %% 200 = 0 THEN customer END, at,
       CASE WHEN state = 'closed' THEN at + interval '3 days' END,
       CASE WHEN state NOT IN ('closed') THEN %(now)s::timestamptz + ((i * 7) %% 20000 - 1000) * interval '1 minute' END,
       least(at + interval '3 days', %(now)s::timestamptz), vec,
       CASE WHEN state IN ('registered', 'triage', 'assignment') THEN %(service)s ELSE department END,
       CASE WHEN state IN ('registered', 'triage', 'assignment', 'acceptance') THEN NULL ELSE owner END FROM n ORDER BY i
""",
    """
INSERT INTO needs_need (matter_id, kind, template_id, customer_id, caller, channel, category, state, round, body, fields, tags, raised_at,
       registered_by_id, accepted_by_id, resolved_at, outcome, rating, version, contact_id)
SELECT id, (%(kinds)s::text[])[k], (%(versions)s::bigint[])[k], customer, caller, (ARRAY['phone','counter','wechat','web'])[1 + i %% 4],
       CASE WHEN state IN ('registered', 'triage') THEN '' ELSE (ARRAY['urgent','important','general','general','general'])[1 + i %% 5] END,
       state, 1, body, jsonb_build_object('item', left(body, 12)), '{}', at - interval '5 minutes', (%(users)s::bigint[])[1 + i %% array_length(%(users)s::bigint[], 1)],
       CASE WHEN state IN ('closed', 'handling', 'review', 'feedback', 'confirmation', 'visit') THEN owner END,
       CASE WHEN state = 'closed' THEN at + interval '3 days' END, CASE WHEN state = 'closed' THEN 'satisfied' ELSE '' END,
       CASE WHEN state = 'closed' THEN 1 + i %% 5 END, 1, NULL FROM n ORDER BY i
""",
    """
INSERT INTO matters_entry (matter_id, event, at, recorded_at, actor_kind, actor_id, actor_name, facts, personal, tell)
SELECT n.id, (%(events)s::text[])[e], n.at + (e - 1) * interval '7 hours', n.at + (e - 1) * interval '7 hours', 'user', n.owner, '沈岚',
       ((%(facts)s::text[])[e])::jsonb, '{}', '{}'
  FROM n, generate_series(1, 5) AS e WHERE n.state = 'closed' OR e <= 2 ORDER BY n.i, e
""",
    """
INSERT INTO matters_note (matter_id, entry_id, voice, channel, body, question, at)
SELECT e.matter_id, e.id, 'told', 'phone', left(n.body, 60), false, e.at FROM matters_entry e JOIN n ON n.id = e.matter_id
 WHERE e.event = (%(events)s::text[])[4] ORDER BY n.i
""",
    """
INSERT INTO deadlines_clock (matter_id, step, round, category, target_minutes, warn_percent, round_the_clock, started_at, due_at, warn_at,
       outcome, stopped_at, elapsed_minutes, calendar_version_id, target_version_id)
SELECT n.id, s, 1, 'general', 240, 80, false, n.at, n.at + interval '4 hours', n.at + interval '3 hours', 'met', n.at + interval '1 hour', 60,
       %(calendar)s, %(targets)s
  FROM n, unnest(ARRAY['registration', 'first_response', 'triage']) AS s WHERE s = 'registration' OR n.state = 'closed' ORDER BY n.i
""",
    """
INSERT INTO deadlines_clock (matter_id, step, round, category, target_minutes, warn_percent, round_the_clock, started_at, due_at, warn_at,
       warned_at, breached_at, outcome, calendar_version_id, target_version_id)
SELECT n.id, 'handling', 1, 'general', 2400, 80, false, n.at, m.due_at, m.due_at - interval '1 hour', m.due_at - interval '1 hour',
       CASE WHEN m.due_at < %(now)s THEN m.due_at END, 'running', %(calendar)s, %(targets)s
  FROM n JOIN matters_matter m USING (id) WHERE m.due_at IS NOT NULL
""",
)
