"""S2, S3, §0.3: whoever asks, by whatever address and method, what is hidden from them answers like what does not exist: same status,
same body, same number of questions to the database. The addresses come from the URL configuration; one that names a thing in a way
nobody explained here fails."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from tests.heard import settle
from yingxu.api import actions as api
from yingxu.api.scopes import GROUPS
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Rule
from yingxu.consulting import actions as consulting
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see
from yingxu.needs.states import State
from yingxu.people import queries as people
from yingxu.portal.tests.conftest import Visitor

from .asking import seen
from .filled import fill, hide
from .test_canaries import ABSENT, way_to_matter
from .test_every_page import KINDS, PLACE, TABLES, WORDS_OF, addresses, verbs_of

pytestmark = pytest.mark.django_db
WORD = "朱鹮"
NOTHING = "987654321"
ASKING = ("沈岚", "江听雨", "严守拙")
# keys of things that have no matter: the house's own settings, one's own sessions, sign-in, the catalogue of parts
OWN = re.compile(
    r"(/api/v1)?/(settings|sign-in|ui|policies|intake/(imports|mailboxes|mails)|p/f|p/language|needs/(views|daylists)|inbox/outbox|static|emergencies/reserves|upkeep/(rounds|reports|sheets)"
    r"|privacy/(<str:number>|assessments|breaches)|destruction/(<str:number>|due|certificates)|customers/fields|approvals/deputies|api/v1/(<path|kinds|webhooks))"
)
MORE_TABLES = {"files": "files.File", "approvals": "approvals.Request", "tasks": "tasks.Task", "escalations": "deadlines.Climb"}
MORE_KINDS = {"relations": "customer", "consulting": "customer", "of": "customer", "on": "need"}


@pytest.fixture
def hidden(story: Any, however_late: None) -> list[Matter]:
    story.at(State.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    file = fill(story, WORD)
    settle()
    rows = hide(story, file, by_level=False)
    consulting.ask(by=people.actor(story.world.user("顾一鸣")), named=file.matter.number, purpose="核对旧约", until=clock.today())
    settle()
    return rows


def pairs(address: str, hidden: list[Matter], verb: str) -> tuple[str, str] | None:
    """The address of what is hidden, and of what is not there; None when it names no such thing."""
    one, other, told = address, address, False
    for place in PLACE.finditer(address):
        name, parts = place["name"] or place["group"], address[: place.start()].strip("/").split("/")
        there = nothing = next(iter(WORDS_OF.get(name, ["1"])))
        if place["pattern"] and "|" in place["pattern"]:
            there = nothing = place["pattern"].split("|")[0]
        elif name == "verb":
            there = nothing = verb
        elif name == "number":
            kind = next((KINDS.get(part) or MORE_KINDS.get(part) for part in reversed(parts) if part in KINDS or part in MORE_KINDS), "need")
            found = next((m.number for m in hidden if m.kind == kind), None)
            if found is not None and kind in ABSENT:
                there, nothing, told = found, ABSENT[kind], True
        elif name not in WORDS_OF and not told:
            row = _row(parts, hidden)
            if row is not None:
                there, nothing, told = row, NOTHING, True
        one, other = one.replace(place[0], there, 1), other.replace(place[0], nothing, 1)
    return (one, other) if told else None


def _row(parts: list[str], hidden: list[Matter]) -> str | None:
    table = next(((MORE_TABLES | TABLES)[part] for part in reversed(parts) if part in TABLES or part in MORE_TABLES), None)
    if table is None:
        return None
    model, keys = apps.get_model(table), [m.pk for m in hidden]
    ways = [way_to_matter(model), *(f.name for f in model._meta.concrete_fields if f.related_model is Matter)]
    for way in filter(None, ways):
        if found := model._base_manager.filter(**{way + "__in": keys}).order_by("pk").values_list("pk", flat=True).first():
            return str(found)
    return None


def asked(hidden: list[Matter]) -> Iterator[tuple[str, Any, str, str]]:
    """(address, door, path of what is hidden, path of nothing), for each verb."""
    for address, view in addresses():
        for verb in verbs_of(address)[:5] if "verb" in address else [""]:
            if made := pairs(address, hidden, verb):
                yield address, view.door, *made


def told(client: Client, rows: list[tuple[str, Any, str, str]], methods: tuple[str, ...], **more: Any) -> list[str]:
    found = []
    for _address, _door, there, nothing in rows:
        for method in methods:
            one, other = seen(client, there, method, **more), seen(client, nothing, method, **more)
            if (one.status, _same(one.body, there)) != (other.status, _same(other.body, nothing)):
                found.append(f"{method} {there}: {one.status}, nothing: {other.status}")
            elif len(one.asked) != len(other.asked):
                found.append(f"{method} {there}: {len(one.asked)} questions, nothing: {len(other.asked)}")
    return found


def _same(body: str, path: str) -> str:
    """Without the number that was asked for, which an answer may say back."""
    for part in path.split("/"):
        if "-" in part and part[-1].isdigit():
            body = body.replace(part, "№")
        elif part.isdigit():
            body = body.replace(f"/{part}/", "/№/")
    return body


def test_every_address_that_names_a_thing_is_asked(hidden: list[Matter]) -> None:
    reached = {address for address, *_rest in asked(hidden)}
    left = {address for address, _view in addresses() if PLACE.search(address) and not OWN.match(address)} - reached
    assert not left, "say in KINDS, TABLES or OWN what these name: " + " ".join(sorted(left))
    assert len(reached) > 150


@pytest.mark.parametrize("name", ASKING)
def test_no_page_and_no_verb_tells_what_is_hidden_from_nothing(story: Any, hidden: list[Matter], enter: Any, name: str) -> None:
    by = people.actor(story.world.user(name))
    assert not [m.number for m in hidden if may_see(by, m)], "all of it is hidden"
    rows = [row for row in asked(hidden) if not row[0].startswith(("/api/", "/p/")) and not (isinstance(row[1], Rule) and not by.may(row[1]))]
    assert len(rows) > 20
    found = told(enter(name), rows, ("get", "post"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["沈岚", "江听雨"])
def test_no_program_tells_what_is_hidden_from_nothing(story: Any, hidden: list[Matter], name: str) -> None:
    _token, secret = api.make_token(by=SYSTEM, name="till", user=story.world.user(name), allowed=tuple(GROUPS), per_minute=0)
    rows = [row for row in asked(hidden) if row[0].startswith("/api/")]
    assert len(rows) > 40
    client = Client(headers={"authorization": f"Bearer {secret}"})
    found = told(client, rows, ("get",)) + told(client, rows, ("post", "patch"), data="{}", content_type="application/json")
    assert not found, "\n".join(found)


def test_one_customer_never_sees_another(hidden: list[Matter]) -> None:
    """At the portal, with a need of one's own in the session."""
    visitor = Visitor()
    visitor.raise_need()
    assert visitor.number
    visitor.client.handler.enforce_csrf_checks = False
    rows = [row for row in asked(hidden) if row[0].startswith("/p/")]
    assert len(rows) > 6
    found = told(visitor.client, rows, ("get", "post"))
    assert not found, "\n".join(found)
    stranger = told(Client(), [row for row in asked(hidden) if row[1] == "public" and not row[0].startswith("/api/")], ("get", "post"))
    assert not stranger, "\n".join(stranger)
