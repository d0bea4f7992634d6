"""Questions about upkeep: what is set, rounds and lists, monthly reports."""

from . import reports, rounds
from .setting import exported, settings, spoken

__all__ = ["exported", "reports", "rounds", "settings", "spoken"]
