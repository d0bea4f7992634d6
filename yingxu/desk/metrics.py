"""What is counted: requests by route, and what stands in the database; in the text format of Prometheus at `/metrics`.

Each process counts in memory and adds what is new to an unlogged table every ten seconds, so that any process can answer for all of them;
at most ten seconds are lost with a process that is killed. No label says who or what about: routes are patterns.
"""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse

from yingxu.base import clock, trace
from yingxu.matters import queries as matters
from yingxu.operations import queries as operations

log = logging.getLogger("yingxu.web")
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
EVERY = 10.0
Key = tuple[str, str]  # name, labels as they are printed
_lock = threading.Lock()
_new: Counter[Key] = Counter()


class Watched:
    """Gives each request an id (a trusted proxy's when it sends one), counts and times it, and says so in the log at level INFO."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted = request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES
        begin = time.perf_counter()
        with trace.within(trace.new_id(request.headers.get("X-Request-ID", "") if trusted else "")) as work:
            response = self.get_response(request)
            seconds = time.perf_counter() - begin
            match = request.resolver_match
            route = match.route if match else "none"
            count(route, request.method or "", response.status_code, seconds)
            user = getattr(getattr(request, "actor", None), "user_id", None)
            log.info(
                "answered", extra={"about": {"route": route, "method": request.method, "status": response.status_code, "ms": round(seconds * 1_000), "user": user, "entries": work.stated}}
            )
            response["X-Request-ID"] = work.id
        return response


def count(route: str, method: str, status: int, seconds: float) -> None:
    """One request was answered."""
    labels = f'route="{_safe(route)}"'
    with _lock:
        _new["yingxu_requests_total", f'{labels},method="{_safe(method)}",status="{status}"'] += 1
        for bucket in BUCKETS:
            if seconds <= bucket:
                _new["yingxu_request_seconds_bucket", f'{labels},le="{bucket}"'] += 1
        _new["yingxu_request_seconds_bucket", f'{labels},le="+Inf"'] += 1
        _new["yingxu_request_seconds_count", labels] += 1
        _new["yingxu_request_seconds_sum", labels] += seconds  # type: ignore[assignment]


def _safe(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")[:200]


def flush() -> None:
    """Add what this process counted since the last time to what all have."""
    with _lock:
        rows = sorted(_new.items())
        _new.clear()
    rows += [((name, f'process="{os.getpid()}"'), value) for name, value in _process()]
    sums = [(name, labels, float(value), not name.startswith("yingxu_process")) for (name, labels), value in rows]
    try:
        with connection.cursor() as sql:
            sql.execute(
                "INSERT INTO desk_tally AS t (name, labels, value, at) SELECT name, labels, value, clock_timestamp() "
                "FROM unnest(%s::text[], %s::text[], %s::float8[]) AS new (name, labels, value) ON CONFLICT (name, labels) DO UPDATE SET "
                "value = CASE WHEN t.name LIKE 'yingxu_process%%' THEN excluded.value ELSE t.value + excluded.value END, at = excluded.at",
                [[s[0] for s in sums], [s[1] for s in sums], [s[2] for s in sums]],
            )
    except Exception:
        with _lock:
            _new.update({(name, labels): value for name, labels, value, adds in sums if adds})  # type: ignore[dict-item]
        raise


def _process() -> Iterator[tuple[str, float]]:
    """This process: its memory, and its pool of connections."""
    with open("/proc/self/statm") as file:
        yield "yingxu_process_resident_bytes", int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    pool: Any = getattr(connection, "pool", None)
    if pool is not None:
        stats = pool.get_stats()
        for name in ("pool_size", "pool_available", "requests_waiting"):
            yield f"yingxu_process_{name}", stats.get(name, 0)


def keep_flushing() -> None:
    """From now on, every ten seconds, beside the requests of this process."""

    def run() -> None:
        while True:
            time.sleep(EVERY)
            try:
                flush()
            except Exception:  # noqa: BLE001  the database may be away; what was counted waits
                logging.getLogger("yingxu.metrics").warning("the counts of this process wait for the database")
            finally:
                close_old_connections()

    threading.Thread(target=run, name="metrics", daemon=True).start()


GAUGES = {
    "yingxu_reactions_set_aside": "SELECT count(*) FROM matters_failure WHERE retry_at IS NULL",
    "yingxu_journal_unheard": (
        "SELECT count(*) FROM (SELECT FROM matters_entry, (SELECT tx, entry FROM matters_cursor ORDER BY tx, entry LIMIT 1) AS slowest "
        "WHERE (matters_entry.tx, id) > (slowest.tx, slowest.entry) LIMIT 10000) AS behind"
    ),
    "yingxu_outbox_waiting": "SELECT count(*) FROM notices_delivery WHERE state = 'waiting'",
    "yingxu_worker_silent_seconds": "SELECT coalesce(extract(epoch FROM now() - max(last_heartbeat)), -1) FROM procrastinate_workers",
}


def text() -> str:
    """Everything, in the text format. What cannot be asked because the database is away is left out, and `yingxu_database_up` is 0."""
    try:
        flush()
        lines = ["yingxu_database_up 1", *_stand(), *_tallies()]
    except Exception:  # noqa: BLE001  that it is away is what has to be said
        lines = ["yingxu_database_up 0"]
    return "\n".join(lines) + "\n"


def _stand() -> Iterator[str]:
    with connection.cursor() as sql:
        for name, question in GAUGES.items():
            sql.execute(question)
            yield f"{name} {float(sql.fetchone()[0]):g}"
        sql.execute("SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY status")
        for status, number in sql.fetchall():
            yield f'yingxu_jobs{{status="{status}"}} {number}'
    for state in matters.seal_states():
        yield f'yingxu_unsealed_rows{{ledger="{state.name}"}} {state.waiting}'
        yield f'yingxu_seals_late{{ledger="{state.name}"}} {int(state.late)}'
    kept, now = operations.kept(), clock.now()
    for name, age in (("backup", kept.taken), ("second_copy", kept.second), ("verified_restore", kept.proved)):
        yield f"yingxu_{name}_seconds {(now - age.at).total_seconds() if age and age.at else -1:g}"
    for state in operations.archives():
        at = state.row.reached_at
        yield f'yingxu_log_behind_seconds{{place="{state.row.place}"}} {(now - at).total_seconds() if at else -1:g}'
    if server := operations.archiver():
        yield f"yingxu_log_behind_seconds{{place=\"server\"}} {(now - server.last).total_seconds() if server.last else -1:g}"
    for volume in operations.volumes():
        yield f'yingxu_disk_free_ratio{{disk="{volume.name}"}} {volume.share:.4f}'


def _tallies() -> Iterator[str]:
    with connection.cursor() as sql:
        sql.execute(
            "SELECT name, labels, value FROM desk_tally WHERE name NOT LIKE 'yingxu_process%%' OR at > clock_timestamp() - interval '1 minute' ORDER BY name, labels"
        )
        named = ""
        for name, labels, value in sql.fetchall():
            family = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
            if family != named:
                named = family
                sort = "gauge" if family.startswith("yingxu_process") else "histogram" if family == "yingxu_request_seconds" else "counter"
                yield f"# TYPE {family} {sort}"
            yield f"{name}{{{labels}}} {value:.10g}"
