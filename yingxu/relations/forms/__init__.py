"""The shape of what is typed about classes and prospects."""

from .classes import Back, ClassificationForm, Otherwise, because, figures
from .prospects import GiveUp, MoveOn, NextStep, ProspectRules, Pursue

__all__ = ["Back", "ClassificationForm", "GiveUp", "MoveOn", "NextStep", "Otherwise", "ProspectRules", "Pursue", "because", "figures"]
