import pytest

from .cast import company


@pytest.fixture
def firm(db):
    """People, calendar and targets."""
    return company()
