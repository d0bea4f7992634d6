"""Verbs of classes, prospects and care."""

from .classing import carry_on, export_classes, install, nightly, override, reckon, set_rules, take_back, typed
from .prospects import amend, export_prospects, give_up, move, plan_step, pursue

__all__ = ["amend", "carry_on", "export_classes", "export_prospects", "give_up", "install", "move", "nightly", "override", "plan_step", "pursue", "reckon", "set_rules", "take_back", "typed"]
