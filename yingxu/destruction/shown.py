"""What a customer's page shows of destruction: holds, proposals."""

from typing import Any

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.customers.models import Customer

from . import queries, rules


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    holds = queries.history_of_holds(customer)
    standing = next((h for h in holds if h.lifted_at is None), None)
    return {
        "holds": holds, "standing": standing, "over": bool(standing and standing.until and standing.until < clock.today()),
        "proposals": queries.going_on(customer.pk), "may_hold": rules.HOLD.allows(by, customer), "may_propose": rules.PROPOSE.allows(by, customer),
    }  # fmt: skip
