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

from tests.heard import settle
from yingxu.base import clock
from yingxu.base.access import Rule
from yingxu.matters import circles
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import may_hear, may_see
from yingxu.meetings import actions as meetings
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.notices.queries import why_it_stays
from yingxu.people import queries as people

from .filled import INSIDE, OUTSIDE, fill
from .planted import plant
from .test_every_page import KINDS, PLACE, addresses, ask, filled, verbs_of

pytestmark = pytest.mark.django_db
WORD = "朱鹮"
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


def worded(value: Any) -> Any:
    """The value with the word in every written text within it, however deep."""
    if isinstance(value, str):
        return value if CODE.fullmatch(value) else value + WORD
    if isinstance(value, list):
        return [worded(one) for one in value]
    return {key: worded(one) for key, one in value.items()} if isinstance(value, dict) else value


def spread_word(hidden: list[int]) -> set[str]:
    """Put the word into every written text of every row that hangs on these, in JSON too; returns the columns it stands in."""
    found = set()
    for model in apps.get_models():
        way = "pk" if model is Matter else way_to_matter(model)
        if way is None or model is Entry:
            continue
        rows = model._base_manager.filter(**{way + "__in": hidden})
        for field in model._meta.concrete_fields:
            json = isinstance(field, models.JSONField)
            if not (json or isinstance(field, models.CharField | models.TextField)) or field.choices or field.unique:
                continue
            for row in (rows if json else rows.exclude(**{field.name: ""}))[:20]:
                before = getattr(row, field.name)
                after = worded(before if json else (before or "")[: (field.max_length or 10_000) - len(WORD)])
                if after == before:
                    continue
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=row.pk).update(**{field.name: after})
                    found.add(f"{model._meta.label}.{field.name}")
                except DatabaseError:  # a table that nobody may change: its words came by verbs
                    pass
    return found


@pytest.fixture
def hidden(story: Any, however_late: None) -> list[Matter]:
    """Top secret things, and a customer's file that is for two persons only, each with all that hangs from it."""
    plant(story)
    customer = fill(story, WORD)
    need = story.at(State.HANDLING, customer=customer, body="只给两个人看的事")
    soon = clock.now().replace(hour=20)
    meetings.call(need.matter, by=story.by("江听雨"), title="两个人的会", starts_at=soon, ends_at=soon.replace(hour=21), purpose="coordination", attendees=[story.world.user("沈岚")])
    with transaction.atomic():
        circles.enclose(Matter.objects.get(pk=customer.pk), [story.world.user(name).pk for name in INSIDE], why="只给两个人看")
    rows = list(Matter.objects.filter(models.Q(secrecy=3) | models.Q(circle__isnull=False)).order_by("pk"))
    columns = spread_word([row.pk for row in rows])
    assert len(columns) > 30 and len({name.partition(".")[0] for name in columns}) >= 8, columns
    settle()
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


def test_no_file_that_leaves_holds_anything_of_it(story: Any, hidden: list[Matter], enter: Any) -> None:
    """Every address that gives a file away, read back: no word, no number. That the word can leave is proven by who may see it."""
    numbers, taken = [m.number for m in hidden], 0
    exports = [(address, view.door) for address, view in addresses() if "export" in address.strip("/").split("/")[-1] and not PLACE.search(address)]
    assert len(exports) > 12
    for name in (*OUTSIDE, *INSIDE):
        by, held = people.actor(story.world.user(name)), ""
        for path, door in exports:
            if isinstance(door, Rule) and not by.may(door):
                continue
            for kind in ("xlsx", "csv"):
                got = enter(name).post(path, {"kind": kind, **WIDE.get(path, {})})
                if got.status_code == 200 and "attachment" in got.get("Content-Disposition", ""):
                    held += read(b"".join(got) if got.streaming else got.content)
                    taken += 1
        if name in OUTSIDE:
            assert WORD not in held and not named(numbers, held), name
        else:
            assert WORD in held, name
    assert taken > 20


WIDE = {"/meetings/export/": {"part": "all"}, "/tasks/export/": {"whose": "all", "state": ""}}


def read(file: bytes) -> str:
    """The texts of a workbook, or of a text file."""
    if not zipfile.is_zipfile(io.BytesIO(file)):
        return file.decode("utf-8-sig", "replace")
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        return "".join(book.read(one).decode("utf-8", "replace") for one in book.namelist())


def test_nothing_that_is_sent_holds_anything_of_it(story: Any, hidden: list[Matter]) -> None:
    """Mails, messages and robots with their papers; notices; what webhooks of an outsider were given when the file was closed meanwhile."""
    for row in Delivery.objects.select_related("user", "matter"):
        if why_it_stays(row) is None:
            assert WORD not in row.subject + str(row.content), row.pk
            assert not any(WORD in bytes(part.body or b"").decode("utf-8", "replace") for part in row.parts.all()), row.pk
    shut = [m.pk for m in hidden]
    for name in OUTSIDE:
        by = people.actor(story.world.user(name))
        told = Entry.objects.filter(matter__in=shut)
        assert told.exists() and not [entry.event for entry in told if may_hear(by, entry)], name
