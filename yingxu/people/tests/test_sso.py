"""Signing in with a provider (U5): only an answer to this browser's own question, signed by a published key, for a linked account (S9, S10, S19)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.matters.models import Entry
from yingxu.people import actions, oidc
from yingxu.people.models import Factor, LinkedAccount, Provider, User

from .conftest import PASSWORD
from .provider import LocalProvider, local_provider

pytestmark = pytest.mark.django_db
HERE = "/settings/me/security/"


@pytest.fixture
def theirs(settings: Any) -> Any:
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with local_provider() as made:
        yield made


def _trusted(theirs: LocalProvider, **more: Any) -> Provider:
    given = {"name": "海棠统一认证", "issuer": theirs.issuer, "client_id": theirs.client_id, "secret": theirs.secret, **more}
    change = actions.propose_provider(Provider.objects.filter(issuer=theirs.issuer).first(), by=SYSTEM, **given)
    assert change.state == "done"
    return Provider.objects.get(issuer=theirs.issuer)


@pytest.fixture
def provider(people: SimpleNamespace, theirs: LocalProvider) -> Provider:
    """Trusted, and its subject u-1001 is shen."""
    made = _trusted(theirs)
    actions.propose_link(people.shen, made, "u-1001", by=SYSTEM)
    return made


def _there(answer: Any) -> dict[str, str]:
    """What the browser is sent to the provider with."""
    assert answer.status_code == 200, answer.content.decode()
    address = answer.content.decode().split('content="0; url=')[1].split('"')[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _begin(client: Client, provider: Provider, to: str = "") -> dict[str, str]:
    return _there(client.post(f"/sign-in/with/{provider.pk}/", {"next": to}))


def _come(client: Client, provider: Provider, theirs: LocalProvider, to: str = "") -> Any:
    """The whole way, as a browser goes it."""
    return client.get(theirs.authorize(_begin(client, provider, to)))


def _out(client: Client) -> bool:
    return client.get(HERE).status_code == 302


# ── the good way ──


def test_a_linked_person_comes_in_where_they_were_going(provider, theirs, people):
    client = Client()
    asked = _begin(client, provider, "/settings/me/")
    assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
    waiting = client.session.session_key
    answer = client.get(theirs.authorize(asked))
    assert answer.status_code == 302 and answer.headers["Location"] == "/settings/me/"
    assert client.session.session_key != waiting, "a new session id (S9)"
    assert not _out(client)
    assert Entry.objects.get(event="people.provider_signed_in").actor_id == people.shen.pk
    assert "海棠统一认证" in client.get(HERE).content.decode()
    assert LinkedAccount.objects.get().used_at is not None


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_way_leads_elsewhere(provider, theirs, to):
    assert _come(Client(), provider, theirs, to).headers["Location"] == "/"


def test_the_button_is_there_and_goes_on_without_a_form_redirect(provider):
    """form-action 'self' stops a form that is answered with a redirect to elsewhere."""
    assert "用海棠统一认证登录" in Client().get("/sign-in/").content.decode()
    answer = Client().post(f"/sign-in/with/{provider.pk}/")
    assert answer.status_code == 200 and "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert Client().get(f"/sign-in/with/{provider.pk}/").status_code == 405, "a GET writes nothing"


def test_several_tabs_may_be_open(provider, theirs):
    client = Client()
    first, second = _begin(client, provider), _begin(client, provider, "/settings/me/")
    assert client.get(theirs.authorize(second)).headers["Location"] == "/settings/me/"
    assert client.get(theirs.authorize(first)).status_code == 422, "whoever is in asked for nothing more"


# ── what is not believed ──


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"aud": ["yingxu", "other"]}, {"azp": "other"}, {"iss": "https://evil.example"},
        {"exp": 1_000_000_000}, {"exp": None}, {"exp": True}, {"iat": 1_000_000_000}, {"iat": 9_000_000_000}, {"iat": None}, {"nbf": 9_000_000_000}, {"sub": ""},
        {"sub": None}, {"sub": 7}, {"nonce": 7},
    ],
)  # fmt: skip
def test_claims_that_do_not_fit(provider, theirs, claims):
    theirs.claims = claims
    client = Client()
    answer = _come(client, provider, theirs)
    named = "azp" if isinstance(claims.get("aud"), list) else next(iter(claims))
    assert answer.status_code == 422 and f"({named})" in answer.content.decode().replace("（", "(").replace("）", ")") and _out(client)


@pytest.mark.parametrize("way", ["unsigned", "with_public_key", "with_its_secret"])
def test_algorithms_that_anybody_could_sign_with(provider, theirs, way):
    theirs.signs = getattr(theirs, way)
    client = Client()
    answer = _come(client, provider, theirs)
    assert answer.status_code == 422 and "签名" in answer.content.decode() and _out(client)


def test_a_shared_secret_among_the_published_keys_is_none(provider, theirs):
    theirs.published = [{"kty": "oct", "kid": "k0", "k": "c2VjcmV0"}]
    with pytest.raises(Invalid):
        oidc.keys(theirs.issuer + "/keys")


def test_a_foreign_key_with_the_right_name(provider, theirs):
    _come(Client(), provider, theirs)  # its keys are known now
    theirs.turn_key("k1")
    client = Client()
    assert _come(client, provider, theirs).status_code == 422 and _out(client)


def test_a_turned_key_is_asked_for_and_not_again_and_again(provider, theirs):
    assert _come(Client(), provider, theirs).status_code == 302
    theirs.turn_key("k2")
    asked = theirs.asked.count("/keys")
    assert _come(Client(), provider, theirs).status_code == 422 and theirs.asked.count("/keys") == asked, "looked at a moment ago"
    Provider.objects.update(keys_at=clock.now() - timedelta(seconds=61))
    assert _come(Client(), provider, theirs).status_code == 302


@pytest.mark.parametrize("state", ["", "made-up"])
def test_an_answer_nobody_asked_for(provider, theirs, state):
    client = Client()
    asked = _begin(client, provider)
    answer = client.get(f"/sign-in/with/{provider.pk}/back/", {"code": "x", "state": state})
    assert answer.status_code == 422 and "不是这个浏览器" in answer.content.decode()
    other = Client()
    assert other.get(theirs.authorize(asked)).status_code == 422 and _out(other), "the answer belongs to the browser that asked"


def test_an_answer_is_good_once(provider, theirs):
    client = Client()
    address = theirs.authorize(_begin(client, provider))
    assert client.get(address).status_code == 302
    client.post("/sign-out/")
    assert client.get(address).status_code == 422 and _out(client)
    asked = _begin(client, provider)
    again = theirs.authorize(asked).replace("code-1", "code-0")
    assert client.get(again).status_code == 422 and _out(client), "a code of before, under a new question"


def test_an_answer_that_comes_late_or_from_another_provider(provider, theirs):
    client = Client()
    address = theirs.authorize(_begin(client, provider))
    assert client.get(address.replace("iss=", "iss=x")).status_code == 422
    address = theirs.authorize(_begin(client, provider))
    session = client.session
    session["sso"] = [row | {"at": row["at"] - 601} for row in session["sso"]]
    session.save()
    assert client.get(address).status_code == 422 and _out(client)


def test_the_provider_refuses(provider):
    client = Client()
    asked = _begin(client, provider)
    answer = client.get(f"/sign-in/with/{provider.pk}/back/", {"error": "access_denied", "error_description": "<b>x</b>", "state": asked["state"]})
    assert answer.status_code == 403 and "<b>x" not in answer.content.decode() and _out(client)


def test_a_provider_that_hangs_is_given_up(provider, theirs, monkeypatch):
    monkeypatch.setattr(oidc, "SECONDS", 0.3)
    client = Client()
    asked = _begin(client, provider)
    theirs.token_way = "hang"
    answer = client.get(theirs.authorize(asked))
    assert answer.status_code == 422 and "无法连接" in answer.content.decode() and _out(client)


# ── who comes in ──


def test_nobody_is_made(provider, theirs):
    theirs.subject = "stranger"
    client = Client()
    many = User.objects.count()
    answer = _come(client, provider, theirs)
    assert answer.status_code == 403 and "关联" in answer.content.decode() and _out(client) and User.objects.count() == many


def test_who_left_does_not_come_in(provider, theirs, people):
    actions.deactivate_user(people.shen, by=SYSTEM)
    client = Client()
    assert _come(client, provider, theirs).status_code == 403 and _out(client)


def test_a_provider_switched_off_opens_nothing(provider, theirs):
    client = Client()
    address = theirs.authorize(_begin(client, provider))
    actions.switch_off_provider(provider, by=SYSTEM)
    assert client.get(address).status_code == 404 and _out(client)
    assert "海棠统一认证" not in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("name", "trusts", "claims", "comes"),
    [
        ("gu", True, {"email_verified": True}, True), ("gu", False, {"email_verified": True}, False), ("gu", True, {"email_verified": False}, False),
        ("gu", True, {"email_verified": "true"}, False), ("gu", True, {}, False), ("fang", True, {"email_verified": True}, False),
    ],
)  # fmt: skip
def test_by_address_only_when_verified_trusted_and_no_administrator(people, theirs, name, trusts, claims, comes):
    made = _trusted(theirs, trusts_email=trusts)
    User.objects.filter(username=name).update(email="someone@example.com")
    theirs.claims = {"email": "Someone@example.com", **claims}
    client = Client()
    assert _come(client, made, theirs).status_code == (302 if comes else 403) and _out(client) is not comes
    assert LinkedAccount.objects.count() == comes
    if comes:
        assert Entry.objects.get(event="people.account_linked").tell == [people.gu.pk], "the owner hears of it"


def test_two_with_one_address_are_nobody(people, theirs):
    made = _trusted(theirs, trusts_email=True)
    User.objects.filter(username__in=["gu", "shen"]).update(email="team@example.com")
    theirs.claims = {"email": "team@example.com", "email_verified": True}
    assert _come(Client(), made, theirs).status_code == 403


@pytest.mark.parametrize(("said", "asked_again"), [({}, True), ({"amr": ["pwd"]}, True), ({"amr": ["pwd", "otp"]}, False), ({"acr": "urn:two"}, False), ({"amr": "otp"}, True)])
def test_the_second_factor_counts_where_it_was_agreed(people, theirs, said, asked_again):
    made = _trusted(theirs, factor_values="otp, urn:two")
    actions.propose_link(people.shen, made, "u-1001", by=SYSTEM)
    Factor.objects.create(user=people.shen, kind="totp", name="手机", sealed_secret="x", added_at=clock.now())
    theirs.claims = said
    client = Client()
    assert _come(client, made, theirs, "/settings/me/").headers["Location"] == ("/sign-in/second/" if asked_again else "/settings/me/")
    assert _out(client) is asked_again


def test_who_needs_a_second_factor_takes_one_up_unless_it_was_asked_for_there(people, theirs):
    made = _trusted(theirs, factor_values="otp")
    actions.propose_link(people.fang, made, "u-1001", by=SYSTEM)
    actions.set_sign_in_rules(by=SYSTEM, demanded=True)
    client = Client()
    _come(client, made, theirs)
    assert client.get(HERE).headers["Location"] == HERE + "app/"
    theirs.claims = {"amr": ["otp"]}
    client = Client()
    _come(client, made, theirs)
    assert client.get(HERE).status_code == 200


def test_a_password_somebody_else_made_is_no_hindrance(provider, theirs, people):
    User.objects.filter(pk=people.shen.pk).update(password_due=True)
    client = Client()
    _come(client, provider, theirs)
    assert client.get(HERE).status_code == 200


# ── linking ──


def _link(client: Client, provider: Provider, theirs: LocalProvider, secret: str = PASSWORD) -> Any:
    answer = client.post(f"{HERE}with/{provider.pk}/", {"secret": secret})
    return answer if answer.status_code != 200 else client.get(theirs.authorize(_there(answer)))


def test_one_links_ones_own_account_and_removes_it(people, theirs, signed):
    made = _trusted(theirs)
    client = signed("gu")
    assert _link(client, made, theirs, "wrong").status_code == 422 and not LinkedAccount.objects.exists()
    assert _link(client, made, theirs).headers["Location"] == HERE + "?saved=1"
    link = LinkedAccount.objects.get()
    assert (link.user_id, link.how) == (people.gu.pk, "self") and link.subject == "u-1001"
    assert signed("shen").post(f"{HERE}accounts/{link.pk}/remove/", {"secret": PASSWORD}).status_code == 404
    assert client.post(f"{HERE}accounts/{link.pk}/remove/", {"secret": PASSWORD}).status_code == 302 and not LinkedAccount.objects.exists()
    assert [e.tell for e in Entry.objects.filter(event__in=["people.account_linked", "people.account_unlinked"])] == [[people.gu.pk]] * 2


def test_an_account_is_one_persons(provider, theirs, people, signed):
    assert _link(signed("gu"), provider, theirs).status_code == 422
    assert LinkedAccount.objects.get().user_id == people.shen.pk


def test_a_link_begun_by_one_is_not_finished_by_another(people, theirs, signed):
    made = _trusted(theirs)
    client = signed("gu")
    address = theirs.authorize(_there(client.post(f"{HERE}with/{made.pk}/", {"secret": PASSWORD})))
    actions.set_password(people.gu, "another-long-password", by=SYSTEM)
    assert client.get(address).status_code == 422 and not LinkedAccount.objects.exists()


# ── signing out, and passwords switched off ──


def test_signing_out_ends_it_there_too(provider, theirs):
    client = Client()
    _come(client, provider, theirs)
    said = _there(client.post("/sign-out/"))
    assert said["client_id"] == "yingxu" and said["post_logout_redirect_uri"] == "http://testserver/sign-in/" and said["id_token_hint"].count(".") == 2
    assert _out(client)


def test_the_id_token_is_kept_sealed(provider, theirs):
    client = Client()
    _come(client, provider, theirs)
    assert "eyJ" not in str(dict(client.session.items()))


def test_passwords_of_linked_people_may_be_switched_off(provider, theirs, people):
    actions.propose_link(people.fang, provider, "boss", by=SYSTEM)
    actions.set_sign_in_rules(by=SYSTEM, only_linked=True)
    tried = {name: Client().post("/sign-in/", {"username": name, "password": PASSWORD}) for name in ("shen", "gu", "fang")}
    assert [answer.status_code for answer in tried.values()] == [403, 302, 302], "who is not linked, and administrators, keep theirs"
    assert "海棠统一认证" in tried["shen"].content.decode()
    assert Client().post("/sign-in/", {"username": "shen", "password": "wrong"}).status_code == 422, "only who knows it learns so"
    actions.switch_off_provider(provider, by=SYSTEM)
    assert Client().post("/sign-in/", {"username": "shen", "password": PASSWORD}).status_code == 302
