"""A customer of the portal asks that their data be deleted, and nothing of it is found anywhere; outdated files are destroyed by several
people (P3, P4, P12, A6; PIPL art. 47)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.canaries import in_files, in_tables
from yingxu.api.models import Delivery as Hook
from yingxu.api.models import Endpoint
from yingxu.approvals import actions as signing
from yingxu.approvals.models import Request as Approval
from yingxu.base import clock, crypto
from yingxu.customers import actions as customers
from yingxu.destruction import carrying, jobs
from yingxu.destruction.models import Certificate, Proposal
from yingxu.intake.mail import arriving
from yingxu.intake.models import Mailbox, Received
from yingxu.intake.tests.letters import US, letter
from yingxu.matters import dispatch, seals, verifying
from yingxu.matters.models import Entry, Look, Matter
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.people import queries as people
from yingxu.people.verifying import Proof
from yingxu.portal.tests.conftest import WORDS, Visitor, walk
from yingxu.privacy import actions as privacy
from yingxu.privacy.models import Request

__all__ = ["walk"]
NAME, MAIL = "季小棠", "xiaotang@mail.example"
CANARIES = [WORDS, NAME, MAIL, "13900004244", "139 0000 4244", "139 **** 4244", "很快很好"]


@pytest.fixture
def places(settings: Any, tmp_path: Any) -> Any:
    settings.ERASURES, settings.FILES_DIR, settings.DATA_DIR = tmp_path / "erasures.jsonl", tmp_path / "files", tmp_path
    return tmp_path


def heard() -> None:
    while dispatch.run_once():
        pass


def sealed() -> None:
    for ledger in seals.LEDGERS:
        while seals.seal_once(ledger, wait=timedelta()):
            pass


def sign(chain: str) -> list[str]:
    """Whoever is asked signs, step after step; their names."""
    names = []
    while (request := Approval.objects.get(chain=chain)).state == "open":
        seat = request.seats.filter(state="waiting", step__state="open").select_related("user").order_by("pk").first()
        signing.approve(request, by=people.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
        names.append(seat.user.name)
    return names


def spoken_of(world: Any, need: Need) -> None:
    """Everywhere else it gets to: a webhook, a meeting, a mail out, a mail in, a list that leaves."""
    Endpoint.objects.create(
        name="财务", url=crypto.seal("https://books.example/", "api.endpoint"), shown="books.example", recipient="财务软件", purpose="记账",
        events=["needs.customer_told", "needs.need_confirmed"], user=world.user("苏慕青"), secret=crypto.seal("x", "api.webhook"), made_at=clock.now(),
    )  # fmt: skip
    soon = clock.now() + timedelta(hours=1)
    held = meetings.call(need.matter, by=world.by("江听雨"), title=f"{NAME}的事", starts_at=soon, ends_at=soon + timedelta(hours=1), agenda=f"{NAME}要什么")
    with clock.at(soon + timedelta(minutes=5)):
        meetings.record_minutes(held, by=world.by("江听雨"), text=f"给{NAME}回话")
    needs.reply(Need.objects.get(pk=need.pk), by=world.by("江听雨"), text=f"{NAME}您好，请带当票。", channel="mail")
    box = Mailbox.objects.create(name="客服邮箱", address=US, way="delivered")
    for n, subject in enumerate((f"[#{need.matter.number}] {NAME}", "群发")):
        more = {"List_Id": "<list.example>"} if n else {}
        row = arriving.take_in(letter(f"我是{NAME}", subject=subject, sender=f"{NAME} <{MAIL}>", message_id=f"<{n}@mail.example>", **more), box)
        arriving.sort(row.pk)
    needs.note(Need.objects.get(pk=need.pk), by=world.by("江听雨"), text=f"{NAME}来过电话", uploads=[SimpleUploadedFile(f"{NAME}.txt", WORDS.encode(), "text/plain")])
    heard()
    assert Hook.objects.exists() and Delivery.objects.filter(matter=need.matter).exists() and Received.objects.filter(about=need.matter).exists()


@pytest.mark.django_db(transaction=True)
def test_from_the_portal_to_nothing_found(world: Any, enter: Any, walk: Any, places: Any) -> None:  # noqa: F811
    visitor = Visitor()
    assert visitor.raise_need(name=NAME, email=MAIL).status_code == 200 and WORDS in visitor.page()
    need, su = visitor.need, world.by("苏慕青")
    walk(need, "plan")
    spoken_of(world, need)
    desk = enter("苏慕青")
    assert desk.get("/needs/", {"queue": "all", "q": NAME}).status_code == 200
    desk.post("/needs/export/", {"queue": "all", "q": NAME})
    needs.submit(visitor.need, by=world.by("江听雨"), done="已核对当票", answer="周六上午可以来取，请带当票和身份证。")
    needs.review(visitor.need, by=su)
    needs.feed_back(visitor.need, by=world.by("沈岚"))
    assert visitor.act("verdict", {"ok": "yes", "star": "5", "more": "很快很好"}).status_code == 302
    if visitor.need.state == State.VISIT:
        needs.record_visit(visitor.need, by=world.by("沈岚"), satisfied=True, notes=f"{NAME}满意")
    assert visitor.need.state == State.CLOSED
    timeline = desk.get(f"/needs/{visitor.number}/").content.decode()
    assert NAME in timeline, "who sees the need reads who wrote"
    mine = Entry.objects.filter(matter=need.matter, actor_kind="customer")
    assert mine.count() >= 2 and {e.actor_name for e in mine} == {"customer"} and NAME in {e.who for e in mine}

    here = f"/p/needs/{visitor.number}/privacy/"
    assert visitor.post(here, {"kind": "delete", "contact": "13900004244"}, of=here).status_code == 302
    asked = Request.objects.get()
    privacy.check_identity(asked, by=su, about=need.customer.matter, how=f"{NAME}的身份证原件")
    privacy.ask_erasure(Request.objects.get(), by=su)
    heard()
    sealed()
    signed = sign("privacy.erase")
    assert len(signed) == len(set(signed)) >= 2, "different people"
    heard()
    assert in_tables(CANARIES) and in_files(CANARIES, places)

    jobs.erase_subject(asked.pk)
    heard()
    sealed()
    assert in_tables(CANARIES) == [] and in_files(CANARIES, places) == []
    assert Request.objects.get().state == Request.State.ANSWERED and Certificate.objects.get().matter_id == asked.pk
    for ledger in seals.LEDGERS:
        found = verifying.verify(ledger)
        assert found.trouble is None and found.rows, found.trouble
    assert verifying.verify("journal").blanked and Look.objects.filter(what="erased").exists()

    assert visitor.get(f"/p/needs/{visitor.number}/").status_code == visitor.get("/p/needs/2020-999999/").status_code == 404
    wrong, gone = (plain(Visitor().knock(number, visitor.code)) for number in ("2020-999999", visitor.number))
    assert wrong == gone, "the same answer as for a number there never was"
    for address in ("/customers/", "/needs/?queue=all"):
        for word in (NAME, "13900004244"):
            assert "data-row=" not in desk.get(address, {"q": word}).content.decode()


def plain(answer: Any) -> tuple[int, str]:
    """What an answer says to its reader."""
    return answer.status_code, re.sub(r"<[^>]*>|\s", "", answer.content.decode())


@pytest.mark.django_db(transaction=True)
def test_an_outdated_file_is_destroyed_by_five_people(world: Any, enter: Any, places: Any) -> None:
    """One proposes, another appraises, three sign one after the other; the certificate says so, the number says that nothing is there."""
    shop = customers.add(by=world.by("沈岚"), name="金丝雀珠宝行", type="organisation", phone="13911112222", remark="绿孔雀羽扇")
    number = shop.matter.number
    shen, su = enter("沈岚"), enter("苏慕青")
    shen.post(f"/destruction/of/{number}/", {"kind": "file", "reason": "店铺注销，十年未往来"})
    made = Proposal.objects.get()
    here = f"/destruction/{made.matter.number}/"
    assert number in su.get(here).content.decode()
    assert shen.post(f"{here}appraise/", {"value": "无", "stays": "无"}).status_code in (403, 404), "who proposed it does not appraise it"
    su.post(f"{here}appraise/", {"value": "无保存价值，无争议", "stays": "编号和日期，供统计"})
    assert Proposal.objects.get().digest
    jobs.go_on(0)
    assert Matter.objects.get(pk=shop.pk).erased_at is None, "nothing goes before it is signed"
    signed = sign("archives.destroy")
    assert len(set(signed)) == 3
    heard()
    jobs.carry_out(made.pk)
    heard()
    sealed()
    paper = Certificate.objects.get()
    assert (paper.gone, paper.left, [name for _step, name, _at in paper.facts["signed"]]) == (1, 0, signed)
    page = su.get(f"/destruction/certificates/{paper.number}/").content.decode()
    assert all(name in page for name in (*signed, "沈岚", "苏慕青", number))
    assert in_tables(["金丝雀珠宝行", "13911112222", "绿孔雀羽扇"]) == []
    assert paper.number in shen.get(f"/customers/{number}/", follow=True).content.decode()
    assert verifying.verify("journal").trouble is None and carrying.reapply()[1] == 0
