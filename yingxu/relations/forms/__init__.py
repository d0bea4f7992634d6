"""The shape of what is typed about classes, prospects and care."""

from .care import OCCASIONS, BirthdayForm, CareRuleForm, LeaveOut, Settle, birthday_said
from .classes import Back, ClassificationForm, Otherwise, because, figures
from .prospects import GiveUp, MoveOn, NextStep, ProspectRules, Pursue

__all__ = [
    "OCCASIONS", "Back", "BirthdayForm", "CareRuleForm", "ClassificationForm", "GiveUp", "LeaveOut", "MoveOn", "NextStep",
    "Otherwise", "ProspectRules", "Pursue", "Settle", "because", "birthday_said", "figures",
]  # fmt: skip
