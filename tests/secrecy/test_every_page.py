"""Every address of the house, asked by everybody of the cast, with the keys of what exists: no fault, and not a word of what is top secret
to whoever is not cleared for it. The addresses come from the URL configuration, so that a new one is asked, too."""

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from yingxu.api import actions as api
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Rule
from yingxu.matters import dispatch
from yingxu.matters.models import Matter
from yingxu.needs import jobs
from yingxu.needs.queries import dayend
from yingxu.needs.states import State

from .planted import WORDS, cleared, plant

pytestmark = pytest.mark.django_db
FINE = {200, 204, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 411, 422}
PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?P<pattern>[^)]+)\)")
KINDS = {"needs": "need", "portal": "need", "customers": "customer", "archives": "customer", "meetings": "meeting", "emergencies": "emergency", "management": "meeting", "tasks": "need", "sheets": "upkeep", "reports": "report", "cards": "customer", "news": "customer"}
WORDS_OF = {"day": ["2026-03-01"], "code": ["important", "customers"], "result": ["open"], "category": ["urgent"], "step": ["acceptance"], "year": ["2026"], "on": ["2026-03-18"], "slug": ["x"], "name": ["scope"], "part": ["talking"], "rest": ["x"]}
# the rows whose keys an address means, by the first part of the address that is known here, the nearest to the key first
TABLES = {
    "tasks": "tasks.Task", "daylists": "needs.DayList", "climbs": "deadlines.Climb", "clocks": "deadlines.Clock", "outbox": "notices.Delivery",
    "inbox": "notices.Notice", "webhooks": "api.Endpoint", "management": "needs.Raise", "views": "needs.SavedView", "departments": "people.Department",
    "approvals": "approvals.Request", "deputies": "approvals.Deputy", "roles": "people.Role", "people": "people.User", "contacts": "customers.Contact", "calls": "emergencies.Told", "nodes": "tasks.Task",
    "rounds": "upkeep.Round", "news": "upkeep.News", "consulting": "consulting.Consultation", "sheets": "customers.Customer",
    "contracts": "customers.Contract", "papers": "customers.Paper", "dealings": "customers.Dealing", "merges": "customers.Merge", "birthdays": "relations.Birthday", "care": "relations.Care",
}  # fmt: skip
EACH_ROLE = ("管鹿鸣", "沈岚", "顾一鸣", "江听雨", "苏慕青", "严守拙", "秦望舒", "陆砚秋")
SEARCHERS = ("顾一鸣", "苏慕青", "陆砚秋")


def addresses(patterns: Any = None, before: str = "/") -> Iterator[tuple[str, Any]]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(one.pattern).replace("^", "").replace("\\.", ".").removesuffix("$").removesuffix("\\Z")
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, address)
        elif isinstance(one, URLPattern):
            yield address, one.callback


def filled(address: str, verbs: list[str]) -> list[str]:
    """The address with keys of what exists in each of its places: the most secret, or the newest and the oldest of its rows."""
    places = list(PLACE.finditer(address))
    choices = [_values(address, place, verbs) for place in places]
    made = []
    for values in itertools.product(*choices):
        path = address
        for place, value in zip(places, values, strict=True):
            path = path.replace(place[0], value, 1)
        made.append(path)
    return made


def _values(address: str, place: re.Match, verbs: list[str]) -> list[str]:
    name, parts = place["name"] or place["group"], address[: place.start()].strip("/").split("/")
    if place["pattern"]:
        return [place["pattern"].split("|")[0]] if "|" in place["pattern"] else ["1"]
    if name == "verb":
        return verbs
    if name == "number":
        kind = "reserve" if "reserves" in parts else next((KINDS[part] for part in parts if part in KINDS), "need")
        rows = Matter.objects.filter(kind=kind).order_by("-secrecy", "pk")
        return list(rows.values_list("number", flat=True)[:1]) or ["2026-000001"]
    if name in WORDS_OF:
        return WORDS_OF[name]
    table = next((TABLES[part] for part in reversed(parts) if part in TABLES), None)
    keys = apps.get_model(table)._base_manager.order_by("pk").values_list("pk", flat=True) if table else []
    return [str(key) for key in dict.fromkeys([*keys[:1], *(keys.order_by("-pk")[:1] if table else [])])] or ["1"]


def verbs_of(address: str) -> list[str]:
    """Which verbs an address with `<verb>` knows."""
    from yingxu.approvals.views.requests import VERBS as SIGNING
    from yingxu.archives.views import ACTS as GUARDING
    from yingxu.consulting.views import ACTS as CONSULTING
    from yingxu.emergencies.views.acts import VERBS as ACTS
    from yingxu.meetings.views import LABEL
    from yingxu.needs.views.acts import VERBS as NEEDS
    from yingxu.tasks.views import VERBS
    from yingxu.upkeep.views.reports import ACTS as REPORTING

    known = {"/upkeep/": REPORTING, "/approvals/": SIGNING, "/archives/": GUARDING, "/consulting/": CONSULTING, "/tasks/": VERBS, "/meetings/": LABEL, "/emergencies/": ACTS, "/needs/": NEEDS}
    return next((list(found) for begin, found in known.items() if address.startswith(begin)), ["x"])


def ask(client: Client, path: str, **more: Any) -> str:
    """The answer's text, wherever it is; a fault of ours is an error."""
    answer = client.get(path, **more)
    assert answer.status_code in FINE, f"{path} answers {answer.status_code}"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + str(dict(answer.headers))


@pytest.fixture
def planted(story: Any) -> Any:
    story.at(State.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    plant(story)
    jobs.end_days(dayend.closing(clock.today()))
    while dispatch.run_once():
        pass
    return story


def test_every_page_for_everybody(planted: Any, enter: Any) -> None:
    pages = [(address, view.door, path) for address, view in addresses() if not address.startswith("/api/") for path in filled(address, verbs_of(address))]
    assert len(pages) > 200
    leaks = []
    with clock.at(clock.now() + timedelta(hours=3)):
        for name in EACH_ROLE:
            client, knows = enter(name), cleared(planted.world.user(name))
            by = planted.world.by(name)
            for address, door, path in pages:
                if isinstance(door, Rule) and not by.may(door):
                    continue  # the door itself says no, the same for every address
                text = ask(client, path)
                if not knows and (word := next((word for word in WORDS if word in text), "")):
                    leaks.append(f"{name} reads {word} at {path} ({address})")
        stranger = Client()
        leaks += [f"a stranger reads at {path}" for _address, door, path in pages if door == "public" and any(word in ask(stranger, path) for word in WORDS)]
    assert not leaks, "\n".join(leaks)


def test_every_search_finds_nothing_secret(planted: Any, enter: Any) -> None:
    lists = ["/palette/", "/needs/", "/tasks/", "/meetings/", "/emergencies/", "/management/decisions/", "/customers/", "/inbox/outbox/"]
    everything = {"/tasks/": "whose=all&state=&", "/meetings/": "part=all&", "/management/decisions/": "state=all&"}
    leaks, cleared_finds = [], set()
    for name in SEARCHERS:
        for path in lists:
            for word in WORDS:
                text = ask(enter(name), f"{path}?{everything.get(path, '')}q={word}", headers={"HX-Request": "true"})
                found = re.sub(rf'value="{word}"|q={word}|“{word}”', "", text)
                if word in found and not cleared(planted.world.user(name)):
                    leaks.append(f"{name} finds {word} at {path}")
                elif word in found:
                    cleared_finds.add(word)
    assert not leaks, "\n".join(leaks)
    assert len(cleared_finds) >= 4, "the words can be found at all by those who may"


def test_every_address_of_the_api_for_a_token(planted: Any) -> None:
    """A token with every scope sees what its person sees; one with a single scope faults nowhere."""
    from yingxu.api.scopes import GROUPS

    paths = [path for address, _view in addresses() if address.startswith("/api/v1/") for path in filled(address, ["x"])]
    assert len(paths) > 60
    for name, scopes in (("顾一鸣", tuple(GROUPS)), ("方屿", tuple(GROUPS)), ("苏慕青", tuple(GROUPS)), ("陆砚秋", ("needs:register",)), ("陆砚秋", ("tasks:read",))):
        _token, secret = api.make_token(by=SYSTEM, name="till", user=planted.world.user(name), allowed=scopes, per_minute=0)
        client = Client(headers={"authorization": f"Bearer {secret}"})
        leaks = []
        for path in dict.fromkeys(paths):
            text = ask(client, path)
            hidden = [word for word in WORDS if word in text] if not cleared(planted.world.user(name)) or scopes == ("needs:register",) else []
            leaks += [f"{name} reads {word} at {path}" for word in hidden]
        assert not leaks, "\n".join(leaks)
