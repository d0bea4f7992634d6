"""A2, §0.3, S4: for somebody who may not see a matter the house is, letter for letter, what it would be if the matter had never been:
every page and list, with every filter and order it offers, every count, every suggestion, every answer of the API, and the number of
questions put to the database. Compared before the matter is made, and after it was made, touched by that person themselves, and hidden."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from tests.heard import settle
from yingxu.agendas import actions as agendas
from yingxu.base import clock
from yingxu.base.access import Rule
from yingxu.needs.states import State
from yingxu.people import queries as people

from .asking import Answer, seen
from .filled import PHONE, fill, hide
from .test_every_page import PLACE, addresses

pytestmark = pytest.mark.django_db
WORD = "朱鹮"
MOST = 8  # variants of one list that are asked
NOT_ASKED = ("/metrics", "/settings/me/security/app/")  # figures of the whole house for its keeper's machine; a new secret each time
LINK = re.compile(r'(?:href|hx-get|action)="(/[^"#]*)')
GET_FORM = re.compile(r'<form[^>]*?(?:method="get"|class="toolbar")[^>]*>(.*?)</form>', re.DOTALL)
SELECT = re.compile(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"')


def lists(by: Any) -> list[str]:
    """Every address without a place that this person may open."""
    found = [(address, view.door) for address, view in addresses() if not PLACE.search(address) and not address.startswith(("/api/", "/p/", "/static/"))]
    found = [(address, door) for address, door in found if address not in NOT_ASKED]
    return sorted({address for address, door in found if not (isinstance(door, Rule) and not by.may(door))})


def variants(client: Client, path: str) -> Iterator[str]:
    """The page, its filters and orders as it offers them, and searches for what is hidden."""
    yield path
    text = seen(client, path).body
    offered = [link.replace("&amp;", "&") for link in LINK.findall(text) if link.partition("?")[0] == path and "?" in link and "cursor=" not in link]
    for form in GET_FORM.findall(text):
        for name, options in SELECT.findall(form):
            offered += [f"{path}?{urlencode({name: value})}" for value in OPTION.findall(options) if value]
    yield from list(dict.fromkeys(offered))[:MOST]
    yield from (f"{path}?q={quote(WORD)}", f"{path}?" + urlencode({"phone": PHONE, "name": f"{WORD}堂", "text": WORD, "named": f"{WORD}堂"}))


def differences(client: Client, before: dict[str, Answer]) -> list[str]:
    """What differs now, each difference once with the pages that show it."""
    found: dict[str, list[str]] = {}
    for path, then in before.items():
        now = seen(client, path)
        if (then.status, then.body) != (now.status, now.body):
            found.setdefault(f"{then.status} → {now.status}: {_differ(then.body, now.body)}", []).append(path)
        elif len(then.asked) != len(now.asked):
            more, less = ([sql.partition("FROM ")[2][:80] for sql in one.asked if sql not in other.asked and "FROM" in sql] for one, other in ((now, then), (then, now)))
            found.setdefault(f"{len(now.asked) - len(then.asked):+} questions: more {more}, fewer {less}", []).append(path)
    return [f"{what} at {len(paths)} addresses: {' '.join(paths[:3])}" for what, paths in found.items()]


def _differ(one: str, other: str) -> str:
    for a, b in zip(one.splitlines(), other.splitlines(), strict=False):
        if a != b:
            at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            return f"“{a[max(0, at - 60) : at + 60]}” / “{b[max(0, at - 60) : at + 60]}”"
    return "" if one == other else "one is longer"


@pytest.fixture
def moment(story: Any, however_late: None) -> datetime:
    """A house with something in it that everybody may see, at a moment that stands still."""
    story.at(State.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    soon = clock.now() + timedelta(days=1)
    agendas.prepare(by=story.by("陆砚秋"), title="例会", starts_at=soon, ends_at=soon + timedelta(hours=1))  # the house's own, whatever it talks about
    settle()
    return clock.now().replace(microsecond=0) + timedelta(minutes=30)


@pytest.mark.parametrize(("name", "by_level"), [("沈岚", True), ("顾一鸣", False), ("江听雨", True), ("严守拙", False)])
def test_a_person_who_may_not_see_it_sees_the_house_as_if_it_were_not_there(story: Any, moment: datetime, enter: Any, name: str, by_level: bool) -> None:
    client, by = enter(name), people.actor(story.world.user(name))
    with clock.at(moment):
        before = {path: seen(client, path) for page in lists(by) for path in variants(client, page)}
    assert len(before) > 100
    with clock.at(moment - timedelta(minutes=20)):
        file = fill(story, WORD)
        assert any(WORD in seen(client, path).body for path in before), "it is there while it is open"
        hide(story, file, by_level=by_level)
        settle()
    with clock.at(moment):
        told = differences(client, before)
    assert not told, "\n".join(told)
