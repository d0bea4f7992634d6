"""Questions about customers: who they are (`finding`), what their file says (`sections`), what it said (`archive`, `changes`),
contracts, papers and dealings."""

from . import archive, changes, contracts, dealings, papers, sections
from .finding import (
    SORTS,
    SUMMARIES,
    Double,
    Found,
    Pair,
    Wish,
    counts,
    duplicates_of,
    find_while_typing,
    for_export,
    holders,
    identifier,
    index,
    kept,
    matching,
    one,
    profile,
    seen,
    served,
    summaries_of,
    suspected,
    tags_in_use,
    visible_to,
    written_to,
)
from .past import UNDO, can_be_undone, history, last_merge, merges

__all__ = [
    "SORTS", "SUMMARIES", "UNDO", "Double", "Found", "Pair", "Wish", "archive", "can_be_undone", "changes", "contracts", "counts", "dealings",
    "duplicates_of", "find_while_typing", "for_export", "history", "holders", "identifier", "index", "kept", "last_merge", "matching",
    "merges", "one", "papers", "profile", "sections", "seen", "served", "summaries_of", "suspected", "tags_in_use", "visible_to", "written_to",
]  # fmt: skip
