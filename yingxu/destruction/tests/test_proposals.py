"""From the proposal to the certificate, legal holds, what is over its time, deletion at a person's request (A6, P4; PIPL art. 47)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from tests.canaries import in_tables
from yingxu.approvals import actions as signing
from yingxu.approvals.models import Request as Approval
from yingxu.archives import papers
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.controls import controls
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.destruction import actions, carrying, queries
from yingxu.destruction.models import Certificate, Hold, Item, Proposal, State
from yingxu.files.models import File
from yingxu.matters.models import Entry, Matter
from yingxu.needs.models import Need
from yingxu.needs.states import State as NeedState
from yingxu.people import actions as people
from yingxu.people import queries as actors
from yingxu.people.models import Role
from yingxu.people.verifying import Proof
from yingxu.privacy import actions as privacy
from yingxu.privacy.models import Request

pytestmark = pytest.mark.django_db
NAME, WORD = "金丝雀珠宝行", "绿孔雀羽扇"


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.ERASURES, settings.FILES_DIR = tmp_path / "erasures.jsonl", tmp_path / "files"
    return tmp_path


@pytest.fixture
def customer(story):
    return customers.add(by=story.by("沈岚"), name=NAME, type="organisation", phone="13911112222", remark=WORD)


def sign_all(story, request, chain="archives.destroy"):
    """Whoever is asked signs, step after step."""
    for _step in range(3):
        request = Approval.objects.get(pk=request.pk)
        if request.state != "open":
            break
        seat = request.seats.filter(state="waiting", step__state="open").select_related("user").order_by("pk").first()
        signing.approve(request, by=actors.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
    return Approval.objects.get(pk=request.pk)


def appraised(story, customer, **more):
    made = actions.propose(customer, by=story.by("沈岚"), reason="十年未往来", **more)
    return actions.appraise(made, by=story.by("苏慕青"), value="无保存价值，无争议", stays="编号和日期，供统计")


def destroyed(story, customer, **more):
    made = appraised(story, customer, **more)
    assert sign_all(story, made.request).state == "granted"
    return carrying.carry_out(made.pk)


def test_from_the_proposal_to_the_certificate(story, enter, customer):
    need = story.at(NeedState.CLOSED, customer=customer, body=WORD)
    made = appraised(story, customer)
    assert made.state == State.SIGNING and made.request.chain == "archives.destroy"
    assert carrying.carry_out(made.pk) is None and Matter.objects.get(pk=customer.pk).erased_at is None, "nothing goes before it is signed"
    sign_all(story, made.request)
    assert Proposal.objects.get(pk=made.pk).state == State.APPROVED
    done = carrying.carry_out(made.pk)
    assert (done.gone, done.left, len(done.facts["signed"])) == (1, 0, 3)
    assert done.facts["list"] == made.digest and done.digest == queries.digest(done.facts)
    assert Need.objects.get(pk=need.pk).body == "" and not in_tables([NAME, WORD])
    assert carrying.carry_out(made.pk) == done, "once more is the same"
    shown = enter("苏慕青").get(f"/destruction/certificates/{done.number}/")
    assert shown.status_code == 200 and customer.matter.number in shown.content.decode()
    assert enter("苏慕青").get("/destruction/", {"q": done.number}).status_code == 200
    found = {name: tally.tally(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), None) for name, tally in controls().items() if name.startswith("destruction.")}
    assert found["destruction.three_signatures"].kept == 1 and found["destruction.destroyed_for_good"].kept == 1


def test_a_certificate_is_never_changed(story, customer):
    done = destroyed(story, customer)
    for change in (lambda: Certificate.objects.filter(pk=done.pk).update(gone=9), lambda: Certificate.objects.filter(pk=done.pk).delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_nothing_running_is_proposed(story, customer):
    need = story.at(NeedState.HANDLING, customer=customer)
    with pytest.raises(WrongMoment, match=need.matter.number):
        actions.propose(customer, by=story.by("沈岚"), reason="旧了")


def test_a_legal_hold_stops_the_proposal_and_the_execution(story, customer):
    held = actions.hold(customer, by=story.by("苏慕青"), why="诉讼中")
    with pytest.raises(WrongMoment, match="法律保留"):
        actions.propose(customer, by=story.by("沈岚"), reason="旧了")
    with pytest.raises(WrongMoment):
        actions.hold(customer, by=story.by("苏慕青"), why="又一次")
    actions.lift(held, by=story.by("苏慕青"), why="已结案")
    made = appraised(story, customer)
    sign_all(story, made.request)
    actions.hold(customer, by=story.by("苏慕青"), why="又来一案")
    done = carrying.carry_out(made.pk)
    assert (done.gone, done.left) == (0, 1) and Matter.objects.get(pk=customer.pk).erased_at is None
    assert "法律保留" in Item.objects.get(proposal=made).why


def test_holds_need_a_reason_and_a_day_to_come(story, customer):
    for given in ({"why": " "}, {"why": "诉讼", "until": clock.today() - timedelta(days=1)}):
        with pytest.raises(Invalid):
            actions.hold(customer, by=story.by("苏慕青"), **given)
    Hold.objects.create(matter=customer.matter, why="过期的", until=clock.today() - timedelta(days=1), by=None, at=clock.now())
    assert actions.propose(customer, by=story.by("沈岚"), reason="旧了").state == State.PROPOSED, "a hold whose day is over holds nothing"


def test_what_changed_since_it_was_appraised_is_left_out_and_named(story, customer):
    made = appraised(story, customer)
    sign_all(story, made.request)
    customers.edit(customer, by=story.by("沈岚"), remark="来电了")
    done = carrying.carry_out(made.pk)
    assert done.gone == 0 and done.facts["left"][0][0] == customer.matter.number


def test_another_person_appraises_and_may_keep_it(story, customer):
    made = actions.propose(customer, by=story.by("苏慕青"), reason="旧了")
    with pytest.raises(NotAllowed):
        actions.appraise(made, by=story.by("苏慕青"), value="无", stays="无")
    with pytest.raises(WrongMoment):
        actions.propose(customer, by=story.by("沈岚"), reason="再来一次")
    people.grant(story.world.user("沈岚"), Role.objects.get(code="service-head"), by=SYSTEM)
    kept = actions.keep(made, by=actors.actor(story.world.user("沈岚")), reason="有史料价值")
    assert kept.state == State.REFUSED and kept.matter.closed_at
    with pytest.raises(WrongMoment):
        actions.withdraw(kept, by=story.by("苏慕青"), reason="算了")


def test_withdrawn_takes_the_signatures_back(story, customer):
    made = appraised(story, customer)
    done = actions.withdraw(made, by=story.by("沈岚"), reason="客户回来了")
    assert done.state == State.WITHDRAWN and Approval.objects.get(pk=made.request_id).state == "withdrawn"


def test_what_is_over_its_time_is_told_and_proposed(story, customer):
    need = story.at(NeedState.CLOSED, customer=customer, body=WORD)
    from yingxu.privacy import kinds

    code = next(code for code in kinds.KINDS if code.startswith("needs."))
    privacy.set_retention(by=story.by("苏慕青"), kind=code, months=60, ground="公司制度")
    with clock.at(clock.now() + timedelta(days=365 * 6)):
        assert carrying.look_over_time() >= 1
        assert Entry.objects.filter(event="destruction.over_time_found").exists()
        made = actions.propose_due(by=story.by("沈岚"), retention=code, reason="满五年")
        assert need.matter.number in made.items.values_list("number", flat=True)
        with pytest.raises(WrongMoment):
            actions.propose_due(by=story.by("沈岚"), retention=code, reason="再来")


def test_a_person_is_deleted_at_their_request(story, enter, customer):
    need = story.at(NeedState.CLOSED, customer=customer, body=f"{NAME} {WORD}")
    su = story.by("苏慕青")
    asked = privacy.receive(by=su, kind="delete", applicant=NAME, contact="13911112222", channel="counter")
    privacy.check_identity(asked, by=su, about=customer.matter, how=f"{WORD} 的原件")
    privacy.ask_erasure(Request.objects.get(pk=asked.pk), by=su)
    sign_all(story, Approval.objects.get(chain="privacy.erase"))
    done = carrying.erase_subject(asked.pk)
    request = Request.objects.get(pk=asked.pk)
    assert request.state == Request.State.ANSWERED and request.matter.closed_at and done.gone == 1
    assert in_tables([NAME, WORD, "13911112222"]) == []
    assert Need.objects.get(pk=need.pk).body == "" and carrying.erase_subject(asked.pk) == done


def test_what_the_law_or_a_hold_keeps_stays_and_is_said(story, customer):
    closed = story.at(NeedState.CLOSED, customer=customer, body=WORD)
    running = story.at(NeedState.HANDLING, customer=customer, body="还在办")
    su = story.by("苏慕青")
    asked = privacy.receive(by=su, kind="delete", applicant=NAME, contact="13911112222", channel="counter")
    privacy.check_identity(asked, by=su, about=customer.matter, how="原件")
    privacy.ask_erasure(Request.objects.get(pk=asked.pk), by=su)
    sign_all(story, Approval.objects.get(chain="privacy.erase"))
    carrying.erase_subject(asked.pk)
    request = Request.objects.get(pk=asked.pk)
    assert running.matter.number in request.answer and request.state == Request.State.ANSWERED
    assert Need.objects.get(pk=closed.pk).body == "" and Need.objects.get(pk=running.pk).body == "还在办"
    assert Matter.objects.get(pk=customer.pk).erased_at is None


def test_pages_by_http(story, enter, customer):
    number = customer.matter.number
    assert enter("沈岚").get(f"/destruction/of/{number}/").status_code == 200
    posted = enter("沈岚").post(f"/destruction/of/{number}/", {"kind": "file", "reason": "十年未往来"})
    made = Proposal.objects.get()
    assert posted.status_code in (200, 204, 302) and made.reason == "十年未往来"
    page = enter("苏慕青").get(f"/destruction/{made.matter.number}/")
    assert page.status_code == 200 and number in page.content.decode()
    assert enter("苏慕青").get(f"/destruction/{made.matter.number}/appraise/").status_code == 200
    assert enter("苏慕青").get(f"/customers/{number}/?part=destruction").status_code == 200
    assert enter("苏慕青").post(f"/destruction/of/{number}/hold/", {"why": "诉讼"}).status_code in (200, 204, 302)
    assert Hold.objects.get().why == "诉讼"
    assert enter("苏慕青").post("/destruction/export/", {"kind_of_file": "csv"}).status_code == 200
    with pytest.raises(Gone):
        queries.find("XH-2026-999999", story.by("苏慕青"))


def test_a_closed_file_is_destroyed_by_those_in_its_circle_only(story, customer):
    from yingxu.archives import actions as guarding

    guarding.set_circle(customer, by=story.by("苏慕青"), why="调查", persons=[story.world.user("苏慕青"), story.world.user("陆砚秋")])
    made = actions.propose(type(customer).objects.get(pk=customer.pk), by=actors.actor(story.world.user("苏慕青")), reason="旧了")
    assert queries.visible_to(story.by("沈岚")).count() == 0
    assert queries.visible_to(actors.actor(story.world.user("陆砚秋"))).get().pk == made.pk



def test_papers_with_a_level_go_with_their_file_and_only_who_is_cleared_signs(story, customer):
    """A2, A6: nobody destroys what they may not know of; what goes leaves no name."""
    scan = SimpleUploadedFile(f"{WORD}.txt", WORD.encode(), "text/plain")
    paper = customers.take_in_paper(customer, by=SYSTEM, kind="licence", scans=[scan])
    papers.raise_paper(customer.matter.files.get(), by=story.by("秦望舒"), level=3, why="洽谈")
    for more in ({}, {"kind": "papers", "papers": [paper]}):
        with pytest.raises(WrongMoment):
            actions.propose(customer, by=story.by("沈岚"), reason="十年未往来", **more)
    File.objects.update(secrecy=2)
    made = appraised(story, customer)
    assert made.matter.secrecy == 2 and made.items.get().counts["files.File"] == 1
    assert sign_all(story, made.request).state == "granted" and carrying.carry_out(made.pk).left == 0
    assert not File.objects.exists() and not in_tables([WORD])
