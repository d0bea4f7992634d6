"""Hands settled journal entries, in order, to every reaction; the journal is the outbox.

An entry is settled once no transaction of this database older than or equal to its own is running. Each reaction has a cursor of its own and may
be rebuilt from the beginning. A reaction that raises is retried with back-off and set aside; the others go on.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from yingxu.base import trace
from yingxu.base.events import EVENTS, EVERY, LATER, revive

from .models import Cursor, Entry, Failure

log = logging.getLogger("yingxu.dispatch")
BATCH = 200
TRIES = 8


@dataclass
class Listener:
    """A reaction and the names of the events it hears: `always`, or only when an entry tells somebody (`told`)."""

    reaction: Callable
    always: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


def listeners() -> dict[str, Listener]:
    """Every reaction of every room, by name."""
    found: dict[str, Listener] = {}
    for event, reactions in LATER.items():
        for reaction in reactions:
            found.setdefault(_name(reaction), Listener(reaction)).always.add(event)
    for reaction, told in EVERY.items():
        always = {name for name, event in EVENTS.items() if event.WATCHERS} if told else set(EVENTS)
        found[_name(reaction)] = Listener(reaction, always, set(EVENTS) if told else set())
    return found


def _name(reaction: Callable) -> str:
    return f"{reaction.__module__}.{reaction.__name__}"


def run_once() -> int:
    """Deliver what has settled, a batch to each listener; returns how many entries were passed, 0 when all have heard all."""
    horizon = settled()
    return sum(_deliver(name, listener, horizon) for name, listener in listeners().items()) + _retry()


def settled() -> int:
    """Every transaction below this number has ended. Those that run in other databases of the same server do not count: they
    write no entries here."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT coalesce((SELECT min(x::text::bigint) FROM pg_snapshot_xip(now.s) AS x WHERE NOT EXISTS (SELECT FROM "
            "pg_stat_activity AS a WHERE a.datname <> current_database() "
            "AND a.backend_xid::text::bigint = x::text::bigint & 4294967295)), pg_snapshot_xmax(now.s)::text::bigint) "
            "FROM (SELECT pg_current_snapshot() AS s) AS now"
        )
        return sql.fetchone()[0]


def _deliver(name: str, listener: Listener, horizon: int) -> int:
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update(skip_locked=True).filter(pk=name).first()
        if cursor is None:
            return _start(name)
        with connection.cursor() as sql:
            sql.execute(
                "SELECT id, tx, event = ANY(%s) OR (tell <> '{}' AND event = ANY(%s)) FROM matters_entry "
                "WHERE (tx, id) > (%s, %s) AND tx < %s ORDER BY tx, id LIMIT %s",
                [sorted(listener.always), sorted(listener.told), cursor.tx, cursor.entry, horizon, BATCH],
            )
            rows = sql.fetchall()
        wanted = Entry.objects.select_related("matter").in_bulk([pk for pk, _tx, hears in rows if hears])
        for pk, _tx, hears in rows:
            if hears:
                _hand(name, listener.reaction, wanted[pk])
        if rows:
            Cursor.objects.filter(pk=name).update(tx=rows[-1][1], entry=rows[-1][0])
    return len(rows)


def _start(name: str) -> int:
    """A new listener begins at the beginning of the journal, in the next round; 0 when it is only busy elsewhere."""
    with connection.cursor() as sql:
        sql.execute("INSERT INTO matters_cursor (listener, tx, entry) VALUES (%s, 0, 0) ON CONFLICT DO NOTHING", [name])
        return sql.rowcount


def _hand(name: str, reaction: Callable, entry: Entry) -> None:
    try:
        event = revive(entry.event, entry.facts, entry.personal)
        if event is None:
            return
        with trace.within(f"entry-{entry.pk}"), transaction.atomic():
            reaction(event, entry)
    except Exception:  # noqa: BLE001  a reaction's fault must not stop the others
        log.exception("reaction %s failed on entry %s", name, entry.pk)
        _put_off(Failure.objects.get_or_create(listener=name, entry=entry, defaults={"error": ""})[0])


def _retry() -> int:
    """Try again what failed and is due; each failure in a transaction of its own, skipped while another dispatcher has it."""
    known = listeners()
    due = list(Failure.objects.filter(retry_at__lte=timezone.now()).order_by("retry_at").values_list("pk", flat=True)[:BATCH])
    for pk in due:
        with transaction.atomic():
            rows = Failure.objects.select_for_update(skip_locked=True, of=("self",)).select_related("entry__matter")
            failure = rows.filter(pk=pk, retry_at__lte=timezone.now()).first()
            if failure is not None:
                _again(failure, known[failure.listener].reaction if failure.listener in known else None)
    return len(due)


def _again(failure: Failure, reaction: Callable | None) -> None:
    try:
        event = revive(failure.entry.event, failure.entry.facts, failure.entry.personal)
        with transaction.atomic():
            if reaction is not None and event is not None:
                reaction(event, failure.entry)
            failure.delete()
    except Exception:  # noqa: BLE001
        _put_off(failure)


def _put_off(failure: Failure) -> None:
    """Try again later and later; after TRIES set it aside for people to see."""
    failure.tries += 1
    failure.error = traceback.format_exc()[-2_000:]
    wait = timedelta(seconds=5 * 4 ** min(failure.tries, 6))
    failure.retry_at = timezone.now() + wait if failure.tries < TRIES else None
    failure.save()


def run_forever(stop: Callable[[], bool], *, pause: float = 0.5) -> None:
    """The worker's loop; survives a database restart."""
    while not stop():
        try:
            if run_once():
                continue
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("dispatch")
            time.sleep(2)
        finally:
            close_old_connections()
        time.sleep(pause)
