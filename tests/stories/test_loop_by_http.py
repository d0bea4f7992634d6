"""A need walks the whole loop twice, by HTTP, through the pages of customer, customer service and department (N1 to N9)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.world import words_leave
from yingxu.base import clock
from yingxu.needs.models import Link, Need
from yingxu.needs.states import Outcome, State

pytestmark = pytest.mark.django_db


class Person:
    """Somebody signed in, in a browser of their own."""

    def __init__(self, world: Any, name: str) -> None:
        self.client = Client()
        user = world.user(name)
        self.client.force_login(user)
        session = self.client.session
        session["mark"] = user.session_mark
        session.save()

    def look(self, number: str, verb: str = "") -> str:
        answer = self.client.get(f"/needs/{number}/" + (f"{verb}/" if verb else ""))
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    def post(self, number: str, verb: str, **data: Any) -> Any:
        return self.client.post(f"/needs/{number}/{verb}/", data)

    def do(self, number: str, verb: str, **data: Any) -> None:
        """The form is there, and what is posted is done."""
        self.look(number, verb)
        answer = self.post(number, verb, **data)
        assert answer.status_code == 302, re.findall(r'class="(?:error|notice bad).*?</', answer.content.decode(), re.S)
        words_leave()


def need(number: str) -> Need:
    return Need.objects.select_related("matter__department", "matter__owner").get(matter__number=number)


def soon() -> str:
    return (clock.now() + timedelta(days=2)).astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def people(world: Any) -> dict[str, Person]:
    return {name: Person(world, name) for name in ("沈岚", "苏慕青", "江听雨", "顾一鸣")}


@pytest.fixture
def customer(world: Any) -> Client:
    return Client()


def raised(customer: Client) -> str:
    nonce = re.search(r'name="nonce" value="([^"]+)"', customer.get("/p/new/").content.decode())[1]
    data = {"kind": "consultation", "body": "手镯的估价和别家差六万，想请师傅再看一次。", "f-scope": "评估流程", "name": "季棠", "phone": "13900004244", "agreed": "on", "nonce": nonce}
    answer = customer.post("/p/new/", data)
    assert answer.status_code == 200, answer.content.decode()
    return re.search(r"\d{4}-\d{6}", answer.content.decode())[0]


def handled(people: dict[str, Person], world: Any, number: str) -> None:
    """From triage to the customer's confirmation."""
    shen, su, jiang, gu = (people[name] for name in ("沈岚", "苏慕青", "江听雨", "顾一鸣"))
    pawn = world.department("pawn").pk
    shen.do(number, "triage", category="important", kind="consultation", urgency="4", importance="3", department=pawn, owner="江听雨")
    assert need(number).state == State.ACCEPTANCE
    jiang.do(number, "accept")
    assert need(number).state == State.HANDLING
    early = jiang.post(number, "submit", done="先交", answer="先答")
    assert early.status_code == 409 and "先交" in early.content.decode(), "the plan comes before the work"
    jiang.do(number, "plan", measures="换一位师傅复评", owner="江听雨", node_title="复评", node_due=soon(), node_department="", node_owner="顾一鸣")
    jiang.do(number, "progress", text="已经约好周四上午复评", to_customer="on")
    node = need(number).plans.order_by("-id").first().nodes.get()
    assert gu.client.post(f"/needs/{number}/nodes/{node.pk}/", {"done": "1"}).status_code == 302
    jiang.do(number, "submit", done="罗师傅复评", answer="维持 36 万，附说明。")
    assert need(number).state == State.REVIEW
    su.do(number, "review", answer="维持 36 万，附复评说明。", channel="portal")
    shen.do(number, "feed_back", text="您好，复评结果：维持 36 万。", channel="phone")
    assert need(number).state == State.CONFIRMATION


def test_two_rounds_by_pages(people: dict[str, Person], customer: Client, world: Any):
    number = raised(customer)
    here = f"/p/needs/{number}/"
    handled(people, world, number)
    assert "已经约好周四上午复评" in customer.get(here).content.decode()
    assert customer.post(here + "verdict/", {"ok": "no", "why": "还是同一位师傅看的"}).status_code == 302
    again = need(number)
    assert (again.state, again.round, again.rounds.get(number=2).reason) == (State.REOPENED, 2, "还是同一位师傅看的")
    assert number in people["沈岚"].client.get("/needs/?queue=triage").content.decode()
    handled(people, world, number)
    assert customer.post(here + "verdict/", {"ok": "yes", "star": "5", "more": "这次讲明白了"}).status_code == 302
    assert (need(number).state, need(number).rating) == (State.VISIT, 5)
    people["沈岚"].do(number, "visit", satisfied="yes", channel="phone", notes="很满意", problem="还想问续当怎么办")
    done = need(number)
    assert (done.state, done.round, done.outcome) == (State.CLOSED, 2, Outcome.SATISFIED) and done.matter.closed_at
    link = Link.objects.get(a=done)
    assert link.type == Link.Type.FOLLOW_UP and need(link.b.matter.number).body == "还想问续当怎么办"
    outcomes = set(done.matter.clocks.values_list("step", "round", "outcome"))
    for step in ("triage", "acceptance", "plan", "handling", "review", "feedback", "confirmation"):
        assert {(step, 1, "met"), (step, 2, "met")} <= outcomes, step
    assert [plan.round for plan in done.plans.order_by("id")] == [1, 2] and done.results.count() == 2
    story = people["苏慕青"].look(number)
    for words in ("还是同一位师傅看的", "这次讲明白了", "换一位师傅复评", "维持 36 万"):
        assert words in story
    assert "还想问续当怎么办" in people["沈岚"].look(link.b.matter.number)


def test_whoever_submits_does_not_review(people: dict[str, Person], customer: Client, world: Any):
    """Separation of duties, also by page."""
    number = raised(customer)
    shen = people["沈岚"]
    shen.do(number, "triage", category="general", kind="consultation", department=world.department("service").pk, owner="沈岚")
    shen.do(number, "accept")
    shen.do(number, "plan", measures="自己查", owner="沈岚")
    shen.do(number, "submit", done="查过", answer="可以")
    refused = shen.post(number, "review", answer="我改好的答复", channel="portal")
    assert refused.status_code == 403 and "我改好的答复" in refused.content.decode() and need(number).state == State.REVIEW


def test_two_people_at_once(people: dict[str, Person], customer: Client, world: Any):
    """The second one is told, and everything typed is kept (W1)."""
    number = raised(customer)
    shen, su = people["沈岚"], people["苏慕青"]
    pages = [who.look(number, "triage") for who in (shen, su)]
    assert len(pages) == 2
    shen.do(number, "answer", answer="师傅都在，随时可以来。")
    late = su.post(number, "triage", category="urgent", kind="consultation", urgency="5", reason="客户催得很急")
    page = late.content.decode()
    assert late.status_code == 409 and "客户催得很急" in page and need(number).category != "urgent"
    assert re.search(r'value="urgent"[^>]*checked', page), "also what was chosen"


def test_two_corrections_at_once(people: dict[str, Person], customer: Client, world: Any):
    """The second one sees what the first one saved, beside their own words."""
    number = raised(customer)
    shen, su = people["沈岚"], people["苏慕青"]
    form = su.look(number, "amend")
    given = {m[0]: m[1] for m in re.findall(r'<input[^>]*name="([\w.-]+)"[^>]*value="([^"]*)"', form) if m[0] not in ("csrfmiddlewaretoken", "next")}
    given |= {"body": need(number).body, "kind": "consultation", "channel": "portal", "secrecy": "0"}
    shen.do(number, "amend", **{**given, "title": "复评手镯"})
    late = su.post(number, "amend", **{**given, "title": "手镯估价复核"})
    page = late.content.decode()
    assert late.status_code == 409 and "复评手镯" in page and "手镯估价复核" in page
    assert need(number).matter.title == "复评手镯"
