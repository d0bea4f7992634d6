"""Questions about emergencies and reserves. Everything a person asks starts from what they may see."""

from .board import Board, LogLine, board, find, log, openable, stated_until, version, visible_to
from .lists import SORTS, TABS, Wish, burning, counts, index, listed, look_again, of_customer, of_need, open_on
from .offers import LABEL, Offer, Offers, offers, refused
from .reserves import (
    SOON,
    ReserveWish,
    movements,
    out_of,
    plain,
    reserve,
    reserve_counts,
    reserve_mark,
    reserve_marks,
    reserves,
    reserves_for,
    reserves_listed,
    reserves_visible_to,
)

__all__ = [
    "LABEL", "LogLine", "SOON", "SORTS", "TABS", "Board", "Offer", "Offers", "ReserveWish", "Wish", "board", "burning", "counts", "find", "index", "listed", "log", "look_again", "movements", "of_customer", "of_need", "offers", "open_on", "openable", "out_of",
    "plain", "refused", "reserve", "reserve_counts", "reserve_mark", "reserve_marks", "reserves", "reserves_for", "reserves_listed", "reserves_visible_to", "stated_until", "version", "visible_to",
]  # fmt: skip
