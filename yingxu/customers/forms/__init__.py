"""Shape of input about customers."""

from .file import ChangedPerson, Edit, New, NewIdentifier, NewPerson, Person, blame
from .papers import (
    ContractForm,
    DealingForm,
    FieldForm,
    NewSection,
    PaperForm,
    Payment,
    Plan,
    Reason,
    Renewal,
    SectionForm,
    Terms,
)
from .serving import Serves

__all__ = [
    "ChangedPerson", "ContractForm", "DealingForm", "Edit", "FieldForm", "New", "NewIdentifier", "NewPerson", "NewSection", "PaperForm", "Payment",
    "Person", "Plan", "Reason", "Renewal", "SectionForm", "Serves", "Terms", "blame",
]  # fmt: skip
