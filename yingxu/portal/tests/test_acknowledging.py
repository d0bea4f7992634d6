"""S22: a mail that became a need is acknowledged once a day, with its number and a code that opens it; machines never are."""

import re

import pytest

from yingxu.intake.mail import arriving
from yingxu.intake.models import Mailbox
from yingxu.intake.tests.letters import US, letter
from yingxu.matters import dispatch
from yingxu.needs.models import Need
from yingxu.notices.models import Delivery
from yingxu.portal import actions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def come(world):
    box = Mailbox.objects.create(name="客服", address=US, way="delivered")

    def arrive(raw: bytes) -> Need | None:
        row = arriving.take_in(raw, box)
        arriving.sort(row.pk)
        while dispatch.run_once():
            pass
        row.refresh_from_db()
        return Need.objects.get(pk=row.about_id) if row.about_id else None

    return arrive


def test_the_sender_gets_number_and_code(come):
    need = come(letter("我的手镯想赎回"))
    sent = Delivery.objects.get(channel="mail")
    body = sent.content["body"]
    assert sent.to == "jitang@mail.example" and need.number in sent.subject and "续当咨询" not in sent.subject + body and "手镯" not in body
    assert sent.content["automatic"] and sent.content["in_reply_to"] == "1@mail.example"
    code = re.search(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", body)[0]
    assert actions.knock(need.number, code, peer=None) == need
    assert need.matter.entries.filter(event="portal.mail_acknowledged").count() == 1


def test_once_a_day_to_an_address(come):
    assert come(letter()) != come(letter("另一件", message_id="<2@mail.example>"))
    assert Delivery.objects.count() == 1
    come(letter("别人", sender="other@mail.example", message_id="<3@mail.example>"))
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("headers", [
    {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<x.example>"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"},
], ids=str)  # fmt: skip
def test_machines_are_not_answered(come, headers):
    come(letter(**headers))
    assert not Delivery.objects.exists()


def test_a_reply_is_not_acknowledged_again(come):
    need = come(letter())
    come(letter("补充", subject=f"[#{need.number}]", message_id="<2@mail.example>"))
    assert Delivery.objects.count() == 1
