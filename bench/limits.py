"""The limit beside each figure, in the same database in the same run: what PostgreSQL does when nobody stands in between.

Single create: pgbench (from the embedded PostgreSQL's own programs) inserts the same rows into the same tables in one transaction of
several prepared statements. Batch: COPY of the same rows, made ready beforehand. Pages: the very SQL the page sends, sent bare.
"""

import re
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import postgres

from .words import Speaker

CLOCK = """INSERT INTO deadlines_clock (matter_id, step, round, category, target_minutes, warn_percent, round_the_clock, started_at, due_at,
 warn_at, outcome, stopped_at, elapsed_minutes, calendar_version_id, target_version_id)
 VALUES ({id}, 'first_response', 1, 'unset', 30, 80, false, now(), now() + interval '1 day', now() + interval '1 hour', 'running', NULL, NULL, {calendar}, {targets}),
 ({id}, 'triage', 1, 'unset', 60, 80, false, now(), now() + interval '1 day', now() + interval '1 hour', 'running', NULL, NULL, {calendar}, {targets}),
 ({id}, 'registration', 1, 'unset', 10, 80, false, now(), now(), now(), 'met', now(), 1, {calendar}, {targets})"""
FOUND = """SELECT i.fingerprint, c.*, m.id, m.number, m.title, m.secrecy, o.* FROM customers_identifier i
 JOIN customers_customer c ON c.matter_id = i.customer_id JOIN matters_matter m ON m.id = c.matter_id
 LEFT JOIN customers_contact o ON o.id = i.contact_id WHERE i.fingerprint = substr(sha256(('{who}' || :i)::bytea), 1, 16)
 ORDER BY i.customer_id, i.id FOR KEY SHARE OF c;"""


def pgbench(data: Path, clients: int, seconds: float, facts: dict[str, Any], *, new_customer: bool) -> tuple[float, float]:
    """Transactions a second, and their mean in ms."""
    script = data / f"create-{new_customer}.sql"
    script.write_text(_script(facts, new_customer=new_customer))
    program = postgres._programs(None) / "pgbench"
    words = [program, "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)), "-T", str(max(1, round(seconds))), "-f", script]
    where = settings.DATABASES["default"]
    words += ["-h", where["HOST"], "-U", where["USER"], where["NAME"]]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    if "failed transactions: 0" not in done.stdout.replace("number of ", "") and "(0.000%)" not in done.stdout:
        raise SystemExit(done.stdout + done.stderr)
    rate = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    return rate, float(re.search(r"latency average = ([\d.]+)", done.stdout)[1])  # type: ignore[index]


def _script(facts: dict[str, Any], *, new_customer: bool) -> str:
    say = Speaker(11)
    body = say.text()
    vector = facts["vector"](body).replace("'", "''")
    clocks = CLOCK.format(id=":need", calendar=facts["calendar"], targets=facts["targets"]).replace("\n", " ")
    lines = [
        "\\set i random(1, 2000000000)" if new_customer else f"\\set i random(1, {facts['customers']})",
        "\\set key random(1, 9000000000000000)",
        "BEGIN;",
        (FOUND.format(who="new" if new_customer else "phone")[:-1] + (";" if new_customer else " \\gset c_")).replace("\n", " "),
    ]
    if new_customer:
        lines += [
            f"INSERT INTO matters_counter (series, year, last) VALUES ('KH', {facts['year']}, 1) ON CONFLICT (series, year) DO UPDATE SET last = matters_counter.last + 1 RETURNING last AS kh \\gset",
            f"INSERT INTO matters_matter (kind, number, title, secrecy, opened_at, changed_at, department_id, owner_id) VALUES ('customer', 'KH-{facts['year']}-' || lpad(:kh::text, 7, '0'), '季棠', 0, now(), now(), {facts['department']}, {facts['user']}) RETURNING id AS customer \\gset",
            f"INSERT INTO customers_customer (matter_id, type, name, grade, industry, address, reminder, remark, tags, version, words) VALUES (:customer, 'person', '季棠', '', '', '', '', '', '{{}}', 1, '{facts['vector']('季棠').replace(chr(39), chr(39) * 2)}');",
            "INSERT INTO customers_contact (customer_id, name, position, role, preference, active) VALUES (:customer, '季棠', '', '', '', true) RETURNING id AS contact \\gset",
            f"INSERT INTO customers_identifier (customer_id, contact_id, type, sealed, fingerprint, tail, masked, first) VALUES (:customer, :contact, 'phone', '{facts['sealed']}', substr(sha256((:key)::text::bytea), 1, 16), substr(sha256((:i % 10000)::text::bytea), 1, 16), '139 **** 2046', true) ON CONFLICT (fingerprint) WHERE first DO NOTHING;",
            "INSERT INTO matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell) VALUES (:customer, 'customers.customer_added', now(), 'token', 1, '沈岚 · till', '{\"type\": \"person\", \"identifiers\": [\"phone\"]}', '{\"name\": \"季棠\"}', '{}');",
        ]
        customer, contact = ":customer", ":contact"
    else:
        customer, contact = ":c_matter_id", "NULL"
    lines += [
        f"INSERT INTO matters_counter (series, year, last) VALUES ('need', {facts['year']}, 1) ON CONFLICT (series, year) DO UPDATE SET last = matters_counter.last + 1 RETURNING last AS number \\gset",
        f"INSERT INTO matters_matter (kind, number, title, secrecy, opened_at, changed_at, due_at, search) VALUES ('need', '{facts['year']}-' || lpad(:number::text, 7, '0'), '{body[:40]}', 0, now(), now(), now() + interval '1 day', '{vector}') RETURNING id AS need \\gset",
        f"INSERT INTO needs_need (matter_id, kind, template_id, customer_id, contact_id, caller, channel, category, state, round, body, fields, tags, raised_at, registered_by_id, outcome, version) VALUES (:need, 'consultation', {facts['template']}, {customer}, {contact}, '季棠', 'api', '', 'registered', 1, '{body}', '{{\"scope\": [\"其他\"]}}', '{{}}', now(), {facts['user']}, '', 1);",
        "INSERT INTO matters_entry (matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell) VALUES (:need, 'needs.need_registered', now(), 'token', 1, '沈岚 · till', '{\"kind\": \"consultation\", \"channel\": \"api\", \"category\": \"\", \"raised_at\": \"2026-03-18T09:30:00+08:00\", \"round\": 1}', '{}', '{}');",
        clocks + ";",
        "INSERT INTO needs_receipt (source, key, fingerprint, need_id, at) VALUES ('api:1', 'k' || :key::text, substr(sha256((:key)::text::bytea), 1, 32), :need, now());",
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


TABLES = {
    "matters_matter": "kind IN ('need', 'customer')",
    "customers_customer": "true",
    "customers_contact": "true",
    "customers_identifier": "true",
    "needs_need": "true",
    "matters_entry": "true",
    "deadlines_clock": "true",
    "needs_receipt": "true",
}
_KEYS = {
    "matters_matter": "id", "customers_customer": "matter_id", "customers_contact": "customer_id", "customers_identifier": "customer_id",
    "needs_need": "matter_id", "matters_entry": "matter_id", "deadlines_clock": "matter_id", "needs_receipt": "need_id",
}  # fmt: skip


def copy(first: int, last: int, rounds: int) -> tuple[float, int]:
    """Seconds to COPY the rows of a batch the product has just written (matters `first` to `last`) in again, and how many needs it
    were. The rows are the product's own with other ids, numbers and keys, as ready text."""
    with psycopg.connect(**_where(), autocommit=True) as sql:
        blocks = [_block(sql, first, last, serial) for serial in range(1, rounds + 1)]
        times = []
        for block in blocks:
            began = time.perf_counter()
            with sql.transaction(), sql.cursor() as cursor:
                for table, columns, text in block:
                    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
                        out.write(text)
            times.append(time.perf_counter() - began)
        count = sql.execute("SELECT count(*) FROM needs_need WHERE matter_id BETWEEN %s AND %s", [first, last]).fetchone()[0]  # type: ignore[index]
    return statistics.median(times), count


def _block(sql: psycopg.Connection, first: int, last: int, serial: int) -> list[tuple[str, str, bytes]]:
    shift = sql.execute("SELECT setval(pg_get_serial_sequence('matters_matter', 'id'), nextval(pg_get_serial_sequence('matters_matter', 'id')) + %s) - %s", [last - first + 1, last]).fetchone()[0]  # type: ignore[index]
    found = []
    for table, where in TABLES.items():
        names = [row[0] for row in sql.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''", [table]
        ).fetchall()]  # fmt: skip
        key = _KEYS[table]
        columns = [name for name in names if name != "id" or table == "matters_matter"]
        chosen = [_changed(table, name, shift, serial, first, last) for name in columns]
        source = f"SELECT {', '.join(chosen)} FROM {table} WHERE {key} BETWEEN {first} AND {last} AND {where} ORDER BY {key}"
        with sql.cursor().copy(f"COPY ({source}) TO STDOUT") as out:
            text = b"".join(bytes(piece) for piece in out)
        found.append((table, ", ".join(f'"{name}"' for name in columns), text))
    return found


def _changed(table: str, name: str, shift: int, serial: int, first: int, last: int) -> str:
    """The column as it is copied: ids move on, what is unique gets another value."""
    if name == "id" or name in ("matter_id", "need_id") or (table, name) in (("needs_need", "customer_id"), ("customers_contact", "customer_id"), ("customers_identifier", "customer_id")):
        return f'CASE WHEN "{name}" BETWEEN {first} AND {last} THEN "{name}" + {shift} ELSE "{name}" END'
    if name == "contact_id":
        return "NULL::bigint"
    if name == "number":
        return f"'X' || {serial} || number"
    if table == "customers_identifier" and name == "fingerprint":
        return f"substr(sha256(fingerprint || '{serial}'::bytea), 1, 16)"
    if table == "needs_receipt" and name == "key":
        return f"key || '-{serial}-' || txid_current()"
    if name in ("tx", "recorded_at"):
        return f'"{name}"'
    return f'"{name}"'


def _where() -> dict[str, Any]:
    found = settings.DATABASES["default"]
    return {"host": found["HOST"], "user": found["USER"], "dbname": found["NAME"]}


def bare(user: Any, path: str, *, rounds: int = 15, said: dict[str, str] | None = None) -> tuple[float, int]:
    """Milliseconds for the SQL of a page (median), and how many statements that is; of a heartbeat, when it is given what the page
    says. What only the session needs is left out."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["mark"] = user.session_mark
    session.save()
    for _i in range(2):
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(path, HTTP_HOST="127.0.0.1") if said is None else client.post(path, said, HTTP_HOST="127.0.0.1")
    if answer.status_code not in (200, 204):
        raise SystemExit(f"{path} answered {answer.status_code}")
    statements = [query["sql"] for query in caught if "django_session" not in query["sql"] and query["sql"].lstrip().startswith(("SELECT", "WITH", "(SELECT"))]
    connection.close()
    with psycopg.connect(**_where(), autocommit=True) as sql:
        cursor = psycopg.ClientCursor(sql)
        times = []
        for _i in range(rounds):
            began = time.perf_counter()
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()
            times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times), len(statements)
