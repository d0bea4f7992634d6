"""Verbs of classes, prospects and care."""

from .classing import carry_on, export_classes, install, nightly, override, reckon, set_rules, take_back, typed

__all__ = ["carry_on", "export_classes", "install", "nightly", "override", "reckon", "set_rules", "take_back", "typed"]
