"""What is stated about classes, prospects and care."""

from .classes import ClassesReckoned, ClassSet, CustomerClassified, RelationRulesChanged, RelationsExported

__all__ = ["ClassSet", "ClassesReckoned", "CustomerClassified", "RelationRulesChanged", "RelationsExported"]
