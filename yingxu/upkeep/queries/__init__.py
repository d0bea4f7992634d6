"""Questions about upkeep: what is set, rounds and lists, monthly reports, what was learned, customer cards."""

from . import cards, news, reports, rounds
from .setting import exported, settings, spoken

__all__ = ["cards", "exported", "news", "reports", "rounds", "settings", "spoken"]
