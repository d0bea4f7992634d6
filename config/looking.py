"""Is everything well? What `yingxu status` prints."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yingxu.operations.vault import Trouble


def lines() -> Iterator[tuple[bool, str]]:
    """(is it well, what it is) of the database, the worker, the journal, the jobs, mail, the log's archive and the disks."""
    from django.db import connection

    with connection.cursor() as sql:
        sql.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
        version, size = sql.fetchone()
        yield True, f"database: PostgreSQL {version}, {size}"
        sql.execute("SELECT extract(epoch FROM now() - max(last_heartbeat))::int FROM procrastinate_workers")
        (silent,) = sql.fetchone()
        yield silent is not None and silent < 30, f"worker: {'not running' if silent is None else f'seen {silent} s ago'}"
        from yingxu.matters.queries import sealed_late

        late = sealed_late()
        yield not late, f"seals: {', '.join(late) + ' wait for one' if late else 'up to date'}"
        sql.execute("SELECT count(*) FROM matters_failure WHERE retry_at IS NULL")
        (stuck,) = sql.fetchone()
        yield not stuck, f"journal: {stuck} reactions set aside"
        sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        (failed,) = sql.fetchone()
        yield not failed, f"jobs: {failed} failed"
        sql.execute("SELECT count(*) FROM notices_delivery WHERE state = 'waiting' AND tries = 0 AND robot_id IS NULL AND next_at < now() - interval '10 minutes'")
        (left,) = sql.fetchone()
        yield not left, f"outbox: {left} messages nobody has tried to send"
        sql.execute("SELECT count(*) FROM intake_mailbox WHERE active AND trouble <> ''")
        (troubled,) = sql.fetchone()
        yield not troubled, f"mailboxes: {troubled} in trouble"
    from yingxu.operations import queries

    still = queries.silent()
    yield not still, "loops: " + (", ".join(f"{loop} silent for {seconds} s" for loop, seconds in still) or "none stands still")
    kept = queries.kept()
    yield not kept.taken.late, f"last backup: {_when(kept.taken)}" + (f"; then failed: {Trouble(kept.failed.sentence, **kept.failed.values)}" if kept.failed else "")
    yield kept.second is not None and not kept.second.late, f"second place: {_when(kept.second) if kept.second else 'none is set; a backup beside the data is lost with it'}"
    yield not kept.proved.late, f"last verified restore: {_when(kept.proved)}"
    for state in queries.archives():
        about = Trouble(state.row.sentence, **state.row.values) if state.row.sentence else f"everything before {_ago(state.row.reached_at)} is archived" if state.row.reached_at else "nothing is archived yet"
        yield not state.late, f"log in the {'second' if state.row.place == 2 else 'first'} place: {about}"
    if server := queries.archiver():
        yield not server.late, f"log of your server: {'archived ' + _ago(server.last) if server.on and server.last else 'not archived; see docs/operations.md'}"
    for volume in queries.volumes():
        full = {"good": "", "warn": ", gets full", "bad": ", full"}[volume.level]
        yield volume.level != "bad", f"disk ({', '.join((volume.name, *volume.also))}): {volume.free >> 30} GB free of {volume.total >> 30} GB{full}"


def _when(age: Any) -> str:
    from yingxu.base import clock

    if age.at is None:
        return "never"
    hours = int((clock.now() - age.at).total_seconds() // 3600)
    return f"{hours} h ago" if hours < 72 else f"{hours // 24} days ago"


def _ago(at: datetime) -> str:
    from yingxu.base import clock

    return f"{int((clock.now() - at).total_seconds() // 60)} min ago"
