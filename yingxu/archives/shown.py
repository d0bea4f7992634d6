"""What the pages show of how a file is guarded."""

from typing import Any

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.customers.models import Customer
from yingxu.customers.queries import sections
from yingxu.files import queries as files
from yingxu.matters.actions import look

from . import queries, rules


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of a customer's page."""
    found, papers = queries.custody(customer), [file for file in files.on_matter(customer.matter, by) if file.stamp]
    look(customer.matter, by=by, detail="secrecy", above=files.above(papers))
    return {
        "custody": found, "members": queries.members(customer), "lines": queries.history(customer, by), "sections": sections.open_to(customer, by), "papers": papers, "most": files.most_level(by, customer.matter), "address": files.address, "is_picture": files.is_picture, "may": rules.KEEP.allows(by, customer),
        "over": bool(found and found.ends_on and found.ends_on < clock.today()),
    }  # fmt: skip
