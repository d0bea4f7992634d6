"""A customer's needs, on the customer's page."""

from typing import Any

from yingxu.base.access import Actor
from yingxu.customers.models import Customer

from .. import queries
from ..queries import rows as listing
from . import looks

MOST = 50


def load(customer: Customer, by: Actor) -> dict[str, Any]:
    """The newest needs of this customer that the actor may see, as rows; `address` is the list with all of them."""
    asked = {"customer": customer.matter.number, "sort": "-opened", "size": str(MOST)}
    found = listing.listed(by, queries.Filters.parse(asked))
    rows = [row | {"customer": ""} for row in looks.rows(found.rows, by)]
    return {"rows": rows, "more": bool(found.next), "number": customer.matter.number}


def count(customer: Customer, by: Actor) -> int:
    """How many, open or not."""
    return queries.capped(queries.matching(by, queries.Filters.parse({"customer": customer.matter.number})))
