"""Verbs of classes, prospects and care."""

from .care import export_care, finished, forget_birthday, note_birthday, plan, settle
from .classing import carry_on, export_classes, install, nightly, override, reckon, set_rules, take_back, typed
from .prospects import amend, export_prospects, give_up, move, plan_step, pursue

__all__ = ["amend", "carry_on", "export_care", "export_classes", "export_prospects", "finished", "forget_birthday", "give_up", "install", "move", "nightly", "note_birthday", "override", "plan", "plan_step", "pursue", "reckon", "set_rules", "settle", "take_back", "typed"]
