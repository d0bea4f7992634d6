"""What this piece of work belongs to: the id of a request, of a journal entry being handed out, of a job. Log lines carry it."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)


@dataclass
class Work:
    """`id` names it; `stated` are the journal entries it made, by which what reactions do later can be found."""

    id: str
    stated: list[int] = field(default_factory=list)


_work: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> str:
    """The id of what is being done, "" outside of any."""
    work = _work.get()
    return work.id if work else ""


def stated(entry: int) -> None:
    """The work has made this journal entry."""
    if work := _work.get():
        work.stated.append(entry)


def new_id(given: str = "") -> str:
    """The id a trusted proxy gave, or a new one (64 random bits)."""
    return given if GIVEN.fullmatch(given) else secrets.token_hex(8)


@contextmanager
def within(name: str) -> Iterator[Work]:
    """Everything inside belongs to this."""
    work = Work(name)
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)
