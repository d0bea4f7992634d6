"""What each process knows of the journal's end: whether anything was stated about needs, customers, … since it last looked.

Open pages ask this instead of counting again: as long as the serial of a kind is the same, nothing that could change a list of that
kind was committed. Found exactly by transactions, not by ids or clocks: an entry may become visible after a later one.
"""

import threading
import time
from collections import defaultdict

from django.db import connection

from yingxu.base.remember import forgets

SECONDS = 1.0  # between two looks of one process, however many pages ask
MANY = 2_000  # unsettled entries looked at one by one

_lock = threading.Lock()
_serials: dict[str, int] = defaultdict(int)
_horizon = 0
_known: set[int] = set()
_looked = 0.0


def serial(kind: str) -> int:
    """Another number after anything was stated on matters of this kind, at most SECONDS later; higher than before."""
    global _looked
    if connection.in_atomic_block:  # sees what nobody else sees yet: it looks by itself
        with _lock:
            _look()
            return _serials[kind]
    now = time.monotonic()
    if now - _looked >= SECONDS and _lock.acquire(blocking=False):
        try:
            _look()
            _looked = now
        finally:
            _lock.release()
    return _serials[kind]


def _look() -> None:
    """Every entry whose transaction had not ended when we last looked, and every later one."""
    global _horizon, _known
    with connection.cursor() as sql:
        sql.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = sql.fetchone()[0]
        sql.execute(
            "SELECT e.id, coalesce(m.kind, '') FROM matters_entry AS e LEFT JOIN matters_matter AS m ON m.id = e.matter_id "
            "WHERE e.tx >= %s ORDER BY e.tx DESC, e.id DESC LIMIT %s",
            [_horizon or horizon, MANY],
        )
        found = dict(sql.fetchall())
    for kind in {kind for pk, kind in found.items() if pk not in _known}:
        _serials[kind] += 1
    if len(found) == MANY:  # more than we look at: anything may have changed
        for kind in list(_serials):
            _serials[kind] += 1
    _horizon, _known = horizon, set(found)


@forgets
def forget() -> None:
    """Look afresh: the database is another one."""
    global _horizon, _known, _looked
    with _lock:
        for kind in list(_serials):
            _serials[kind] += 1
        _horizon, _known, _looked = 0, set(), 0.0
