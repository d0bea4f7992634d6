"""What a person gets who asks for a copy of their data (PIPL art. 45): each room adds the sheets it holds.

    copies.register(fn)      fn(matter) -> Iterable[Sheet], for the matter of a customer's file

Identifiers stand in a copy uncovered: it is the person's own. The words of colleagues to each other are not in it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from yingxu.matters.models import Matter

SOURCES: list[Callable[[Matter], Iterable["Sheet"]]] = []


@dataclass(frozen=True)
class Sheet:
    """A table: its title, its heads, its rows."""

    title: Any
    heads: Sequence[Any]
    rows: Iterable[Sequence[Any]]


def register(source: Callable[[Matter], Iterable[Sheet]]) -> None:
    """Add what this room holds of a customer to every copy."""
    if source not in SOURCES:
        SOURCES.append(source)


def of(matter: Matter) -> list[Sheet]:
    """Everything held of the customer with this file, room by room."""
    return [sheet for source in SOURCES for sheet in source(matter)]
