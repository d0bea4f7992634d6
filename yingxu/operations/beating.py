"""The heartbeat of the worker: each loop that goes round is written down, so that one that stands still is seen from outside (R6).

`every` is how long a loop may take, in seconds: one for the loops of their own threads, its timetable for a timed job. A job beats when it
ended well; one that fails each time falls silent.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import close_old_connections, connection
from django.utils.translation import gettext_lazy

from yingxu.base.loops import named

log = logging.getLogger("yingxu.worker")
PAUSE = 10.0  # seconds between two writings
for _loop, _words in {
    "dispatch": gettext_lazy("Journal handed out"), "seals": gettext_lazy("Seals of journal and access log"), "webhooks": gettext_lazy("Webhooks on their way"),
    "mailboxes": gettext_lazy("Fetching of mail"), "archive": gettext_lazy("Archive of the database's log"), "mail": gettext_lazy("Sending of mail"),
    "sms": gettext_lazy("Sending of text messages"), "chat": gettext_lazy("Messages of the robots"),
}.items():  # fmt: skip
    named(_loop, _words)
LONGEST = 600  # jobs that run less often are no loops: backups have ages of their own


def timetable(periodic: Any) -> dict[str, int]:
    """Timed job → seconds between two runs, of those that run at least every ten minutes. `periodic`: procrastinate's registry."""
    found = {}
    for entry in periodic.periodic_tasks.values():
        runs = entry.croniter.__class__(entry.cron, datetime(2026, 1, 1))
        first, second = runs.get_next(float), runs.get_next(float)
        if second - first <= LONGEST:
            found[entry.task.name] = int(second - first)
    return found


class Heart:
    """`heard` is called by loops and jobs; `beat_on` writes what was heard since, until told to stop."""

    def __init__(self, every: Mapping[str, int]) -> None:
        self.every = dict(every)
        self._fresh: set[str] = set()
        self._guard = threading.Lock()

    def heard(self, loop: str) -> None:
        if loop in self.every:
            with self._guard:
                self._fresh.add(loop)

    def beat_on(self, stop: Callable[[], bool]) -> None:
        begun = False
        while not stop():
            try:
                begun = begun or self._begin()
                self._write()
            except Exception:  # noqa: BLE001  the database may be away; we come back
                log.exception("heartbeat")
            finally:
                close_old_connections()
            for _second in range(int(PAUSE)):
                if not stop():
                    time.sleep(1)

    def _begin(self) -> bool:
        """Loops of an earlier version are forgotten; ours count from now."""
        with connection.cursor() as sql:
            sql.execute("DELETE FROM operations_heartbeat WHERE NOT loop = ANY(%s)", [sorted(self.every)])
        with self._guard:
            self._fresh |= set(self.every)
        return True

    def _write(self) -> None:
        with self._guard:
            fresh, self._fresh = sorted(self._fresh), set()
        if not fresh:
            return
        with connection.cursor() as sql:
            sql.execute(
                "INSERT INTO operations_heartbeat (loop, every, at) SELECT l, e, clock_timestamp() FROM unnest(%s::text[], %s::int[]) AS t(l, e) ORDER BY l "
                "ON CONFLICT (loop) DO UPDATE SET every = excluded.every, at = excluded.at",
                [fresh, [self.every[loop] for loop in fresh]],
            )
