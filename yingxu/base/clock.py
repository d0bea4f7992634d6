"""The only source of now. Backfill and tests run inside `at(moment)`, so that history keeps its own times."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

log = logging.getLogger("yingxu.clock")
APART = timedelta(minutes=2)
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The present, aware."""
    return _moment.get() or timezone.now()


def zone():
    """The company's time zone."""
    return timezone.get_default_timezone()


def today() -> date:
    """Today in the company's time zone."""
    return timezone.localdate(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything inside happens at this aware moment. Raises ValueError for a naive one."""
    if timezone.is_naive(moment):
        raise ValueError("a moment needs a time zone")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def agreed(job: str) -> datetime | None:
    """The present, for a job that states what is late or due. None, and a line in the log, when this machine's clock and the
    database's disagree: then nothing can be said to be late."""
    here = now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - here)
    if apart > APART:
        log.error("%s: this machine's clock and the database's are %s apart; nothing is declared late", job, apart)
        return None
    return here
