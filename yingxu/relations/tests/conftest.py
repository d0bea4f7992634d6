"""Customers of the pawnshop with needs and contracts of known days and sums."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from tests.world import company
from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Contract, Customer
from yingxu.relations import actions, jobs
from yingxu.relations.models import Reckoning

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday


@pytest.fixture
def world(db: None) -> Any:
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def morning(world: Any) -> Any:
    with clock.at(MORNING):
        yield world


def opened(world: Any, name: str, **more: Any) -> Customer:
    """A customer file of the front desk."""
    by = world.by("沈岚")
    return customers.add(by=by, name=name, type=more.pop("type", "organisation"), owner_id=by.user_id, department_id=by.department_id, **more)


def signed(customer: Customer, amount: str, on: date, state: str = "running") -> Contract:
    """A contract of the past, as an import would leave it."""
    number = f"HT-T-{Contract.objects.count():06d}"
    return Contract.objects.create(customer=customer, number=number, title="合同", theirs=customer.name, amount=Decimal(amount), signed_on=on, state=state)


def reckoned(world: Any) -> Reckoning:
    """A whole reckoning."""
    with transaction.atomic():
        run = actions.reckon(by=world.by("苏慕青"))
    jobs.finish(run)
    run.refresh_from_db()
    return run
