"""The only place that writes upkeep: rounds and their lists, monthly reports, what is set."""

from .reporting import answer, comment, draft, read, remind, submit, write
from .rounds import check, open_rounds, settle_finished
from .setting import export_reports, export_round, install, set_upkeep
from .staying import hand_over_left

__all__ = [
    "answer", "check", "comment", "draft", "export_reports", "export_round", "hand_over_left", "install", "open_rounds", "read", "remind", "set_upkeep", "settle_finished", "submit", "write",
]  # fmt: skip
