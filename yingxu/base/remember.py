"""What each process keeps in memory of the database: configuration, read again when its stamp changed, and how all of it is forgotten."""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection

T = TypeVar("T")
Forget = TypeVar("Forget", bound=Callable[..., None])

_forgetters: list[Callable[..., None]] = []


def forgets(forget: Forget) -> Forget:
    """Marks a function that drops something kept in memory, so that `forget_everything` calls it too."""
    _forgetters.append(forget)
    return forget


def forget_everything() -> None:
    """Ask the database for all of it again: its tables were emptied or filled from elsewhere."""
    for forget in _forgetters:
        forget()


class Remembered(Generic[T]):
    """`load()` gives the value, `stamp()` a token that is new after every change. Outside a transaction the stamp is asked at
    most once in `seconds`; inside one always, so that a verb sees its own changes and a rolled back one leaves nothing."""

    def __init__(self, load: Callable[[], T], stamp: Callable[[], Any], *, seconds: float = 2.0) -> None:
        self._load, self._stamp, self._seconds = load, stamp, seconds
        self._known: tuple[Any, T] | None = None
        self._asked = 0.0
        forgets(self.forget)

    def __call__(self) -> T:
        now = time.monotonic()
        if self._known and now - self._asked < self._seconds and not connection.in_atomic_block:
            return self._known[1]
        stamp = self._stamp()
        if self._known is None or stamp is None or self._known[0] != stamp:
            self._known = (stamp, self._load())
        self._asked = now
        return self._known[1]

    def forget(self) -> None:
        """Read again next time, whatever the stamp says."""
        self._known = None
