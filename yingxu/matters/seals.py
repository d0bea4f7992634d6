"""Seals the journal and the access log, batch by batch, each chained to the one before.

What is sealed: every settled row in the order of (transaction, id), as canonical JSON of its columns. For each row the seal holds its id,
the hash of all but its personal part, and a commitment to that part made with 16 random bytes of its own: when the law asks, the part
is blanked together with those bytes, so that the chain still holds and nobody can try out telephone numbers against what is left.
The code over a batch is an HMAC with a key of the keyring that serves nothing else; the newest one of each ledger is also written to
a file outside the database (`heads`), so that cutting off the end is found.
"""

import hashlib
import json
import logging
import secrets
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone

from yingxu.base import crypto

from . import heads
from .dispatch import settled
from .models import Entry, Look, Seal

log = logging.getLogger("yingxu.seals")
BATCH = 1_000
EVERY = timedelta(minutes=1)  # a row that waits longer is sealed with those that are there
LATE = timedelta(minutes=15)  # unsealed for so long: something is wrong
LEAF = struct.Struct(">q32s32s")
NONE = bytes(32)
SALT = 16
CONTEXT = "matters.seal"


@dataclass(frozen=True)
class Ledger:
    """A table that is sealed. `columns` are SQL for the parts that never change; `lock` is its number among our advisory locks."""

    name: str
    table: str
    lock: int
    columns: str


def _moment(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


_ACTED = f"{_moment('at')}, {_moment('recorded_at')}, actor_kind, actor_id, actor_name"
LEDGERS = {
    ledger.name: ledger
    for ledger in (
        Ledger("journal", "matters_entry", 1, f"id, tx, matter_id, event, {_ACTED}, facts::text, tell::text"),
        Ledger("looks", "matters_look", 2, f"id, tx, what, matter_id, serves_id, {_ACTED}, user_id, facts::text"),
    )
}


@dataclass(frozen=True)
class Row:
    """A row as it is sealed: `core` are its columns without the personal part, which is `personal` ("{}" when there is none)."""

    id: int
    tx: int
    core: bytes
    personal: str

    def leaf(self, salt: bytes) -> bytes:
        return LEAF.pack(self.id, hashlib.sha256(self.core).digest(), self.commitment(salt))

    def commitment(self, salt: bytes) -> bytes:
        return NONE if self.personal == "{}" else hashlib.sha256(salt + self.personal.encode()).digest()


def read(ledger: Ledger, after: tuple[int, int], until: tuple[int, int], limit: int) -> list[Row]:
    """Rows in the order they are sealed, after one place and up to another (both (tx, id))."""
    with connection.cursor() as sql:
        sql.execute(
            f"SELECT personal::text, {ledger.columns} FROM {ledger.table} "  # noqa: S608  our own words
            "WHERE (tx, id) > (%s, %s) AND (tx, id) <= (%s, %s) ORDER BY tx, id LIMIT %s",
            [*after, *until, limit],
        )
        return [Row(core[0], core[1], _canonical(core), personal) for personal, *core in sql.fetchall()]


def _canonical(columns: Iterable[Any]) -> bytes:
    return json.dumps(list(columns), ensure_ascii=False, separators=(",", ":")).encode()


def code(seal: Seal) -> tuple[str, bytes]:
    """(key id, HMAC) over everything a seal says but the salts."""
    said = [seal.ledger, seal.number, seal.tx, seal.row, seal.rows, int(seal.sealed_at.timestamp())]
    raw = _canonical(said) + bytes(seal.previous) + hashlib.sha256(bytes(seal.leaves)).digest()
    return crypto.authenticate(raw, CONTEXT)


def seal_once(name: str, *, wait: timedelta = EVERY) -> int:
    """Seal one batch of what has settled; returns how many rows. 0 when there is nothing, when what there is may `wait` for
    company, or when somebody else is sealing this ledger."""
    ledger = LEDGERS[name]
    with transaction.atomic():
        if not _mine(ledger):
            return 0
        last = Seal.objects.filter(ledger=name).only("number", "tx", "row", "mac").order_by("-number").first()
        place = (last.tx, last.row) if last else (0, 0)
        rows = read(ledger, place, (settled() - 1, 2**63 - 1), BATCH)
        if not rows or (len(rows) < BATCH and _age(ledger, rows[0].id) < wait):
            return 0
        salts = [secrets.token_bytes(SALT) for _ in rows]
        now = timezone.now().replace(microsecond=0)
        made = Seal(
            ledger=name, number=last.number + 1 if last else 1, tx=rows[-1].tx, row=rows[-1].id, rows=len(rows),
            leaves=b"".join(row.leaf(salt) for row, salt in zip(rows, salts, strict=True)), salts=b"".join(salts),
            previous=bytes(last.mac) if last else NONE, sealed_at=now,
        )  # fmt: skip
        made.key, made.mac = code(made)
        made.save(force_insert=True)
    heads.keep(name)
    return len(rows)


def _mine(ledger: Ledger) -> bool:
    with connection.cursor() as sql:
        sql.execute("SELECT pg_try_advisory_xact_lock(7470101, %s)", [ledger.lock])
        return bool(sql.fetchone()[0])


def _age(ledger: Ledger, row: int) -> timedelta:
    with connection.cursor() as sql:
        sql.execute(f"SELECT clock_timestamp() - recorded_at FROM {ledger.table} WHERE id = %s", [row])  # noqa: S608
        return sql.fetchone()[0]


@dataclass(frozen=True)
class State:
    """How far a ledger is sealed: its last seal (None: none yet), how many rows wait (at most `most`), since when the oldest does."""

    name: str
    last: Seal | None
    waiting: int
    oldest: datetime | None

    @property
    def late(self) -> bool:
        return self.oldest is not None and timezone.now() - self.oldest > LATE


def state(name: str, *, most: int = 10_000) -> State:
    """Two statements."""
    ledger = LEDGERS[name]
    last = Seal.objects.filter(ledger=name).defer("leaves", "salts").order_by("-number").first()
    with connection.cursor() as sql:
        sql.execute(
            f"SELECT count(*), min(recorded_at) FROM (SELECT recorded_at FROM {ledger.table} WHERE (tx, id) > (%s, %s) "  # noqa: S608
            "ORDER BY tx, id LIMIT %s) AS waiting",
            [last.tx if last else 0, last.row if last else 0, most],
        )
        waiting, oldest = sql.fetchone()
    return State(name, last, waiting, oldest)


def unsealed(name: str) -> Any:
    """The ids of the rows behind the last seal, at most ten batches of them, as a query."""
    last = Seal.objects.filter(ledger=name).order_by("-number").values_list("tx", "row").first() or (0, 0)
    behind = Q(tx__gt=last[0]) | Q(tx=last[0], pk__gt=last[1])
    model = Entry if name == "journal" else Look
    return model.objects.filter(behind, tx__gte=last[0]).order_by("tx", "pk").values("pk")[: 10 * BATCH]


def states() -> list[State]:
    return [state(name) for name in LEDGERS]


def run_forever(stop: Callable[[], bool], *, pause: float = 5) -> None:
    """The worker's loop; survives a database restart."""
    while not stop():
        try:
            if max(map(seal_once, LEDGERS)):
                continue
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("seals")
        finally:
            close_old_connections()
        time.sleep(pause)
