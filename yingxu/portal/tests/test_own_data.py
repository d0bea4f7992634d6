"""A customer and their own data at the portal (P1–P3, PIPL art. 15, 44–50)."""

import pytest

from yingxu.privacy import queries
from yingxu.privacy.models import Consent, Request

from .conftest import Visitor

pytestmark = pytest.mark.django_db


def test_consent_is_taken_back_with_two_presses(visitor: Visitor):
    visitor.raise_need(agreed_to="survey")
    customer = visitor.need.customer_id
    assert queries.may_use(customer, "survey")
    assert f"/p/needs/{visitor.number}/privacy/" in visitor.page()
    here = f"/p/needs/{visitor.number}/privacy/"
    assert "征询服务评价" in visitor.get(here).content.decode()
    assert visitor.post(f"{here}survey/", {"say": "no"}, of=here).status_code == 302
    assert not queries.may_use(customer, "survey")
    assert visitor.post(f"{here}survey/", {"say": "no"}, of=here).status_code == 409
    assert visitor.post(f"{here}survey/", {"say": "yes"}, of=here).status_code == 302
    assert queries.may_use(customer, "survey")
    assert visitor.post(f"{here}payment/", {"say": "yes"}, of=here).status_code == 403, "sensitive data: not by a press"


def test_refusing_what_is_optional_refuses_no_service(visitor: Visitor):
    """PIPL art. 16."""
    assert visitor.raise_need().status_code == 200 and not Consent.objects.exists()


def test_a_strangers_phone_number_agrees_to_nothing(raised: Visitor):
    """Who types a known customer's number raises a need for that file, and speaks for nobody."""
    other = Visitor()
    other.raise_need(agreed_to="marketing", name="不是季棠")
    assert other.need.customer_id == raised.need.customer_id
    assert not queries.may_use(raised.need.customer_id, "marketing")
    here = f"/p/needs/{other.number}/privacy/"
    assert other.post(f"{here}marketing/", {"say": "yes"}, of=here).status_code == 403


def test_asking_about_ones_data(raised: Visitor):
    here = f"/p/needs/{raised.number}/privacy/"
    assert raised.post(here, {"kind": "correct", "contact": "13900004244", "words": ""}, of=here).status_code == 422
    assert raised.post(here, {"kind": "delete", "contact": "13900004244"}, of=here).status_code == 302
    raised.post(here, {"kind": "delete", "contact": "13900004244"}, of=here)
    made = Request.objects.get()
    assert (made.kind, made.state, made.about, made.from_matter_id, made.channel) == ("delete", "received", None, raised.need.pk, "portal")
    assert made.matter.number in raised.get(here).content.decode()


def test_anothers_page_is_not_there(raised: Visitor):
    stranger = Visitor()
    for path in ("", "notice/"):
        assert stranger.get(f"/p/needs/{raised.number}/privacy/{path}").status_code == 404
