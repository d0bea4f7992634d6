"""Whatever address shows one thing that has a secrecy level, the look is in the access log before it is shown. The addresses come from the
URL configuration, so that a new one is asked, too (S2, security.md §0.7)."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from yingxu.api import actions as api
from yingxu.api.scopes import GROUPS
from yingxu.base.access import SYSTEM
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.matters import dispatch
from yingxu.matters.models import Look
from yingxu.matters.queries import Said
from yingxu.needs.states import State
from yingxu.people import queries as people

from .planted import WORDS, plant
from .test_every_page import PLACE, addresses, ask, filled, verbs_of

pytestmark = pytest.mark.django_db
BOSS = "陆砚秋"
LISTS = (
    "/needs/daylists/<int:pk>/",  # a list like the queue: who takes it away is written down
    "/customers/<str:number>/serves/",  # a chooser of needs, before the file opens
    "/inbox/<int:pk>/",  # leads on to the page, which is written down
)


@pytest.fixture
def planted(story: Any) -> Any:
    story.at(State.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    plant(story)
    while dispatch.run_once():
        pass
    return story


def _unwritten(client: Client, paths: list[tuple[str, str]]) -> list[str]:
    """The addresses that show a planted word and write down nothing; each is asked as if it were the first."""
    found, frame = [], ask(client, "/settings/me/")  # what stands around every page, e.g. an alarm
    before = Look.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    words = [word for word in WORDS if word not in frame]
    for address, path in paths:
        with transaction.atomic():
            text = ask(client, path)
            written = Look.objects.filter(pk__gt=before).exclude(what__in=(Look.What.REFUSED, Look.What.SIGNED_IN)).exists()
            transaction.set_rollback(True)
        if any(word in text for word in words) and not written:
            found.append(f"{path} ({address})")
    return found


def test_every_page_of_one_levelled_thing_is_written_down(planted: Any, enter: Any) -> None:
    pages = [
        (address, path) for address, _view in addresses() if PLACE.search(address) and not address.startswith(("/api/", "/p/")) and address not in LISTS
        for path in filled(address, verbs_of(address))
    ]  # fmt: skip
    assert len(pages) > 100
    client, boss = enter(BOSS), people.actor(planted.world.user(BOSS))
    with transaction.atomic():  # what for was said of every file, so that they open
        for customer in Customer.objects.select_related("matter"):
            matters.looked(customer.matter, by=boss, what=Look.What.REVEAL, said=Said(reason="季度检查"))
    unwritten = _unwritten(client, pages)
    assert not unwritten, "\n".join(unwritten)


def test_every_thing_a_program_reads_is_written_down(planted: Any) -> None:
    _token, secret = api.make_token(by=SYSTEM, name="till", user=planted.world.user(BOSS), allowed=tuple(GROUPS), per_minute=0)
    paths = [(address, path) for address, _view in addresses() if address.startswith("/api/v1/") and PLACE.search(address) for path in filled(address, ["x"])]
    unwritten = _unwritten(Client(headers={"authorization": f"Bearer {secret}"}), list(dict.fromkeys(paths)))
    assert not unwritten, "\n".join(unwritten)
