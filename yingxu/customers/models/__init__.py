"""Who customers are: persons and organisations, their contacts, their sealed identifiers, and what was merged."""

from .contacts import Contact
from .customer import Customer, CustomerManager
from .identifiers import Identifier
from .merging import Merge

__all__ = ["Contact", "Customer", "CustomerManager", "Identifier", "Merge"]
