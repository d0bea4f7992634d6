"""Who customers are: persons and organisations, contacts, sealed identifiers, what was merged; what their files hold, and what they held."""

from .contacts import Contact
from .contracts import Contract, Instalment
from .customer import Customer, CustomerManager
from .dealings import Dealing
from .history import Change
from .identifiers import Identifier
from .merging import Merge
from .papers import Paper
from .sections import Section, SectionLevel, Term, Value

__all__ = [
    "Change", "Contact", "Contract", "Customer", "CustomerManager", "Dealing", "Identifier", "Instalment", "Merge", "Paper", "Section", "SectionLevel",
    "Term", "Value",
]  # fmt: skip
