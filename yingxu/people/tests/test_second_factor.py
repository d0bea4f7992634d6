"""The second factor: taken up, asked for at the door, lost, given up (S9, S10, S11, S13)."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.matters.models import Entry
from yingxu.people import actions, queries, totp
from yingxu.people.models import Factor, RecoveryCode, Session, User

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
HERE = "/settings/me/security/"
APP = HERE + "app/"


def _secret(html: str) -> tuple[str, str]:
    """(sealed, secret) of the page that shows the QR code."""
    sealed = html.split('name="sealed" value="')[1].split('"')[0]
    return sealed, html.split('id="secret">')[1].split("<")[0].replace(" ", "")


def _now(secret: str, *, later: int = 0) -> str:
    return totp.code(secret, totp.step_at(clock.now()) + later)


def _enrol(client: Client, **more: str) -> tuple[str, list[str]]:
    """(secret, recovery codes) after the whole page."""
    sealed, secret = _secret(client.get(APP).content.decode())
    answer = client.post(APP, {"sealed": sealed, "code": _now(secret), "name": "手机", **({"secret": PASSWORD} | more)})
    assert answer.status_code == 200, answer.content.decode()
    return secret, [part.split("<")[0] for part in answer.content.decode().split("<code>")[1:]]


def _half(name: str = "shen", client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.post("/sign-in/", {"username": name, "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/second/"
    return client


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B (SHA-1, the last six of eight digits)."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.code(secret, seconds // 30) == code
    assert totp.matching(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30
    assert totp.matching(secret, code, datetime.fromtimestamp(seconds + 61, UTC)) is None


def test_it_is_taken_up_and_asked_for(signed, people):
    client = signed("shen")
    before = client.session.session_key
    secret, codes = _enrol(client)
    assert len(codes) == 10 and client.session.session_key != before and client.get(HERE).status_code == 200
    kept = Factor.objects.get()
    assert secret not in kept.sealed_secret and RecoveryCode.objects.count() == 10
    assert Entry.objects.filter(event="people.second_factor_added", actor_id=people.shen.pk).count() == 1

    half = _half()
    assert half.get(HERE).status_code == 302, "the password alone opens nothing"
    waiting = half.session.session_key
    done = half.post("/sign-in/second/", {"code": _now(secret, later=1)})
    assert done.headers["Location"] == "/" and half.session.session_key != waiting, "a new session id (S9)"
    assert half.get(HERE).status_code == 200


def test_the_page_asked_for_is_returned_to_after_the_second_step(signed):
    secret, _codes = _enrol(signed("shen"))
    client = Client()
    client.post("/sign-in/", {"username": "shen", "password": PASSWORD, "next": HERE})
    assert client.post("/sign-in/second/", {"code": _now(secret, later=1)}).headers["Location"] == HERE


def test_no_code_is_taken_twice(signed):
    secret, _codes = _enrol(signed("shen"))
    assert _half().post("/sign-in/second/", {"code": _now(secret)}).status_code == 422, "the one that took it up is used"
    assert _half().post("/sign-in/second/", {"code": _now(secret, later=1)}).status_code == 302
    assert _half().post("/sign-in/second/", {"code": _now(secret, later=1)}).status_code == 422


def test_too_many_wrong_codes_lock_and_a_right_password_forgives_none(signed):
    secret, _codes = _enrol(signed("shen"))
    for _ in range(5):
        assert _half().post("/sign-in/second/", {"code": "000000"}).status_code == 422
    assert _half().post("/sign-in/second/", {"code": _now(secret, later=1)}).status_code == 403


def test_the_half_way_ends(signed, people):
    secret, _codes = _enrol(signed("shen"))
    slow = _half()
    session = slow.session
    session["half"] = session["half"] | {"at": session["half"]["at"] - 601}
    session.save()
    assert slow.post("/sign-in/second/", {"code": _now(secret, later=1)}).headers["Location"] == "/sign-in/"
    changed = _half()
    actions.set_password(people.shen, "another-long-password", by=SYSTEM)
    assert changed.post("/sign-in/second/", {"code": _now(secret, later=1)}).headers["Location"] == "/sign-in/"
    assert Client().get("/sign-in/second/").headers["Location"] == "/sign-in/"


def test_a_recovery_code_is_good_once_and_the_owner_hears_of_it(signed, people):
    _secret_, codes = _enrol(signed("shen"))
    assert all(len(code.replace("-", "")) == 16 for code in codes), "78 bits (S13)"
    assert "恢复码" in _half().get("/sign-in/second/?recovery").content.decode()
    assert _half().post("/sign-in/second/?recovery", {"code": codes[0].lower()}).status_code == 302
    assert _half().post("/sign-in/second/?recovery", {"code": codes[0]}).status_code == 422
    fact = Entry.objects.get(event="people.recovery_code_used")
    assert fact.tell == [people.shen.pk] and fact.facts["left"] == 9


def test_new_recovery_codes_end_the_old_ones(signed):
    client = signed("shen")
    _secret_, old = _enrol(client)
    assert client.post(HERE + "codes/", {"secret": "wrong"}).status_code == 422
    answer = client.post(HERE + "codes/", {"secret": PASSWORD}).content.decode()
    fresh = [part.split("<")[0] for part in answer.split("<code>")[1:]]
    assert len(fresh) == 10 and not set(fresh) & set(old)
    assert _half().post("/sign-in/second/", {"code": old[0]}).status_code == 422


def test_a_secret_of_somebody_else_is_refused(signed, people):
    sealed, secret = _secret(signed("gu").get(APP).content.decode())
    answer = signed("shen").post(APP, {"sealed": sealed, "code": _now(secret), "secret": PASSWORD})
    assert answer.status_code == 422 and not Factor.objects.exists()


@pytest.mark.parametrize(("wrong", "said"), [({"code": "000000"}, "验证器"), ({"secret": "not-mine"}, "密码"), ({"code": ""}, None)])
def test_what_takes_up_none(signed, wrong, said):
    client = signed("shen")
    sealed, secret = _secret(client.get(APP).content.decode())
    answer = client.post(APP, {"sealed": sealed, "code": _now(secret), "name": "", "secret": PASSWORD} | wrong)
    assert answer.status_code == 422 and not Factor.objects.exists()
    assert said is None or said in answer.content.decode()
    assert sealed in answer.content.decode(), "the same code stays on screen"


# ── who needs one ──


@pytest.fixture
def demanded(people):
    return actions.set_sign_in_rules(by=SYSTEM, demanded=True)


@pytest.mark.parametrize("name", ["fang", "shen"])
def test_administrators_and_who_may_see_graded_things_need_one(people, demanded, name):
    """S10: nothing else opens before it is taken up."""
    User.objects.filter(username="shen").update(clearance=2)
    client = Client()
    assert client.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 302
    for path in ("/", HERE, "/settings/people/", "/settings/me/"):
        assert client.get(path).headers["Location"] == APP
    sealed, secret = _secret(client.get(APP).content.decode())
    assert client.post(APP, {"sealed": sealed, "code": _now(secret)}).status_code == 200
    assert client.get(HERE).status_code == 200


def test_others_need_none_and_the_company_may_ask_more(people, demanded):
    client = Client()
    client.post("/sign-in/", {"username": "gu", "password": PASSWORD})
    assert client.get(HERE).status_code == 200
    actions.set_sign_in_rules(by=SYSTEM, factor_from=0)
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": "gu", "password": PASSWORD})
    assert client.get(HERE).headers["Location"] == APP


def test_the_last_one_stays_while_it_is_demanded(signed, people):
    client = signed("fang")
    _enrol(client)
    factor = Factor.objects.get()
    path = f"{HERE}factors/{factor.pk}/remove/"
    actions.set_sign_in_rules(by=SYSTEM, demanded=True)
    answer = client.post(path, {"secret": PASSWORD})
    assert answer.status_code == 422 and "再添加一种" in answer.content.decode()
    actions.set_sign_in_rules(by=SYSTEM, demanded=False)
    assert client.post(path, {"secret": "wrong"}).status_code == 422 and Factor.objects.exists()
    assert client.post(path, {"secret": PASSWORD}).status_code == 302
    assert not Factor.objects.exists() and not RecoveryCode.objects.exists()


def test_nobody_removes_anothers(signed):
    _enrol(signed("shen"))
    assert signed("gu").post(f"{HERE}factors/{Factor.objects.get().pk}/remove/", {"secret": PASSWORD}).status_code == 404
    assert Factor.objects.count() == 1


def test_other_sessions_end_when_one_is_taken_up(signed, people):
    """S9."""
    elsewhere, here = signed("shen"), signed("shen")
    _enrol(here)
    assert elsewhere.get(HERE).status_code == 302 and Session.objects.filter(user=people.shen).count() == 1


# ── proving it again ──


def test_proving_it_again(signed, people):
    client = signed("shen")
    secret, _codes = _enrol(client)
    by = queries.actor(people.shen)
    actions.prove_again(PASSWORD, by=by, peer="10.0.0.1")
    actions.prove_again(_now(secret, later=1), by=by, peer="10.0.0.1")
    with pytest.raises(Invalid) as refusal:
        actions.prove_again(_now(secret, later=1), by=by, peer="10.0.0.1")
    assert "secret" in refusal.value.fields
    for _ in range(4):
        with pytest.raises(Invalid):
            actions.prove_again("wrong", by=by, peer="10.0.0.1")
    with pytest.raises(NotAllowed):
        actions.prove_again(PASSWORD, by=by, peer="10.0.0.1")


def test_proving_it_gives_the_session_a_new_id(signed):
    client = signed("shen")
    _enrol(client)
    before = client.session.session_key
    client.post(HERE + "codes/", {"secret": PASSWORD})
    assert client.session.session_key != before and client.cookies[settings.SESSION_COOKIE_NAME].value != before


