"""What a list of needs is told while it stands open: its counts, and how many needs came in meanwhile; the rows stay still.

Counting costs; so each process remembers what it counted for whom, and counts again only after something was stated on any need
(`matters.tail`) or after some minutes, since "due today" and "overdue" change by themselves.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from markupsafe import Markup

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.remember import forgets
from yingxu.matters import tail
from yingxu.ui import live

from .. import queries, rules
from ..queries import rows as listing
from ..queries.management import standing_question
from .queue import nav_of

MINUTES = 3  # after which it is counted again in any case
KEPT = 2_000
_counted: OrderedDict[Hashable, tuple[tuple[int, int], Any]] = OrderedDict()


def remembered(by: Actor, question: Hashable, count: Callable[[], Any], *, again: bool = False) -> Any:
    """The answer to a question about needs, counted again only when it may have changed, or `again`."""
    now = (tail.serial("need"), int(time.monotonic() // (60 * MINUTES)))
    mark = (by.user_id, by.department_id, by.subtree, by.clearance, by.admitted, by.reaches.get(rules.VIEW.name), question)
    found = _counted.get(mark)
    if found is None or found[0] != now or again:
        found = _counted[mark] = (now, count())
        while len(_counted) > KEPT:
            _counted.popitem(last=False)
    return found[1]


@forgets
def forget() -> None:
    _counted.clear()


@live.part("queues")
def queues(beat: live.Beat, mark: str) -> Markup | None:
    """The section nav with fresh counts."""
    shown, _space, query = mark.partition(" ")
    by = beat.by
    if not by.may(rules.VIEW):
        return None

    def count() -> listing.Tallies:
        return listing.tallies(by, None, queries.saved_views(by), {}, queries.QUEUES, standing_question(by))

    for again in (False, True):  # what is remembered may be older than the page
        tallies = remembered(by, "queues", count, again=again)
        if tallies.mark == shown:
            return None
    return live.draw(beat.request, "needs/nav.html", **nav_of(by, QueryDict(query), tallies))


@live.part("newer")
def newer(beat: live.Beat, mark: str) -> Markup | None:
    """How many matching needs came in since the list was made."""
    shown, _space, rest = mark.partition(" ")
    moment, _space, query = rest.partition(" ")
    by = beat.by
    try:
        since = parse_datetime(moment)
        filters = queries.Filters.parse(QueryDict(query))
    except (ValueError, Invalid):
        return None
    if since is None or since.tzinfo is None or not by.may(rules.VIEW):
        return None
    many = remembered(by, ("newer", moment, query), lambda: queries.newer(by, filters, since))
    return None if str(many) == shown else live.draw(beat.request, "needs/newer.html", count=many, mark=f"{many} {rest}")
