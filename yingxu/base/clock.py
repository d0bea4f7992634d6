"""The only source of now. Backfill and tests run inside `at(moment)`, so that history keeps its own times."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

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
