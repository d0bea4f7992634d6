"""Search words as conditions on needs.

A single pair of characters is left to the planner, which knows how frequent each pair is. It cannot know how frequent a phrase is and
takes it for rare; so where every pair of a phrase is frequent, the newest needs are walked first, and the index is asked only when
they do not fill a page.
"""

import re
import time

from django.db import connection
from django.db.models.expressions import RawSQL

from yingxu.base import searching
from yingxu.base.remember import forgets

NEWEST = 6_000  # needs that are walked
FREQUENT = 2_000  # needs with a pair of characters
KEEP_SECONDS = 600
_PAIR = re.compile("'([^']+)'")
_known: tuple[float, dict[str, float]] = (float("-inf"), {})


def matches(text: str, *, walk: bool = False) -> RawSQL | None:
    """A condition on matters; None when there is nothing to search for. `walk` hides it from the index.

    The words stand in the statement itself (`searching.query` lets only letters, digits and Chinese characters through), so that
    the planner sees them and no plan is kept that fits other words.
    """
    query = searching.query(text)
    if not query:
        return None
    found = "matters_matter.search @@ '" + query.replace("'", "''") + "'::tsquery"
    return RawSQL(f"CASE WHEN {found} THEN true ELSE false END" if walk else found, ())  # noqa: S611


def newest() -> RawSQL:
    """When the oldest of the newest needs was opened; NULL, which nothing is newer than, while there are not so many."""
    return RawSQL(  # noqa: S611
        f"(SELECT opened_at FROM matters_matter WHERE kind = 'need' ORDER BY opened_at DESC OFFSET {NEWEST} LIMIT 1)", ()  # noqa: S608
    )


def frequent_phrase(text: str) -> bool:
    """Is this a phrase of which every pair of characters stands in many needs?"""
    query = searching.query(text)
    if "<->" not in query:
        return False
    known = _frequencies()
    return all(known.get(pair, 0) > FREQUENT for pair in _PAIR.findall(query))


@forgets
def forget() -> None:
    """Ask the database again next time."""
    global _known
    _known = (float("-inf"), {})


def _frequencies() -> dict[str, float]:
    """In how many matters the most frequent pairs stand, as the database last counted; kept in memory for some minutes."""
    global _known
    if time.monotonic() - _known[0] > KEEP_SECONDS:
        with connection.cursor() as sql:
            sql.execute(
                "SELECT c.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs FROM pg_class c "
                "JOIN pg_stats s ON s.tablename = c.relname AND s.attname = 'search' AND s.schemaname = current_schema() "
                "WHERE c.oid = 'matters_matter'::regclass"
            )
            row = sql.fetchone()
        many = dict(zip(row[1], (row[0] * share for share in row[2]), strict=False)) if row and row[1] else {}
        _known = (time.monotonic(), {pair: n for pair, n in many.items() if n > FREQUENT})
    return _known[1]
