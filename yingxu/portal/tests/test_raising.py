"""Raising a need without an account (N1, N2, S12, PIPL)."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yingxu.base.errors import Invalid, NotAllowed
from yingxu.files.models import File
from yingxu.needs.models import Need
from yingxu.portal import actions, queries
from yingxu.portal.models import Agreement, FormPoint, TrackingCode
from yingxu.privacy import queries as privacy

from .conftest import WORDS, Visitor, filled

pytestmark = pytest.mark.django_db


def test_a_need_is_raised_and_opened(visitor: Visitor):
    """Number and code are shown once; the browser that raised it may look at once."""
    answer = visitor.raise_need(agreed_to="survey", email="jitang@example.com")
    assert answer.status_code == 200
    assert re.fullmatch(r"\d{4}-\d{6}", visitor.number) and re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", visitor.code)
    need = visitor.need
    assert (need.channel, need.body, need.caller, need.customer.name) == ("portal", WORDS, "季棠", "季棠")
    assert need.fields == {"scope": ["续当赎当"]}
    entry = need.matter.entries.get()
    assert (entry.actor_kind, entry.actor_name, entry.who) == ("customer", "customer", "季棠"), "no sealed column holds the name"
    agreed = Agreement.objects.get(need=need)
    assert agreed.notice == privacy.notice().version
    assert privacy.may_use(need.customer_id, "survey") and not privacy.may_use(need.customer_id, "marketing")
    assert WORDS in visitor.page()
    assert visitor.code.replace("-", "").encode() not in bytes(TrackingCode.objects.get().hash)


def test_bad_input_keeps_what_was_typed(visitor: Visitor):
    answer = visitor.raise_need(phone="", body="手镯的事，说来话长")
    page = answer.content.decode()
    assert answer.status_code == 422 and not Need.objects.exists()
    assert "手镯的事，说来话长" in page and 'value="季棠"' in page
    assert "请留下手机号" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"body": ""}, "body"), ({"name": ""}, "name"), ({"phone": "12"}, "phone"), ({"email": "at home"}, "email"),
     ({"f-scope": ["天气"]}, "f-scope"), ({"kind": "weather"}, "kind"), ({"body": "字" * 10_001}, "body")],
)  # fmt: skip
def test_every_wrong_field_is_named(visitor: Visitor, wrong: dict[str, Any], field: str):
    answer = visitor.raise_need(**wrong)
    assert answer.status_code == 422 and not Need.objects.exists()
    assert "aria-invalid" in answer.content.decode() or 'class="error' in answer.content.decode()


def test_without_agreement_nothing_is_kept(visitor: Visitor):
    """PIPL art. 14: no agreement, no processing."""
    data = filled(nonce=visitor.nonce())
    del data["agreed"]
    assert visitor.post("/p/new/", data, of="/p/new/").status_code == 422
    assert not Need.objects.exists() and not Agreement.objects.exists()


def test_sent_twice_is_one_need(visitor: Visitor):
    """N2: the same nonce is the same need; the newest code opens it, the first one no longer does."""
    nonce = visitor.nonce()
    visitor.raise_need(nonce=nonce)
    first = visitor.number, visitor.code
    visitor.raise_need(nonce=nonce)
    assert visitor.number == first[0] and visitor.code != first[1]
    assert Need.objects.count() == Agreement.objects.count() == 1
    assert Visitor().knock(*first).status_code == 422
    assert Visitor().knock(visitor.number, visitor.code).status_code == 302


def test_other_words_under_the_same_nonce_are_refused(visitor: Visitor):
    nonce = visitor.nonce()
    visitor.raise_need(nonce=nonce)
    again = visitor.raise_need(nonce=nonce, body="完全另一件事")
    assert again.status_code == 409 and "完全另一件事" in again.content.decode() and Need.objects.count() == 1


def test_machines_fill_the_hidden_field(visitor: Visitor):
    answer = visitor.raise_need(website="https://example.com/")
    assert answer.status_code == 200 and not visitor.number and not Need.objects.exists()


@pytest.mark.parametrize("nonce", ["forged", signing.dumps("x", salt="other")], ids=["forged", "of another form"])
def test_a_nonce_that_is_not_ours(visitor: Visitor, nonce: str):
    """The refusal is a sentence; the page drawn again carries a nonce that works."""
    answer = visitor.raise_need(nonce=nonce)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Need.objects.exists()
    assert "这张表单打开太久" in page and WORDS in page
    fresh = re.search(r'name="nonce" value="([^"]+)"', page)[1]
    assert visitor.raise_need(nonce=fresh).status_code == 200 and Need.objects.count() == 1


def test_wrong_kinds_of_file_are_refused_whole(visitor: Visitor):
    """V5: told by bytes, not by name; nothing is registered."""
    answer = visitor.raise_need(files=SimpleUploadedFile("photo.jpg", b"MZ\x90\x00" + b"\0" * 400))
    assert answer.status_code == 422 and "photo.jpg" in answer.content.decode()
    assert not Need.objects.exists() and not File.objects.exists()


def test_files_come_with_the_first_words(visitor: Visitor):
    visitor.raise_need(files=SimpleUploadedFile("说明.txt", "当票在这里".encode()))
    file = File.objects.get()
    assert file.public and file.entry_id == visitor.need.matter.entries.get().pk
    assert "说明.txt" in visitor.page()
    assert b"".join(visitor.get(f"/p/needs/{visitor.number}/files/{file.pk}/").streaming_content) == "当票在这里".encode()


def test_choosing_a_kind_shows_its_questions(visitor: Visitor):
    page = visitor.raise_need(act="kind", kind="pawn").content.decode()
    assert "f-item" in page and "f-scope" not in page and WORDS in page and not Need.objects.exists()


def test_too_many_from_one_place_wait(visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    """S13."""
    monkeypatch.setattr(actions, "RAISED_PER_PEER", 2)
    assert [visitor.raise_need().status_code for _ in range(3)] == [200, 200, 403]
    assert Need.objects.count() == 2


def test_the_portal_form_needs_its_token(visitor: Visitor):
    assert visitor.client.post("/p/new/", filled(nonce=visitor.nonce())).status_code == 403
    assert not Need.objects.exists()


def test_raising_by_verb_refuses_what_cannot_be_kept(world: Any):
    by = actions.visitor("季棠")
    given = {"kind": "consultation", "body": " ", "name": "季棠", "phone": "13900004244"}
    with pytest.raises(Invalid) as refusal:
        actions.raise_need(by=by, given=given, fields={"scope": ["其他"]}, nonce="n")
    assert "body" in refusal.value.fields
    with pytest.raises(Invalid):
        actions.raise_need(by=by, given=given | {"body": WORDS}, fields={}, nonce="n")
    with pytest.raises(NotAllowed):
        actions.raise_need(by=world.by("管鹿鸣"), given=given | {"body": WORDS}, fields={"scope": ["其他"]}, nonce="n")
    assert not Need.objects.exists() and not TrackingCode.objects.exists()


# ── embedded ──


@pytest.fixture
def point(world: Any) -> FormPoint:
    return actions.add_point(by=world.by("苏慕青"), name="官网首页", channel="web", kind="consultation")


def test_the_embedded_form_works_without_cookies(point: FormPoint):
    """In a foreign frame: no cookie comes back, no session is begun, any site may frame it; the signed nonce proves the form."""
    path = f"/p/f/{point.slug}/?embed=1"
    drawn = Client(enforce_csrf_checks=True).get(path)
    assert "frame-ancestors *" in drawn["Content-Security-Policy"] and "X-Frame-Options" not in drawn
    nonce = re.search(r'name="nonce" value="([^"]+)"', drawn.content.decode())[1]
    sent = Client(enforce_csrf_checks=True).post(path, filled(nonce=nonce))
    assert sent.status_code == 200 and settings.SESSION_COOKIE_NAME not in {**drawn.cookies, **sent.cookies}, sent.content.decode()
    need = Need.objects.select_related("matter").get()
    assert need.channel == "web" and need.matter.number in sent.content.decode()


def test_only_the_form_may_be_framed(raised: Visitor, point: FormPoint):
    for path in ("/p/", "/p/new/", f"/p/needs/{raised.number}/", "/sign-in/"):
        assert "frame-ancestors 'none'" in raised.get(path)["Content-Security-Policy"], path


def test_only_the_form_is_free_of_the_token(raised: Visitor):
    """S15: every other form wants its token."""
    here = f"/p/needs/{raised.number}/"
    for path in ("/p/", "/p/leave/", "/p/language/", here + "words/", here + "verdict/", here + "complaint/"):
        assert raised.client.post(path, {"text": "没有令牌"}).status_code == 403, path
    assert "没有令牌" not in raised.page()


def test_a_switched_off_point_is_gone(point: FormPoint, world: Any):
    path = f"/p/f/{point.slug}/"
    actions.switch_point(point, by=world.by("苏慕青"), active=False)
    assert Client().get(path).status_code == 404
    assert Client().post(path, filled(nonce=signing.dumps("n", salt="portal"))).status_code == 404
    actions.switch_point(point, by=world.by("苏慕青"), active=True)
    assert Client().get(path).status_code == 200
    assert queries.points() == [point]


def test_looking_writes_nothing(visitor: Visitor, point: FormPoint):
    """GET never writes: whatever stands in the address."""
    for path in (f"/p/new/?kind=consultation&body=x&agreed=on&nonce={signing.dumps('n', salt='portal')}", "/p/?number=2026-000001&code=ABCD", f"/p/f/{point.slug}/"):
        assert visitor.get(path).status_code == 200
    assert not Need.objects.exists() and not actions.Knock.objects.exists() and not TrackingCode.objects.exists()
