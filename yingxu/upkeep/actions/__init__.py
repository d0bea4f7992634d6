"""The only place that writes upkeep: rounds and their lists, monthly reports, what was learned, what is set."""

from .news import enter, entered_at_once, note, state_late_news
from .ownerless import give_owner
from .reporting import answer, comment, draft, read, remind, submit, write
from .rounds import check, open_rounds, settle_finished
from .setting import export_cards, export_news, export_reports, export_round, install, set_upkeep
from .staying import hand_over_left

__all__ = [
    "answer", "check", "comment", "draft", "enter", "entered_at_once", "export_cards", "give_owner", "export_news", "export_reports", "export_round",
    "hand_over_left", "install", "note", "open_rounds", "read", "remind", "set_upkeep", "settle_finished", "state_late_news", "submit", "write",
]  # fmt: skip
