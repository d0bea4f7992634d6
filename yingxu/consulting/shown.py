"""The tab “Consulting” of a customer's page: who reads the file until when, and who asked."""

from typing import Any

from yingxu.base.access import Actor
from yingxu.customers.models import Customer

from . import queries, rules
from .models import State


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    rows = queries.of(customer)
    keeps = rules.KEEP.allows(by, customer)
    return {"reading": [row for row in rows if row.state == State.GRANTED], "others": [row for row in rows if row.state != State.GRANTED] if keeps else [], "keeps": keeps, "uses": by.may(rules.USES)}
