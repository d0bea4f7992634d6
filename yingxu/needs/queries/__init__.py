"""Questions about needs: one of them, lists of them, what may be done next. Everything starts from `visible_to(by)`."""

from .counting import capped, capped_counts, counted
from .lists import (
    FILTERS,
    QUEUES,
    SORTS,
    Filters,
    Queue,
    counts,
    inbox,
    labels,
    matching,
    newer,
    open_counts,
    open_to,
    recent_words,
    saved_views,
    summaries,
)
from .offers import Offer, Offers, offers
from .one import find, links, outgoing, plans, rounds, similar, visible_to
from .personal import copy_of, ended_before

__all__ = [
    "FILTERS", "QUEUES", "SORTS", "Filters", "Offer", "Offers", "Queue", "capped", "capped_counts", "copy_of", "counted", "counts", "ended_before", "find", "inbox", "labels",
    "links", "matching", "newer", "offers", "open_counts", "open_to", "outgoing", "plans", "recent_words", "rounds", "saved_views", "similar", "summaries", "visible_to",
]  # fmt: skip
