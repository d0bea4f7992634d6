"""Questions about customers: who they are (`finding`), what their file says (`sections`), what it said (`archive`, `changes`),
contracts, papers and dealings."""

from . import archive, changes, contracts, dealings, papers, sections
from .finding import (
    SORTS,
    SUMMARIES,
    UNDO,
    Double,
    Found,
    Pair,
    Wish,
    can_be_undone,
    counts,
    duplicates_of,
    find_while_typing,
    for_export,
    history,
    holders,
    identifier,
    index,
    kept,
    last_merge,
    matching,
    merges,
    one,
    profile,
    served,
    summaries_of,
    suspected,
    tags_in_use,
    visible_to,
)

__all__ = [
    "SORTS", "SUMMARIES", "UNDO", "Double", "Found", "Pair", "Wish", "archive", "can_be_undone", "changes", "contracts", "counts", "dealings",
    "duplicates_of", "find_while_typing", "for_export", "history", "holders", "identifier", "index", "kept", "last_merge", "matching",
    "merges", "one", "papers", "profile", "sections", "served", "summaries_of", "suspected", "tags_in_use", "visible_to",
]  # fmt: skip
