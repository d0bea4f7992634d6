"""What a database holds, in figures that are equal for equal content: rows of each table and a sum over their hashes.

The sum does not depend on the order of rows; a row is hashed as PostgreSQL writes it out, under settings that are fixed here. Tables whose
content is worth nothing a minute later (unlogged) are left out of backups, so they are left out here.
"""

from collections.abc import Iterator
from typing import Any

from psycopg import sql

FIXED = ("TimeZone", "UTC"), ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("extra_float_digits", "1"), ("bytea_output", "hex")
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1, 2
"""


def settle(connection: Any) -> None:
    """Fix how values are written out, and let neither a limit nor a pause end a long look (session settings)."""
    for name, value in (*FIXED, ("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("search_path", "public")):
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])


def tables(connection: Any) -> Iterator[tuple[str, int, str]]:
    """(table, rows, sum of their hashes) of every table; call `settle` before."""
    for schema, name in connection.execute(TABLES).fetchall():
        about = sql.SQL("SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint), 0)::text FROM {} t")
        count, total = connection.execute(about.format(sql.Identifier(schema, name))).fetchone()
        yield f"{schema}.{name}", count, total


def journal(connection: Any) -> dict[str, Any]:
    """The newest entry of the journal and how many there are."""
    last, at, count = connection.execute("SELECT max(id), max(recorded_at), count(*) FROM matters_entry").fetchone()
    return {"last": last or 0, "at": at.isoformat() if at else "", "entries": count}


def highest_transaction(connection: Any) -> int:
    """The highest transaction number that any row keeps (columns whose default is the current one)."""
    columns = connection.execute(
        "SELECT c.relname, a.attname FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum) "
        "WHERE pg_get_expr(d.adbin, d.adrelid) LIKE '%%pg_current_xact_id%%'"
    ).fetchall()
    found = [
        connection.execute(sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), sql.Identifier(table))).fetchone()[0] or 0
        for table, column in columns
    ]
    return max(found, default=0)
