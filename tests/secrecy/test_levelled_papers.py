"""A2, S3, S4: a word in the name, the bytes and the reasons of papers whose level is above that of what they hang on, which itself is open to
everybody. Who is not cleared reads it nowhere: no page, print, search, export, mail, program; nor how many papers there are. Who is cleared
reads it, and every look is in the access log. The addresses come from the URL configuration, so that a new one is asked, too."""

import io
import itertools
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from yingxu.api import actions as api
from yingxu.api.scopes import GROUPS
from yingxu.approvals.models import Request
from yingxu.archives import papers
from yingxu.base.access import SYSTEM, Rule
from yingxu.customers import actions as customers
from yingxu.customers.models import Contract, Paper
from yingxu.emergencies import actions as crises
from yingxu.files.models import File
from yingxu.matters import dispatch
from yingxu.matters.models import Look
from yingxu.needs import actions as needs
from yingxu.needs.states import State
from yingxu.notices import actions as notices
from yingxu.notices.models import Delivery

from .test_every_page import EACH_ROLE, KINDS, PLACE, addresses, ask, verbs_of
from .test_every_page import _values as usual

pytestmark = pytest.mark.django_db
WORD = "金雕"
BOSS = "陆砚秋"
OUTSIDE = [name for name in EACH_ROLE if name not in (BOSS, "秦望舒")]
TABLES = {"contracts": Contract, "outbox": Delivery, "approvals": Request}
LISTS = ("/needs/", "/customers/", "/tasks/", "/meetings/", "/emergencies/", "/palette/", "/inbox/outbox/", "/approvals/", "/archives/")


def upload(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{WORD}{name}.txt", f"{WORD}{name}".encode(), "text/plain")


@pytest.fixture
def hung(story: Any, settings: Any, tmp_path: Any) -> dict[str, str]:
    """Papers that came with a level and papers that were raised afterwards, on things everybody may see; the numbers of these by kind."""
    settings.FILES_DIR = tmp_path / "files"
    boss, customer = story.by(BOSS), story.world.customer("砚台巷珠宝商行")
    need = story.at(State.HANDLING, customer=customer)
    needs.attach(need, by=boss, uploads=[upload("一")], level=3)
    needs.note(need, by=boss, text="见附件", uploads=[upload("二")])
    needs.attach(need, by=boss, uploads=[upload("三")], public=True)
    customers.take_in_paper(customer, by=SYSTEM, kind="licence", name="执照", scans=[upload("四")], level=3)
    customers.draw_up(customer, by=SYSTEM, title="合同", scans=[upload("五")])
    crisis = crises.declare(by=boss, title="停电", happened="全店停电", needs=[need])
    crises.write(crisis, by=boss, text="已报修", uploads=[upload("六")], level=3)
    with transaction.atomic():
        sent = [File.objects.get(name__contains="三")]
        notices.send(channel="mail", to="a@example.com", subject="回复", body="见附件", matter=need.matter, key="x", files=sent)
    for file in File.objects.filter(secrecy=0).order_by("pk"):
        papers.raise_paper(file, by=boss, level=3, why=f"{WORD}的事")
    papers.ask_to_lower_paper(File.objects.order_by("pk").first(), by=boss, level=1, why=f"{WORD}了结")
    while dispatch.run_once():
        pass
    return {"need": need.number, "customer": customer.matter.number, "emergency": crisis.number}


def paths(hung: dict[str, str], address: str) -> list[str]:
    """The address with the keys of what hangs here in each of its places."""
    places, choices = list(PLACE.finditer(address)), []
    for place in places:
        name, parts = place["name"] or place["group"], address[: place.start()].strip("/").split("/")
        kind = next((KINDS[part] for part in parts if part in KINDS), "")
        table = next((TABLES[part] for part in reversed(parts) if part in TABLES), None)
        if parts[-1] == "papers" and parts[0] == "customers":
            table = Paper
        elif parts[-1] in ("files", "papers"):
            table = File
        if name == "number" and kind in hung and "reserves" not in parts:
            choices.append([hung[kind]])
        elif name == "verb":
            choices.append(["raise", "lower"] if address.startswith("/archives/papers/") else verbs_of(address))
        elif table is not None and place["kind"] == "int":
            choices.append([str(pk) for pk in table._base_manager.order_by("pk").values_list("pk", flat=True)] or ["1"])
        else:
            choices.append(usual(address, place, verbs_of(address)))
    made = []
    for values in itertools.product(*choices):
        path = address
        for place, value in zip(places, values, strict=True):
            path = path.replace(place[0], value, 1)
        made.append(path)
    tabs = ("papers", "contracts", "files", "history", "secrecy", "needs") if address == "/customers/<str:number>/" else ()
    return made + [f"{path}?part={part}" for path in made for part in tabs]


def pages(hung: dict[str, str]) -> list[tuple[Any, str]]:
    return [(view.door, path) for address, view in addresses() if not address.startswith("/api/") for path in paths(hung, address)]


def test_no_page_tells_of_them(story: Any, hung: dict[str, str], enter: Any) -> None:
    every, leaks = pages(hung), []
    assert File.objects.count() == File.objects.filter(secrecy=3).count() == 6
    for name in OUTSIDE:
        by, client = story.world.by(name), enter(name)
        leaks += [f"{name} reads it at {path}" for door, path in every if not (isinstance(door, Rule) and not by.may(door)) and WORD in ask(client, path)]
    leaks += [f"a stranger reads it at {path}" for door, path in every if door == "public" and WORD in ask(Client(), path)]
    assert not leaks, "\n".join(leaks)
    for name in OUTSIDE:
        for path in LISTS:
            text = enter(name).get(f"{path}?q={WORD}", headers={"HX-Request": "true"}).content.decode()
            assert f"{WORD}一" not in text and f"{WORD}的事" not in text, (name, path)
        page = enter(name).get(f"/needs/{hung['need']}/")
        assert page.status_code == 404 or " 份</span>" not in page.content.decode(), (name, "nor how many there are")


def test_who_is_cleared_reads_them_and_every_look_is_written_down(hung: dict[str, str], enter: Any) -> None:
    client, read, unwritten = enter(BOSS), 0, []
    for _door, path in pages(hung):
        with transaction.atomic():
            shown = WORD in ask(client, path)
            written = Look.objects.exclude(what__in=(Look.What.REFUSED, Look.What.SIGNED_IN)).exists()
            transaction.set_rollback(True)
        read += shown
        unwritten += [path] if shown and not written and not path.startswith("/approvals/") else []
    assert read >= 15
    assert not unwritten, "\n".join(unwritten)


def test_no_list_that_leaves_tells_of_them(hung: dict[str, str], enter: Any) -> None:
    ways = ["/needs/export/", "/customers/export/", "/customers/contracts/export/", "/approvals/export/", "/archives/export/", "/inbox/outbox/export/",
            f"/customers/{hung['customer']}/export/", f"/customers/{hung['customer']}/print/", f"/emergencies/{hung['emergency']}/export/"]  # fmt: skip
    left = 0
    for name in OUTSIDE:
        for path in ways:
            got = enter(name).post(path, {"kind": "xlsx"})
            if got.status_code != 200:
                continue
            body, left = (b"".join(got) if got.streaming else got.content), left + 1
            if body[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(body)) as book:
                    body = b"".join(book.read(one) for one in book.namelist())
            assert WORD.encode() not in body, (name, path)
    assert left >= 5


def test_no_program_is_told_of_them(story: Any, hung: dict[str, str]) -> None:
    everything = [(view, path) for address, view in addresses() if address.startswith("/api/v1/") for path in paths(hung, address)]
    for name, knows in (("苏慕青", False), ("顾一鸣", False), (BOSS, True)):
        _token, secret = api.make_token(by=SYSTEM, name=name, user=story.world.user(name), allowed=tuple(GROUPS), per_minute=0)
        client = Client(headers={"authorization": f"Bearer {secret}"})
        read = [path for _view, path in everything if WORD in ask(client, path)]
        assert bool(read) is knows, read
