"""When a step is decided. Plain Python: votes in, verdict out."""

from collections.abc import Iterable
from typing import NamedTuple

from .models import Needed, Seat

OPEN, PASSED, REFUSED = "open", "passed", "refused"
COUNTED = (Seat.State.WAITING, Seat.State.APPROVED, Seat.State.REFUSED)


class Votes(NamedTuple):
    """How many said yes, said no, have not said anything."""

    yes: int = 0
    no: int = 0
    waiting: int = 0

    @property
    def asked(self) -> int:
        return self.yes + self.no + self.waiting


def verdict(needed: str, votes: Votes, added: Votes = Votes()) -> str:
    """"passed", "refused" or still "open". `added` are those a signer asked besides: each of them must agree.

    any: the first who speaks decides. all: everybody agrees, one no ends it. majority: more than half of those asked agree; refused as
    soon as that cannot be reached any more. Nobody asked never passes.
    """
    if added.no:
        return REFUSED
    found = _rule(needed, votes)
    return OPEN if found == PASSED and added.waiting else found


def _rule(needed: str, votes: Votes) -> str:
    yes, no, asked = votes.yes, votes.no, votes.asked
    if not asked:
        return OPEN
    if needed == Needed.MAJORITY:
        if 2 * yes > asked:
            return PASSED
        return REFUSED if 2 * (asked - no) <= asked else OPEN
    if needed == Needed.ALL:
        return REFUSED if no else PASSED if yes == asked else OPEN
    return PASSED if yes else REFUSED if no else OPEN


def count(seats: Iterable[Seat]) -> tuple[Votes, Votes]:
    """The step's own votes, and those of who was added. Handed on and no longer needed seats count for nothing."""
    own, added = [0, 0, 0], [0, 0, 0]
    for seat in seats:
        if seat.state in COUNTED:
            at = (Seat.State.APPROVED, Seat.State.REFUSED, Seat.State.WAITING).index(Seat.State(seat.state))
            (added if seat.added else own)[at] += 1
    return Votes(*own), Votes(*added)
