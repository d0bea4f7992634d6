from datetime import timedelta
from typing import Any

import pytest

from yingxu.needs.tests.conftest import story, world
from yingxu.notices.actions import telling

__all__ = ["however_late", "story", "world"]


@pytest.fixture
def however_late(monkeypatch: Any) -> None:
    """These tests live in a March that the database's own clock has left behind; people are told of it all the same, so that there are
    notices, mails and messages to look at."""
    monkeypatch.setattr(telling, "LATE", timedelta(days=36_500))
