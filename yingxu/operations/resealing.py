"""The change of the key for what is sealed, while everything runs.

A new key becomes current in the keyring; running processes see it at their next use and seal with it, and read what is sealed with the old
one. Then every declared column (`base.crypto.SEALED`) is sealed anew, a few rows at a time, each only if it is still what was read: a
writer is never overwritten and waits for nobody. How far it is stands in the data itself, so it goes on after any interruption. A key is
taken out only when nothing uses it any more, counted twice around the end of every transaction that may still write with it.
"""

import base64
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_noop
from psycopg import sql

from yingxu.base import clock, crypto

from .vault import Trouble

BATCH = 200
SETTLED = timedelta(minutes=10)  # so long a process may still hold what it sealed before the change
WAIT = 60  # seconds for transactions to end


def keys() -> tuple[str, list[str], dict[str, datetime]]:
    """(the current key, all keys, when a key became current) of the keyring."""
    raw = json.loads(Path(settings.KEYRING).read_text())
    return raw["current"], list(raw["keys"]), {name: datetime.fromisoformat(at) for name, at in raw.get("since", {}).items()}


def add() -> str:
    """Put a new key into the keyring and make it current; returns its name. What was sealed before stays readable."""
    raw = json.loads(Path(settings.KEYRING).read_text())
    name = f"k{max([int(n[1:]) for n in raw['keys'] if re.fullmatch(r'k[0-9]+', n)], default=0) + 1}"
    raw["keys"][name] = base64.b64encode(secrets.token_bytes(32)).decode()
    raw["current"], raw["since"] = name, {**raw.get("since", {}), name: clock.now().isoformat()}
    _write(raw)
    return name


def retire(name: str) -> None:
    """Take a key out of the keyring. Raises Trouble while it is current, new, or anything is sealed with it."""
    current, known, since = keys()
    if name not in known:
        raise Trouble(gettext_noop("There is no key %(key)s; there are: %(keys)s."), key=name, keys=", ".join(known))
    if name == current:
        raise Trouble(gettext_noop("%(key)s is the current key. Make another one first: yingxu keys rotate"), key=name)
    if current in since and clock.now() - since[current] < SETTLED:
        raise Trouble(gettext_noop("The key was changed less than ten minutes ago; a process may still hold what it sealed with %(key)s."), key=name)
    _nothing_uses(name)
    _wait_for_writers()
    _nothing_uses(name)
    raw = json.loads(Path(settings.KEYRING).read_text())
    del raw["keys"][name]
    raw.get("since", {}).pop(name, None)
    _write(raw)


def _nothing_uses(name: str) -> None:
    if used := {column.label: count for column in crypto.SEALED if (count := using(column, name))}:
        where = ", ".join(f"{label}: {count}" for label, count in used.items())
        raise Trouble(gettext_noop("%(key)s still seals %(count)s values (%(where)s). Seal them anew first: yingxu keys reseal"),
                      key=name, count=sum(used.values()), where=where)  # fmt: skip


def using(column: crypto.Sealed, name: str) -> int:
    """How many values of a column are sealed with this key."""
    return _count(column, sql.SQL("{value} LIKE {key}"), name)


def waiting(current: str) -> int:
    """How many values are sealed with another key than the current one."""
    return sum(_count(column, _STALE, current) for column in crypto.SEALED)


def reseal(current: str, *, tell: Callable[[int], None] = lambda done: None, stop: Callable[[], bool] = lambda: False) -> int:
    """Seal anew what another key than `current` seals; returns how many values. Raises KeyMissing when the keyring lost an old key."""
    done = 0
    while not stop():
        this_time = 0
        for column in crypto.SEALED:
            for pk, old in _stale(column, current):
                if stop():
                    return done + this_time
                this_time += _swap(column, pk, old)
                tell(done + this_time)
        done += this_time
        if not this_time:
            break
    return done


_STALE = sql.SQL("{value} <> '' AND {value} NOT LIKE {key}")


def _parts(column: crypto.Sealed, name: str) -> dict[str, sql.Composable]:
    """The words of SQL about a column. A value of bytes begins with the key's name too; its first bytes are compared as text."""
    meta = column.model._meta
    field = meta.get_field(column.field)
    value: sql.Composable = sql.Identifier(field.column)
    if column.part:
        value = sql.SQL("coalesce({} ->> {}, '')").format(value, sql.Literal(column.part))
    elif isinstance(field, models.BinaryField):
        value = sql.SQL("encode(substring({} from 1 for 24), 'escape')").format(value)
    return {"table": sql.Identifier(meta.db_table), "pk": sql.Identifier(meta.pk.column), "value": value, "key": sql.Literal(f"{name}.%"),
            "column": sql.Identifier(field.column)}  # fmt: skip


def _count(column: crypto.Sealed, which: sql.SQL, name: str) -> int:
    parts = _parts(column, name)
    query = sql.SQL("SELECT count(*) FROM {table} WHERE ").format(**parts) + which.format(**parts)
    return _ask(query)[0][0]


def _stale(column: crypto.Sealed, name: str) -> Iterator[tuple[Any, Any]]:
    """(key of the row, what is sealed) of values another key seals, a batch at a time; bytes one by one, for they may be large."""
    parts = _parts(column, name)
    binary = isinstance(column.model._meta.get_field(column.field), models.BinaryField)
    value = parts["value"] if not binary else parts["column"]
    after: Any = None
    while True:
        beyond = sql.SQL(" AND {pk} > {after}").format(pk=parts["pk"], after=sql.Literal(after)) if after is not None else sql.SQL("")
        query = (
            sql.SQL("SELECT {pk}, {what} FROM {table} WHERE ").format(what=value, **{k: v for k, v in parts.items() if k in ("pk", "table")})
            + _STALE.format(**parts) + beyond + sql.SQL(" ORDER BY {pk} LIMIT {most}").format(pk=parts["pk"], most=sql.Literal(1 if binary else BATCH))
        )  # fmt: skip
        rows = _ask(query)
        if not rows:
            return
        for pk, old in rows:
            yield pk, bytes(old) if binary else old
        after = rows[-1][0]


def _swap(column: crypto.Sealed, pk: Any, old: Any) -> int:
    """Seal one value anew, if it is still what was read."""
    parts = _parts(column, "")
    if isinstance(old, bytes):
        new: Any = crypto.seal_bytes(crypto.unseal_bytes(old, column.context), column.context)
    else:
        new = crypto.seal(crypto.unseal(old, column.context), column.context)
    if column.part:
        change = sql.SQL("jsonb_set({column}, {path}, to_jsonb({new}::text))").format(
            column=parts["column"], path=sql.Literal([column.part]), new=sql.Literal(new)
        )
        same = parts["value"]
    else:
        change, same = sql.Literal(new), parts["column"]
    query = sql.SQL("UPDATE {table} SET {column} = {change} WHERE {pk} = {key} AND {same} = {old}").format(
        table=parts["table"], column=parts["column"], change=change, pk=parts["pk"], key=sql.Literal(pk), same=same, old=sql.Literal(old)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.rowcount


def _wait_for_writers() -> None:
    """Wait until every transaction that runs now has ended. Raises Trouble when one does not."""
    before = _ask(sql.SQL("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))[0][0]
    until = time.monotonic() + WAIT
    while _ask(sql.SQL("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))[0][0] < before:
        if time.monotonic() > until:
            raise Trouble(gettext_noop("A transaction of the database does not end; try again later."))
        time.sleep(0.2)


def _ask(query: sql.Composable) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _write(raw: dict) -> None:
    """The keyring, whole or not at all, readable for its owner only."""
    path = Path(settings.KEYRING)
    half, about = path.with_suffix(".half"), path.stat()
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(raw, file)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(half, about.st_uid, about.st_gid)
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
