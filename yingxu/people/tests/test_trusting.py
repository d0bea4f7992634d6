"""Whom we believe at the door takes two people (U5, S8, S19); the settings of providers and of linked accounts."""

from types import SimpleNamespace
from typing import Any

import pytest

from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.matters.models import Entry
from yingxu.people import actions, queries
from yingxu.people.models import LinkedAccount, Provider, Role, RoleChange, User

from .provider import LocalProvider, local_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(settings: Any) -> Any:
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with local_provider() as made:
        yield made


def _trusted(theirs: LocalProvider) -> Provider:
    actions.propose_provider(None, by=SYSTEM, name="海棠统一认证", issuer=theirs.issuer, client_id=theirs.client_id, secret=theirs.secret)
    return Provider.objects.get(issuer=theirs.issuer)


@pytest.fixture
def provider(people: SimpleNamespace, theirs: LocalProvider) -> Provider:
    """Trusted, and its subject u-1001 is shen."""
    made = _trusted(theirs)
    actions.propose_link(people.shen, made, "u-1001", by=SYSTEM)
    return made


@pytest.fixture
def two(people: SimpleNamespace) -> SimpleNamespace:
    actions.grant(people.gu, Role.objects.get(code="manager"), by=SYSTEM)
    people.by = {name: queries.actor(User.objects.get(username=name)) for name in ("fang", "shen", "gu")}
    return people


def test_a_provider_is_believed_when_another_agrees(two, theirs):
    given = {"name": "认证", "issuer": theirs.issuer, "client_id": "yingxu", "secret": "s3cret-of-ours"}
    change = actions.propose_provider(None, by=two.by["fang"], **given)
    assert change.state == "waiting" and not Provider.objects.exists() and "s3cret" not in str(change.wanted)
    with pytest.raises(NotAllowed):
        actions.agree(change, by=two.by["fang"])
    actions.agree(change, by=two.by["gu"])
    made = Provider.objects.get()
    assert made.secret == "s3cret-of-ours" and "s3cret" not in made.sealed_secret
    assert "sealed_secret" not in RoleChange.objects.get(pk=change.pk).wanted
    kept = actions.propose_provider(made, by=two.by["fang"], **{**given, "secret": "", "name": "统一认证"})
    actions.agree(kept, by=two.by["gu"])
    assert Provider.objects.get().secret == "s3cret-of-ours" and Provider.objects.get().name == "统一认证"


def test_a_link_made_for_somebody_takes_two_and_they_are_told(two, theirs):
    made = _trusted(theirs)
    change = actions.propose_link(two.shen, made, "u-1001", by=two.by["fang"])
    assert not LinkedAccount.objects.exists()
    actions.agree(change, by=two.by["gu"])
    assert LinkedAccount.objects.get().how == "office" and Entry.objects.get(event="people.account_linked").tell == [two.shen.pk]


def test_another_issuer_knows_other_people(provider, theirs, settings):
    with local_provider() as other:
        change = actions.propose_provider(provider, by=SYSTEM, name="x", issuer=other.issuer, client_id="yingxu")
        assert change.state == "done" and not LinkedAccount.objects.exists()


@pytest.mark.parametrize("issuer", ["http://10.1.2.3", "https://169.254.169.254", "ftp://x.example", "https://u:p@x.example"])
def test_issuers_that_are_not_called(people, issuer, settings):
    """S19."""
    settings.OUTBOUND_NETWORKS = []
    with pytest.raises(Invalid):
        actions.propose_provider(None, by=SYSTEM, name="x", issuer=issuer, client_id="y")


@pytest.mark.parametrize(
    "found", [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "http://169.254.169.254/keys"}, {"authorization_endpoint": "javascript:alert(1)"}]
)
def test_what_a_provider_may_not_say_of_itself(provider, theirs, found):
    theirs.found = found
    with pytest.raises(Invalid):
        actions.try_provider(provider, by=SYSTEM)


def test_the_pages_of_the_settings(provider, theirs, manager, people, signed):
    home = "/settings/single-sign-on/"
    assert "海棠统一认证" in manager.get(home).content.decode()
    page = manager.get(f"{home}{provider.pk}/").content.decode()
    assert f"http://testserver/sign-in/with/{provider.pk}/back/" in page and "shared" not in page, "the secret is never shown"
    assert theirs.issuer + "/token" in manager.post(f"{home}{provider.pk}/try/").content.decode()
    theirs.found = {"issuer": "https://other.example"}
    assert "other.example" in manager.post(f"{home}{provider.pk}/try/").content.decode()
    bad = manager.post(home + "new/", {"name": "x", "issuer": "http://10.9.9.9", "client_id": "y"})
    assert bad.status_code == 422 and "10.9.9.9" in bad.content.decode()
    accounts = f"/settings/people/{people.shen.pk}/accounts/"
    assert "u-1001" in manager.get(accounts).content.decode()
    assert manager.post(accounts + "remove/", {"link": LinkedAccount.objects.get().pk}).status_code == 302 and not LinkedAccount.objects.exists()
    assert manager.post(accounts, {"provider": provider.pk, "subject": "u-7"}).status_code == 302 and LinkedAccount.objects.get().subject == "u-7"
    assert manager.post(f"{home}{provider.pk}/off/").status_code == 302 and not Provider.objects.get().on
    for path in (home, home + "new/", f"{home}{provider.pk}/", accounts):
        assert signed("shen").get(path).status_code == 403
