"""Fixtures that stand on the cast (registered by the root conftest)."""

from collections.abc import Callable
from typing import Any

import pytest

from yingxu.base import remember


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process keeps in memory of the database is another test's: its rows are gone, and ids come again."""
    remember.forget_everything()


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop with its people; customers come when they are asked for."""
    from tests.world import company

    return company()


@pytest.fixture
def signed_in(client: Any, world: Any) -> Callable[[str], Any]:
    """A client with a person signed in: `signed_in("沈岚").get("/needs/")`."""
    return lambda name: _at_the_desk(client, world.user(name))


@pytest.fixture
def enter(world: Any) -> Callable[[str], Any]:
    """A client of its own for each person, so that several can act in one test."""
    from django.test import Client

    clients: dict[str, Any] = {}

    def open_(name: str) -> Any:
        if name not in clients:
            clients[name] = _at_the_desk(Client(), world.user(name))
        return clients[name]

    return open_


def _at_the_desk(client: Any, user: Any) -> Any:
    client.force_login(user)
    session = client.session
    session["mark"] = user.session_mark
    session.save()
    return client
