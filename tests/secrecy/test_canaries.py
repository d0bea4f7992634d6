"""A2, S1, S3: a word in every text of every table that hangs on something hidden, put there by looking at the tables and not by naming
them, is read nowhere by who may not see it; and what is hidden answers, letter for letter, like what is not there. Hidden by level and
hidden by circle; several objects; every address of the URL configuration, so that a new table and a new address are asked, too."""

import io
import re
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import Rule
from yingxu.matters import circles
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import may_see
from yingxu.meetings import actions as meetings
from yingxu.needs.states import State
from yingxu.people import queries as people

from .planted import plant
from .test_every_page import KINDS, PLACE, addresses, ask, filled, verbs_of

pytestmark = pytest.mark.django_db
WORD = "朱鹮"
INSIDE = ("苏慕青", "陆砚秋")
OUTSIDE = ("沈岚", "顾一鸣", "江听雨", "严守拙")
CODE = re.compile(r"[\x00-\x7f]*")  # what is written in ASCII only is a code, an address or a sealed value, and stays
ABSENT = {"need": "2026-987654", "customer": "KH-2026-987654", "meeting": "HY-2026-987654", "emergency": "YJ-2026-987654"}


def way_to_matter(model: type[models.Model], depth: int = 2) -> str | None:
    """The lookup from this table's rows to a matter they hang on, the shortest first."""
    keys = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and not f.null]
    for field in keys:
        if field.related_model is Matter:
            return field.name
    for field in keys if depth else ():
        if field.related_model is not model and (rest := way_to_matter(field.related_model, depth - 1)):
            return f"{field.name}__{rest}"
    return None


def spread_word(hidden: list[int]) -> set[str]:
    """Put the word into every written text of every row that hangs on these; returns the columns it stands in."""
    found = set()
    for model in apps.get_models():
        way = "pk" if model is Matter else way_to_matter(model)
        if way is None or model is Entry:
            continue
        rows = model._base_manager.filter(**{way + "__in": hidden})
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.CharField | models.TextField) or field.choices or field.unique:
                continue
            for row in rows.exclude(**{field.name: ""})[:20]:
                text = getattr(row, field.name)
                if CODE.fullmatch(text or ""):
                    continue
                longest = (field.max_length or 10_000) - len(WORD)
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=row.pk).update(**{field.name: text[:longest] + WORD})
                    found.add(f"{model._meta.label}.{field.name}")
                except DatabaseError:  # a table that nobody may change: its words came by verbs
                    pass
    return found


@pytest.fixture
def hidden(story: Any) -> list[Matter]:
    """Top secret things, and a customer's file that is for two persons only, each with all that hangs from it."""
    plant(story)
    customer = story.world.customer("砚台巷珠宝商行")
    need = story.at(State.HANDLING, customer=customer, body="只给两个人看的事")
    soon = clock.now().replace(hour=20)
    meetings.call(need.matter, by=story.by("江听雨"), title="两个人的会", starts_at=soon, ends_at=soon.replace(hour=21), purpose="coordination", attendees=[story.world.user("沈岚")])
    with transaction.atomic():
        circles.enclose(Matter.objects.get(pk=customer.pk), [story.world.user(name).pk for name in INSIDE], why="只给两个人看")
    rows = list(Matter.objects.filter(models.Q(secrecy=3) | models.Q(circle__isnull=False)).order_by("pk"))
    columns = spread_word([row.pk for row in rows])
    assert len(columns) > 12 and len({name.partition(".")[0] for name in columns}) >= 4, columns
    return rows


def outsiders(story: Any, hidden: list[Matter]) -> dict[str, set[str]]:
    """Whom of the cast each of these is hidden from."""
    return {name: {m.number for m in hidden if not may_see(people.actor(story.world.user(name)), m)} for name in OUTSIDE}


def test_no_word_of_what_is_hidden_stands_anywhere(story: Any, hidden: list[Matter], enter: Any) -> None:
    kept_out = outsiders(story, hidden)
    assert all(len(numbers) == len(hidden) for numbers in kept_out.values()), "all of it is hidden from all of these"
    pages = [(view.door, path) for address, view in addresses() if not address.startswith("/api/") for path in filled(address, verbs_of(address))]
    leaks = []
    for name in OUTSIDE:
        by, client = people.actor(story.world.user(name)), enter(name)
        leaks += [f"{name} reads it at {path}" for door, path in pages if not (isinstance(door, Rule) and not by.may(door)) and WORD in ask(client, path)]
    stranger = Client()
    leaks += [f"a stranger reads it at {path}" for door, path in pages if door == "public" and WORD in ask(stranger, path)]
    assert not leaks, "\n".join(leaks)


def test_what_is_hidden_answers_like_what_is_not_there(story: Any, hidden: list[Matter], enter: Any) -> None:
    told, asked = [], 0
    for address, view in addresses():
        places = list(PLACE.finditer(address))
        names = {place["name"] or place["group"] for place in places}
        kind = next((KINDS[part] for part in address.strip("/").split("/") if part in KINDS), "")
        if "number" not in names or names - {"number", "verb"} or kind not in ABSENT or view.door == "public" or "reserves" in address:
            continue
        for verb in verbs_of(address)[:3] if "verb" in names else [""]:
            for name in OUTSIDE:
                if isinstance(view.door, Rule) and not people.actor(story.world.user(name)).may(view.door):
                    continue
                nothing = answer(enter(name), address, places, ABSENT[kind], verb)
                for number in [m.number for m in hidden if m.kind == kind]:
                    asked += 1
                    if answer(enter(name), address, places, number, verb) != nothing:
                        told.append(f"{name} can tell {number} from nothing at {address}")
    assert asked > 100
    assert not told, "\n".join(told)


def answer(client: Client, address: str, places: list[re.Match], number: str, verb: str) -> tuple[int, str]:
    """Status and body, without what is new in every answer."""
    path = address
    for place in places:
        path = path.replace(place[0], verb if (place["name"] or place["group"]) == "verb" else number, 1)
    got = client.get(path)
    return got.status_code, re.sub(r'(value=|X-CSRFToken": )"[\w\-+/=:.]{20,}"', "", got.content.decode("utf-8", "replace")).replace(number, "№")


def named(numbers: list[str], text: str) -> list[str]:
    """Those of these register numbers that stand in the text as they are, and not as a part of another one."""
    return [number for number in numbers if re.search(rf"(?<![\w-]){number}(?!\d)", text)]


def test_lists_sorts_searches_and_exports_hold_nothing_of_it(story: Any, hidden: list[Matter], enter: Any) -> None:
    """Numbers and words, however a list is sorted, searched or exported."""
    numbers = [m.number for m in hidden]
    lists = {
        "/needs/": ["?sort=" + s for s in ("due", "-opened", "-changed", "category")] + [f"?q={WORD}", "?queue=all&open=1"],
        "/customers/": ["?sort=" + s for s in ("name", "grade", "opened")] + [f"?q={WORD}"], "/meetings/": ["?part=all", f"?part=all&q={WORD}"],
        "/tasks/": ["?whose=all&state=", f"?whose=all&state=&q={WORD}"], "/emergencies/": ["", f"?q={WORD}"],
    }  # fmt: skip
    for name in OUTSIDE:
        for path, queries in lists.items():
            for query in queries:
                text = enter(name).get(path + query, headers={"HX-Request": "true"}).content.decode().replace(f'value="{WORD}"', "").replace(f"“{WORD}”", "")
                assert not named(numbers, text), (name, path + query)
                assert WORD not in re.sub(r"q=[^&\"]*", "", text), (name, path + query)
    for path in ("/needs/export/", "/customers/export/", "/meetings/export/", "/tasks/export/"):
        for name in OUTSIDE:
            got = enter(name).post(path, {"kind": "xlsx", "part": "all", "whose": "all", "state": ""} if "meet" in path or "task" in path else {"kind": "xlsx"})
            if got.status_code != 200:
                continue
            with zipfile.ZipFile(io.BytesIO(b"".join(got))) as book:
                inside = "".join(book.read(one).decode("utf-8", "replace") for one in book.namelist())
            assert WORD not in inside and not named(numbers, inside), (name, path)
