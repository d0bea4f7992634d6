"""What is stated about classes, prospects and care."""

from .classes import ClassesReckoned, ClassSet, CustomerClassified, RelationRulesChanged, RelationsExported
from .prospects import ProspectAmended, ProspectLost, ProspectMoved, ProspectStepPlanned, ProspectTakenUp

__all__ = ["ClassSet", "ClassesReckoned", "CustomerClassified", "ProspectAmended", "ProspectLost", "ProspectMoved", "ProspectStepPlanned", "ProspectTakenUp", "RelationRulesChanged", "RelationsExported"]
