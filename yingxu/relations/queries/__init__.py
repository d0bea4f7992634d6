"""Questions about classes, prospects and care. What is a customer's is seen by whoever may see the customer."""

from .classes import (
    SORTS,
    Wish,
    asked,
    choices,
    counts,
    explained,
    for_export,
    industries,
    listed,
    runs,
    sizes,
    turns,
)
from .rulebooks import content, exported, rulebook, version, versions

__all__ = [
    "SORTS", "Wish", "asked", "choices", "content", "counts", "explained", "exported", "for_export", "industries", "listed", "rulebook", "runs",
    "sizes", "turns", "version", "versions",
]  # fmt: skip
