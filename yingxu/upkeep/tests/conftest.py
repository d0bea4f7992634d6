"""The pawnshop with two customers of 沈岚 and the pack's upkeep."""

from datetime import datetime
from typing import Any

import pytest

from yingxu.base import clock
from yingxu.needs.tests.conftest import story

__all__ = ["story"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.zone())


@pytest.fixture
def world() -> Any:
    """Everything begins on the morning of Wednesday, 25 March 2026."""
    from tests.world import company

    with clock.at(moment("2026-03-25T09:00")):
        made = company("pawnshop")
        made.customer("季棠")
        made.customer("砚台巷珠宝商行")
        yield made
