"""The mark every file and print carries that leaves the house: it names the row of the access log that says who took what, when (G2).

A mark is "E" with the row's number and eight hexadecimal digits that only this installation can make, so that a mistyped or invented one
is told from a true one. What is about to leave with the answer to a request is kept for its thread, from the row in the log to the file.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

_CODE = re.compile(r"E(\d{1,18})-([0-9a-f]{8})", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """`row` of the access log; `who` took `rows` rows of the list `listed` as it was `at` that moment."""

    row: int
    who: str
    listed: str
    rows: int | None
    at: datetime

    @property
    def code(self) -> str:
        return f"E{self.row}-{_proof(self.row)}"


_leaving: ContextVar[Mark | None] = ContextVar("leaving", default=None)


def leaves(mark: Mark | None) -> None:
    """The next file or print made here carries this mark; None: nothing is about to leave."""
    _leaving.set(mark)


def taken() -> Mark | None:
    """The mark of what is leaving; once."""
    mark = _leaving.get()
    _leaving.set(None)
    return mark


def row_of(code: str) -> int | None:
    """The row a mark names; None for one we did not make."""
    found = _CODE.fullmatch(code.strip())
    if found is None or not constant_time_compare(found[2].lower(), _proof(int(found[1]))):
        return None
    return int(found[1])


def is_mark(code: str) -> bool:
    """Does it look like one?"""
    return _CODE.fullmatch(code.strip()) is not None


def _proof(row: int) -> str:
    return salted_hmac("yingxu.marks", str(row)).hexdigest()[:8]
