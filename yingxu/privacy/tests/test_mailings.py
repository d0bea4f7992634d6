"""A purpose check guards what is sent (P2): asked when it is queued and again when it leaves."""

import pytest
from django.db import transaction

from yingxu.notices import actions as notices
from yingxu.notices import queries as outgoing
from yingxu.privacy import actions, queries
from yingxu.privacy.models import Consent

pytestmark = pytest.mark.django_db


def greet(customer, **more):
    with transaction.atomic():
        return notices.send(channel="mail", to="jitang@example.com", key="greeting-1", subject="新年好", body="祝新年好", **more)


def test_a_queued_greeting_stays_when_consent_is_taken_back_meanwhile(today, customer):
    purpose = queries.purpose("marketing")
    actions.agree(customer.matter, by=today.by("沈岚"), purpose=purpose, channel=Consent.Channel.PAPER, evidence="知情书 8 号")
    row = greet(customer, purpose="marketing", about=customer.matter)
    assert outgoing.why_it_stays(row) is None
    actions.withdraw(customer.matter, by=today.by("沈岚"), purpose=purpose, channel="phone")
    stays = outgoing.why_it_stays(row)
    assert stays is not None and not stays.hold


def test_a_greeting_nobody_agreed_to_does_not_leave(today, customer):
    assert outgoing.why_it_stays(greet(customer, purpose="marketing", about=customer.matter)) is not None


def test_a_purpose_names_whose_address_it_is(today, customer):
    with pytest.raises(ValueError, match="purpose"):
        greet(customer, purpose="marketing")
