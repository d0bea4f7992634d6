"""A pawnshop customer whose file 沈岚 opened, and what the pack says data is used for."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import company
from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday


@pytest.fixture
def world(db: None) -> Any:
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def today(world: Any) -> Any:
    with clock.at(MORNING):
        yield world


@pytest.fixture
def customer(today: Any) -> Customer:
    return customers.add(by=today.by("沈岚"), name="季棠", phone="13900004244")
