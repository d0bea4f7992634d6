"""Questions about upkeep: what is set, rounds and lists, monthly reports, what was learned, customer cards."""

from . import cards, news, ownerless, reports, rounds
from .setting import exported, settings, spoken

__all__ = ["cards", "exported", "news", "ownerless", "reports", "rounds", "settings", "spoken"]
