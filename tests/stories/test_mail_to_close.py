"""From a mail to a closed need, with nothing but mail between the customer and us: in, acknowledged, asked, answered, fed back, confirmed."""

import re
from email.message import EmailMessage
from typing import Any

import pytest

from yingxu.intake.mail import arriving
from yingxu.intake.models import Mailbox, Received
from yingxu.matters import dispatch
from yingxu.matters.models import Note
from yingxu.needs import actions
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.portal import actions as portal

US, THEM = "service@yunxiu.example", "宋晚舟 <songwanzhou@mail.example>"


def _letter(text: str, *, number: int, subject: str, answers: Delivery | None = None) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = THEM, US, subject, f"<{number}@mail.example>"
    if answers is not None:
        mail["In-Reply-To"] = f"<{answers.token}@yunxiu.example>"
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.django_db(transaction=True)
def test_a_customer_who_only_writes_mails(world: Any) -> None:
    box = Mailbox.objects.create(name="客服邮箱", address=US, way="delivered")

    def comes(raw: bytes) -> Received:
        row = arriving.take_in(raw, box)
        arriving.sort(row.pk)
        while dispatch.run_once():
            pass
        return Received.objects.get(pk=row.pk)

    def fresh() -> Need:
        return Need.objects.select_related("matter").get(pk=need.pk)

    def left() -> Delivery:
        return Delivery.objects.filter(channel="mail", user=None).latest("id")

    shen, head, gu = world.by("沈岚"), world.by("苏慕青"), world.by("顾一鸣")
    first = comes(_letter("续当三次后想一次赎回，要准备多少钱？", number=1, subject="想一次赎回"))
    need = Need.objects.select_related("matter").get(pk=first.about_id)
    receipt = left().content["body"]
    assert need.channel == "mail" and need.matter.number in receipt
    code = re.search(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", receipt)[0]
    assert portal.knock(need.matter.number, code, peer=None) == need

    actions.triage(need, by=shen, category="important")
    actions.assign(fresh(), by=shen, department=world.department("pawn"), owner=world.user("顾一鸣"))
    actions.accept(fresh(), by=gu)
    actions.reply(fresh(), by=gu, text="请告诉我们当票号码。", channel="mail", question=True)
    asked = left()
    assert asked.content["in_reply_to"] == "1@mail.example" and asked.subject.startswith(f"[#{need.matter.number}]")
    answer = comes(_letter(f"当票是 D-0032。\n\n在 2026年3月2日，客服 <{US}> 写道：\n> 请告诉我们当票号码。", number=2, subject="回复: 想一次赎回", answers=asked))
    assert (answer.state, answer.about_id) == ("reply", need.pk)
    assert Note.objects.get(matter=need.matter, voice="said").body == "当票是 D-0032。"
    assert Note.objects.get(matter=need.matter, question=True).answered_at is not None

    actions.plan(fresh(), by=gu, measures="核对当票和息费")
    actions.submit(fresh(), by=gu, done="核对过了", answer="一次赎回共 36 万元，请带当票和身份证。")
    actions.review(fresh(), by=head)
    actions.feed_back(fresh(), by=shen, channel="mail")
    told = left()
    assert "36 万元" in told.content["body"] and told.content["references"] == ["1@mail.example", "2@mail.example"]
    thanks = comes(_letter("收到，满意，谢谢。", number=3, subject=f"Re: [#{need.matter.number}]", answers=told))
    assert thanks.state == "reply" and fresh().state == State.CONFIRMATION, "mail says something, it decides nothing"
    actions.confirm(fresh(), by=shen, rating=5, channel="mail")
    if fresh().state == State.VISIT:
        actions.record_visit(fresh(), by=shen, satisfied=True, notes="满意")
    assert fresh().state == State.CLOSED
    again = comes(_letter("还有一件事想问。", number=4, subject=f"Re: [#{need.matter.number}]", answers=told))
    assert again.state == "need" and Need.objects.get(pk=again.about_id).origin_id == need.pk
