"""What is stated about classes, prospects and care."""

from .care import BirthdayNoted, CarePlanned, CareSettled, CareWithheld
from .classes import ClassesReckoned, ClassSet, CustomerClassified, RelationRulesChanged, RelationsExported
from .prospects import ProspectAmended, ProspectLost, ProspectMoved, ProspectStepPlanned, ProspectTakenUp

__all__ = ["BirthdayNoted", "CarePlanned", "CareSettled", "CareWithheld", "ClassSet", "ClassesReckoned", "CustomerClassified", "ProspectAmended", "ProspectLost", "ProspectMoved", "ProspectStepPlanned", "ProspectTakenUp", "RelationRulesChanged", "RelationsExported"]
