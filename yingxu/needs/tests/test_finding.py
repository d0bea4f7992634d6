"""Searching: any two characters in a row are found, and a frequent phrase is found the same by either way (N17)."""

from typing import Any

import pytest
from django.db import connection

from yingxu.needs import actions
from yingxu.needs.queries import finding, rows
from yingxu.needs.queries.lists import Filters


def needs(world: Any, *bodies: str) -> None:
    given = [actions.Intake(kind="consultation", body=body, channel="api", fields={"scope": ["其他"]}) for body in bodies]
    assert all(isinstance(done, actions.Registered) for done in actions.register_many(given, by=world.by("沈岚")))


def found(world: Any, text: str, **more: str) -> tuple[list[str], int]:
    filters = Filters.parse({"queue": "all", "q": text, **more})
    by = world.by("沈岚")
    return [row["matter__title"] for row in rows.listed(by, filters).rows], rows.tallies(by, filters, [], {}, []).total


@pytest.mark.parametrize(
    ("text", "hits"),
    [("翡翠", 2), ("翠手", 1), ("手镯", 1), ("翡翠手镯", 1), ("手镯翡翠", 0), ("gia证书", 1), ("GIA", 1), ("书", 1), ("翡 手镯", 1), ("%", 0), ("'; --", 0)],
)
def test_words(world: Any, text: str, hits: int) -> None:
    needs(world, "翡翠手镯想当四十二万", "翡翠吊坠", "钻戒带ＧＩＡ证书")
    titles, total = found(world, text)
    assert len(titles) == total == hits, titles


def test_a_frequent_phrase_is_looked_for_among_the_newest_first(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_known", (float("-inf"), {}))
    needs(world, *(f"希望这周能放款，第{i}件" for i in range(12)), *(f"别的事情，第{i}件" for i in range(6)))
    slow = found(world, "这周能放款", size="5")
    with connection.cursor() as sql:
        sql.execute("ANALYZE matters_matter")
    monkeypatch.setattr(finding, "FREQUENT", 5)
    monkeypatch.setattr(finding, "_known", (float("-inf"), {}))
    assert finding.frequent_phrase("这周能放款") and not finding.frequent_phrase("别的款") and not finding.frequent_phrase("这周")
    for newest, size in ((16, "5"), (8, "5"), (16, "50")):  # enough among the newest, not enough, a page that cannot be filled
        monkeypatch.setattr(finding, "NEWEST", newest)
        quick = found(world, "这周能放款", size=size)
        assert quick[0][:5] == slow[0] and quick[1] == slow[1] == 12
        assert len(quick[0]) == min(12, int(size))
    monkeypatch.setattr(finding, "_known", (float("-inf"), {}))
