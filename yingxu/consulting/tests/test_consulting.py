"""Consulting a closed file (A3, S2): the neutral answer, signatures, reading only, for a time, ended early and by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.archives import actions as archives
from yingxu.base import clock
from yingxu.base.access import Reach
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.consulting import actions, queries
from yingxu.consulting.models import Consultation, State
from yingxu.customers import rules as customers
from yingxu.customers.models import Customer
from yingxu.matters import dispatch
from yingxu.matters.models import Admission, Entry, Matter
from yingxu.matters.queries import may_see
from yingxu.needs.states import State as NeedState
from yingxu.people import queries as people
from yingxu.people.models import User
from yingxu.people.verifying import Proof

pytestmark = pytest.mark.django_db(transaction=True)  # the dispatcher hears only what is committed
WHO = "顾一鸣"


def now(name, story):
    """The actor as the next request would load it."""
    return people.actor(User.objects.get(name=name))


def settle():
    while dispatch.run_once():
        pass


@pytest.fixture
def closed(story):
    """季棠's file, for 苏慕青, 秦望舒 and the head of the requester only."""
    customer = story.world.customer("季棠")
    head = story.world.department("pawn").head
    archives.set_circle(customer, by=now("苏慕青", story), why="并购洽谈", persons=[story.world.user("苏慕青"), story.world.user("秦望舒"), head])
    customer.matter.refresh_from_db()
    return customer


@pytest.fixture
def ask(story):
    def asked(named, days=5, **more):
        return actions.ask(by=now(WHO, story), named=named, purpose="核对旧约条款", until=clock.today() + timedelta(days=days), **more)

    return asked


def sign(row):
    """Everybody of the chain approves."""
    settle()
    request = Request.objects.get(chain="archives.consult", key=f"consult:{row.pk}")
    while request.state == "open":
        seat = request.seats.filter(state="waiting", step__state="open").first()
        approvals.approve(request, by=people.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
        request.refresh_from_db()
    settle()
    row.refresh_from_db()
    return request


def test_the_answer_is_the_same_whatever_there_is(story, closed, enter):
    levelled = story.world.customer("砚台巷珠宝商行")
    archives.set_circle(levelled, by=now("苏慕青", story), why="调查", persons=[story.world.user("苏慕青")])
    archives.set_level(levelled, by=now("苏慕青", story), level=2, why="调查")
    User.objects.filter(name=WHO).update(clearance=0)
    client, found = enter(WHO), []
    until = (clock.today() + timedelta(days=3)).isoformat()
    client.get("/consulting/ask/")
    for named in (closed.number, levelled.number, "KH-2026-999999", "查无此人"):
        with CaptureQueriesContext(connection) as asked:
            answer = client.post("/consulting/ask/", {"named": named, "purpose": "核对旧约", "until": until})
        found.append((answer.status_code, answer.headers["Location"], answer.headers.get("HX-Trigger"), len(asked)))
    assert len(set(found)) == 1, found
    settle()
    assert client.get("/consulting/").content.decode().count(">已申请<") == 4, "the list shows four alike"
    assert client.get("/approvals/?whose=mine").content.decode().count(closed.number) == 0, "the approval is not theirs to see"
    assert Request.objects.filter(chain="archives.consult").count() == 1, "no signature is asked for what clearance forbids"
    told = Entry.objects.filter(tell__contains=[story.world.user(WHO).pk], event__startswith="consulting")
    assert not told.exists()


def test_sent_twice_is_one_request(story, closed, enter):
    given = {"named": closed.number, "purpose": "核对旧约", "until": (clock.today() + timedelta(days=3)).isoformat(), "nonce": "n1"}
    assert [enter(WHO).post("/consulting/ask/", given).status_code for _twice in range(2)] == [302, 302]
    assert Consultation.objects.count() == 1


def test_granted_is_reading_only_for_a_time_and_ends_by_itself(story, closed, ask, enter):
    need = story.at(NeedState.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    row = ask(closed.number, serves=need.number)
    assert not may_see(now(WHO, story), closed.matter)
    sign(row)
    assert row.state == State.GRANTED
    by = now(WHO, story)
    assert may_see(by, Matter.objects.get(pk=closed.pk)) and enter(WHO).get(f"/customers/{closed.number}/").status_code == 200
    everywhere = replace(by, reaches={rule.name: Reach.ALL for rule in (customers.VIEW, customers.EDIT, customers.GIVE_OUT)})
    file = Customer.objects.select_related("matter").get(pk=closed.pk)
    for rule, may in ((customers.VIEW, True), (customers.EDIT, False), (customers.GIVE_OUT, False)):
        assert rule.allows(everywhere, file) is may is Customer.objects.filter(rule.where(everywhere), pk=file.pk).exists(), rule.name
    keeper = enter("苏慕青")
    keeper.post(f"/customers/{closed.number}/serves/", {"reason": "看看谁在查阅"})
    page = keeper.get(f"/customers/{closed.number}/?part=consulting").content.decode()
    assert WHO in page and "核对旧约条款" in page
    with clock.at(row.ends_at - timedelta(minutes=1)):
        assert actions.look_over() == 0 and may_see(now(WHO, story), Matter.objects.get(pk=closed.pk))
    with clock.at(row.ends_at + timedelta(minutes=5)):
        assert not may_see(now(WHO, story), Matter.objects.get(pk=closed.pk)), "before the clock has looked"
        assert actions.look_over() == 1 and actions.look_over() == 0
        row.refresh_from_db()
        assert row.state == State.ENDED
        assert story.world.user(WHO).pk in Entry.objects.get(event="consulting.consult_over").tell
        for code in ("archives.consult_approved", "archives.consult_ended"):
            tally = controls()[code].tally(clock.now() - timedelta(days=9), clock.now() + timedelta(days=1), None)
            assert (tally.applied, tally.failed) == (1, 0), code


def test_a_level_raised_meanwhile_holds_whatever_was_signed(story, closed, ask):
    row = ask(closed.number)
    settle()
    Matter.objects.filter(pk=closed.pk).update(secrecy=1)
    User.objects.filter(name=WHO).update(clearance=0)
    sign(row)
    assert row.state == State.REFUSED and not Admission.objects.filter(user=row.asked_by).exists()


def test_who_was_let_in_does_not_pass_a_level_set_later(story, closed, ask):
    row = ask(closed.number)
    sign(row)
    archives.set_level(Matter.objects.get(pk=closed.pk).customer, by=now("苏慕青", story), level=1, why="升级")
    User.objects.filter(name=WHO).update(clearance=0)
    assert not may_see(now(WHO, story), Matter.objects.get(pk=closed.pk))


def test_the_keeper_ends_it_early(story, closed, ask, enter):
    row = ask(closed.number)
    sign(row)
    with pytest.raises(NotAllowed):
        actions.end(row, by=now(WHO, story), why="试试")
    client = enter("苏慕青")
    assert client.post(f"/consulting/{row.pk}/end/", {"why": ""}).status_code == 422
    assert client.post(f"/consulting/{row.pk}/end/", {"why": "用途已完成"}).status_code == 302
    assert not may_see(now(WHO, story), Matter.objects.get(pk=closed.pk))
    with pytest.raises(WrongMoment):
        actions.end(row, by=now("苏慕青", story), why="再来")
    assert enter(WHO).get(f"/customers/{closed.number}/").status_code == 404


def test_not_granted_says_nothing_of_why(story, closed, ask, enter):
    row, other = ask(closed.number), ask("查无此人")
    settle()
    request = Request.objects.get(key=f"consult:{row.pk}")
    seat = request.seats.filter(state="waiting").first()
    approvals.refuse(request, by=people.actor(seat.user), reason="与本职无关")
    settle()
    actions.refuse(other, by=now("苏慕青", story), why="没有这份档案")
    page = enter(WHO).get("/consulting/").content.decode()
    assert page.count("未批准") == 2 and "与本职无关" not in page and "没有这份档案" not in page
    told = Entry.objects.filter(event="consulting.consult_refused")
    assert told.count() == 2 and {entry.actor_kind for entry in told} == {"system"} and {entry.matter_id for entry in told} == {None}
    with pytest.raises(WrongMoment):
        actions.refuse(other, by=now("苏慕青", story), why="再来")


def test_what_nobody_answers_is_answered_in_the_end(story, closed, ask):
    rows = [ask(closed.number), ask("查无此人")]
    settle()
    with clock.at(clock.now() + actions.LAPSE + timedelta(minutes=1)):
        assert actions.look_over() == 2
    assert {Consultation.objects.get(pk=row.pk).state for row in rows} == {State.REFUSED}
    assert Request.objects.get(key=f"consult:{rows[0].pk}").state == "withdrawn"


def test_those_who_guard_say_which_file_was_meant(story, closed, ask, enter):
    row = ask("那位卖琴的客户")
    settle()
    client = enter("苏慕青")
    assert "那位卖琴的客户" in client.get("/consulting/all/").content.decode()
    assert client.post(f"/consulting/{row.pk}/point/", {"number": "KH-2026-999999"}).status_code == 422
    assert client.post(f"/consulting/{row.pk}/point/", {"number": closed.number}).status_code == 302
    assert Request.objects.get(key=f"consult:{row.pk}").matter_id == closed.pk
    assert client.get("/consulting/all/?state=else").status_code == 422
    assert enter(WHO).get("/consulting/all/").status_code == 403


def test_withdrawn_takes_the_approval_back(story, closed, ask, enter):
    row = ask(closed.number)
    settle()
    assert enter("沈岚").post(f"/consulting/{row.pk}/withdraw/").status_code == 404
    assert enter(WHO).post(f"/consulting/{row.pk}/withdraw/").status_code == 302
    assert Request.objects.get(key=f"consult:{row.pk}").state == "withdrawn"
    with pytest.raises(WrongMoment):
        actions.withdraw(row, by=now(WHO, story))


def test_what_cannot_be_asked(story, closed, ask):
    open_one = story.world.customer("砚台巷珠宝商行")
    for more, field in (({"named": " "}, "named"), ({"named": closed.number, "days": -1}, "until"), ({"named": closed.number, "days": 91}, "until"), ({"named": closed.number, "serves": "2020-000001"}, "serves"), ({"named": open_one.name}, "named")):
        with pytest.raises(Invalid) as refused:
            ask(**more)
        assert field in refused.value.fields
    for _n in range(actions.WAITING):
        ask("查无此人")
    with pytest.raises(WrongMoment):
        ask("查无此人")
    assert not queries.listed(now(WHO, story)).rows, "who guards nothing lists nothing"
