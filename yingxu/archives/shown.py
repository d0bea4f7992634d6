"""What the pages show of how a file is guarded."""

from typing import Any

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.customers.models import Customer
from yingxu.customers.queries import sections

from . import queries, rules


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of a customer's page."""
    found = queries.custody(customer)
    return {
        "custody": found, "members": queries.members(customer), "lines": queries.history(customer, by), "sections": sections.open_to(customer, by), "may": rules.KEEP.allows(by, customer),
        "over": bool(found and found.ends_on and found.ends_on < clock.today()),
    }  # fmt: skip
