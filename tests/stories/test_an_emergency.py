"""An emergency from a customer's need to its closing, by HTTP: acknowledged late while the ladder climbs, told, solved, reviewed, closed
(E1, E2, K5)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.world import company
from yingxu.base import clock
from yingxu.base.events import revive
from yingxu.deadlines import jobs as ladders
from yingxu.emergencies import actions as crises
from yingxu.emergencies.events import UpdateOverdue
from yingxu.emergencies.models import Emergency
from yingxu.emergencies.states import State
from yingxu.matters.models import Entry
from yingxu.needs.models import Need
from yingxu.notices import actions as notices
from yingxu.notices.models import Notice
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 18, 9, 4, tzinfo=clock.zone())


def at(minutes: float) -> Any:
    """So many minutes after it began."""
    return clock.at(MORNING + timedelta(minutes=minutes))


def ticks(minutes: float) -> None:
    """The worker looks at ladders and countdowns, and hands out the journal."""
    with at(minutes):
        ladders.climb(clock.now())
        crises.look_at_countdowns()


@pytest.fixture
def world(db: None) -> Any:
    with clock.at(MORNING - timedelta(days=1)):
        return company()


def person(world: Any, name: str) -> Client:
    client, user = Client(), world.user(name)
    client.force_login(user)
    session = client.session
    session["mark"] = user.session_mark
    session.save()
    return client


def raised(customer: Client) -> tuple[str, str]:
    """A need from the portal: its number and code."""
    nonce = re.search(r'name="nonce" value="([^"]+)"', customer.get("/p/new/").content.decode())[1]
    data = {"kind": "consultation", "body": "存在库房的钢琴要恒温恒湿。", "f-scope": "其他", "name": "季棠", "phone": "13900004244", "agreed": "on", "nonce": nonce}
    page = customer.post("/p/new/", data).content.decode()
    return re.search(r"\d{4}-\d{6}", page)[0], page


def test_an_emergency(world: Any) -> None:
    customer = Client()
    with at(-60):
        number, _page = raised(customer)
    service, lead, boss, clerk = (person(world, name) for name in ("沈岚", "秦望舒", "陆砚秋", "顾一鸣"))

    with at(0):
        form = service.get(f"/emergencies/new/?needs={number}").content.decode()
        assert number in form
        done = service.post("/emergencies/new/", {"title": "2 号库房恒温机组停机", "happened": "库温 26 度还在升", "level": "2", "secrecy": "0", "numbers": number})
    page = done["Location"]
    found = Emergency.objects.select_related("matter").get()
    with at(1):
        assert clerk.get(page).status_code == 404 and found.number not in clerk.get("/").content.decode(), "who was not called does not know"

    ticks(6)  # nobody answers: the ladder climbs every five minutes
    ticks(11)
    with at(12):
        assert "还没有人接手" in boss.get("/").content.decode(), "the red banner stands on every page"
        called = {c.user.name for c in found.calls.select_related("user")}
        assert {"秦望舒", "陆砚秋"} <= called
        assert lead.post(page + "acknowledge/").status_code == 302
    assert Emergency.objects.get().state == State.RUNNING

    ticks(31)  # half an hour without a word to the customer
    overdue = Entry.objects.get(matter=found.matter, event=UpdateOverdue.NAME)
    assert world.user("秦望舒").pk in overdue.tell
    with at(33):
        assert service.post(page + "tell/", {"text": "库房设备故障，您的当物安全，正在处理。"}).status_code == 302
        assert "您的当物安全" in customer.get(f"/p/needs/{number}/").content.decode(), "the customer reads it on their need"
        seen = re.search(r'id="pulse-v" value="([\d.]+)"', lead.get(page).content.decode())[1]
        service.post(page + "log/", {"text": "客户来电，已安抚", "kind": "fact"})
        assert "客户来电，已安抚" in lead.get(page + "live/", {"v": seen}, HTTP_HX_REQUEST="true").content.decode()
    ticks(50)
    assert Entry.objects.filter(matter=found.matter, event=UpdateOverdue.NAME).count() == 1, "told: the countdown began again"

    with at(70):
        assert lead.post(page + "close/").status_code == 409
        assert lead.post(page + "solve/", {"solution": "备机开机，库温回到 22 度"}).status_code == 302
        assert "应急进行中" not in boss.get("/").content.decode()
    with at(75):
        review = {
            "well": "十分钟内都到了", "badly": "组长晚了八分钟才确认", "causes": "值班电话没有转接",
            "improvement_title": "值班电话每周试转一次", "improvement_owner": "秦望舒", "improvement_due": "2026-03-25",
        }  # fmt: skip
        assert lead.post(page + "review/", review).status_code == 302
        refused = lead.post(page + "close/")
        assert refused.status_code == 409 and "季棠" in refused.content.decode(), "the customer has not been told that it is over"
        assert service.post(page + "tell_end/", {"text": "已经修好，当物完好。"}).status_code == 302
        assert lead.post(page + "close/").status_code == 302
    assert Emergency.objects.get().state == State.CLOSED
    assert Task.objects.get(origin="improvement").title == "值班电话每周试转一次"
    report = lead.get(page + "print/").content.decode()
    assert "组长晚了八分钟才确认" in report and "库房设备故障" in report and "客户来电，已安抚" in report
    assert Need.objects.get(matter__number=number).state == "registered", "the need goes its own way"


def test_nobody_hears_of_what_they_may_not_see(world: Any) -> None:
    """Notices of a secret emergency reach only those whose clearance lets them see it, although the ladder names everybody."""
    with clock.at(clock.now()):
        found = crises.declare(by=world.by("陆砚秋"), title="绝密的事", happened="不可外传", secrecy=3)
        ladders.climb(clock.now() + timedelta(minutes=20))
    for entry in Entry.objects.filter(matter=found.matter).select_related("matter"):
        with transaction.atomic():
            notices.deliver(revive(entry.event, entry.facts, entry.personal), entry)
    told = {n.user.name for n in Notice.objects.filter(matter=found.matter).select_related("user")}
    assert "秦望舒" in told and told <= {"秦望舒", "陆砚秋"}
    assert found.number not in person(world, "沈岚").get("/").content.decode()
