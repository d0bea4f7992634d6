"""One signed-in person, and pages read as a tree of elements."""

from typing import Any

import pytest
from django.test import Client

from yingxu.base.access import SYSTEM
from yingxu.people import actions
from yingxu.people.models import User

PASSWORD = "correct-horse-battery"


@pytest.fixture
def agent(db: None) -> User:
    return actions.add_user(by=SYSTEM, username="shen", name="沈岚", department=None, password=PASSWORD)


@pytest.fixture
def staff(agent: User) -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": "shen", "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def desk(page: Any, agent: User) -> Any:
    """A browser at the catalogue, signed in."""
    page.goto("/sign-in/?next=/ui/lists/")
    page.fill("[name=username]", "shen")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/ui/lists/")
    return page
