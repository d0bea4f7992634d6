"""Passkeys: taken up, as second step, and alone (S9, S10, S12); what a device may not answer."""

from typing import Any

import pytest
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters.models import Entry
from yingxu.people import actions
from yingxu.people.models import Factor, RecoveryCode

from .conftest import PASSWORD
from .device import SoftDevice

pytestmark = pytest.mark.django_db
HERE = "/settings/me/security/"
NEW = HERE + "passkey/"


def _question(client: Client, path: str, **given: str) -> dict[str, Any]:
    answer = client.post(path + "options/", given)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def _add(client: Client, device: SoftDevice, name: str = "笔记本") -> Any:
    return client.post(NEW, {"name": name, "answer": device.make(_question(client, NEW, secret=PASSWORD))})


def _alone(device: SoftDevice, client: Client | None = None, **more: str) -> Any:
    client = client or Client()
    return client.post("/sign-in/passkey/", {"answer": device.use(_question(client, "/sign-in/passkey/")), **more})


def _half(name: str = "shen") -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": name, "password": PASSWORD}).headers["Location"] == "/sign-in/second/"
    return client


@pytest.fixture
def device(signed: Any) -> SoftDevice:
    """shen's, taken up on the page."""
    made = SoftDevice()
    answer = _add(signed("shen"), made)
    assert answer.status_code == 200, answer.content.decode()
    return made


def test_it_is_taken_up_and_is_a_second_factor(device, people):
    kept = Factor.objects.get()
    assert (kept.user_id, kept.kind, kept.name, bytes(kept.credential)) == (people.shen.pk, "passkey", "笔记本", device.id)
    assert RecoveryCode.objects.count() == 10 and Entry.objects.filter(event="people.second_factor_added").count() == 1
    half = _half()
    assert "passkeys" in half.get("/sign-in/second/").content.decode()
    answer = half.post("/sign-in/second/passkey/", {"answer": device.use(_question(half, "/sign-in/second/passkey/"))})
    assert answer.headers["Location"] == "/" and half.get(HERE).status_code == 200
    assert Factor.objects.get().counter == 1 and Factor.objects.get().used_at is not None


def test_it_opens_alone_and_asks_for_nothing_more(device, people):
    actions.set_sign_in_rules(by=SYSTEM, demanded=True, factor_from=0)
    client = Client()
    assert _alone(device, client, next="/settings/me/").headers["Location"] == "/settings/me/"
    assert client.get(HERE).status_code == 200
    assert Entry.objects.get(event="people.passkey_signed_in").actor_id == people.shen.pk
    assert _alone(device, next="https://evil.example/").headers["Location"] == "/"


def test_several_have_names_and_one_is_removed(device, signed):
    client = Client()
    _alone(device, client)
    second = SoftDevice()
    assert _add(client, second, "手机").status_code == 302
    page = client.get(HERE).content.decode()
    assert "笔记本" in page and "手机" in page
    gone = Factor.objects.get(name="笔记本")
    assert client.post(f"{HERE}factors/{gone.pk}/remove/", {"secret": PASSWORD}).status_code == 302
    assert _alone(device).status_code == 422 and _alone(second).status_code == 302


def test_it_is_taken_up_only_by_whoever_proves_who_they_are(signed):
    client = signed("shen")
    refused = client.post(NEW + "options/", {"secret": "wrong"})
    assert refused.status_code == 422 and "密码" in refused.json()["said"]
    assert client.post(NEW, {"answer": "{}"}).status_code == 422 and not Factor.objects.exists()


def test_an_administrator_who_needs_a_factor_may_take_a_passkey(people):
    actions.set_sign_in_rules(by=SYSTEM, demanded=True)
    client, device = Client(), SoftDevice()
    client.post("/sign-in/", {"username": "fang", "password": PASSWORD})
    assert client.get(HERE).headers["Location"] == HERE + "app/"
    assert client.post(NEW, {"answer": device.make(_question(client, NEW))}).status_code == 200
    assert client.get(HERE).status_code == 200


@pytest.mark.parametrize("wrong", ["origin", "party", "verified", "challenge", "garbage", "key"])
def test_what_a_device_may_not_answer(device, wrong):
    client, other = Client(), Client()
    question = _question(client, "/sign-in/passkey/")
    if wrong == "origin":
        device.origin = "https://testserver.evil.example"
    elif wrong == "party":
        device.party = "evil.example"
    elif wrong == "verified":
        device.verifies = False
    elif wrong == "challenge":
        question = _question(other, "/sign-in/passkey/")
    elif wrong == "key":
        device.key = SoftDevice().key
    answer = client.post("/sign-in/passkey/", {"answer": "[" * 9000 if wrong == "garbage" else device.use(question)})
    assert answer.status_code == 422 and client.get(HERE).status_code == 302


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"verifies": False}])
def test_what_is_not_taken_up(signed, wrong):
    assert _add(signed("shen"), SoftDevice(**wrong)).status_code == 422 and not Factor.objects.exists()


def test_an_answer_is_good_once(device):
    client = Client()
    answer = device.use(_question(client, "/sign-in/passkey/"))
    assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 302
    client.post("/sign-out/")
    assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 422
    _question(client, "/sign-in/passkey/")
    assert client.post("/sign-in/passkey/", {"answer": answer}).status_code == 422 and client.get(HERE).status_code == 302


def test_one_that_counts_backwards_was_copied(device):
    assert _alone(device).status_code == 302
    device.counter = 0
    refused = _alone(device)
    assert refused.status_code == 422 and "复制" in refused.content.decode()


def test_an_old_question_is_not_answered(device):
    client = Client()
    question = _question(client, "/sign-in/passkey/")
    session = client.session
    session["passkey"] = session["passkey"] | {"at": session["passkey"]["at"] - 301}
    session.save()
    assert client.post("/sign-in/passkey/", {"answer": device.use(question)}).status_code == 422


def test_a_passkey_of_somebody_else_is_no_second_step(device, signed):
    theirs = SoftDevice()
    _add(signed("gu"), theirs)
    half = _half()
    assert half.post("/sign-in/second/passkey/", {"answer": theirs.use(_question(half, "/sign-in/second/passkey/"))}).status_code == 422
    assert half.get(HERE).status_code == 302


def test_who_left_does_not_come_in(device, people):
    actions.deactivate_user(people.shen, by=SYSTEM)
    assert _alone(device).status_code == 422


def test_nobody_half_in_is_asked_nothing(people):
    assert Client().post("/sign-in/second/passkey/options/").status_code == 422
    assert Client().post("/sign-in/second/passkey/", {"answer": "{}"}).status_code == 422


def test_a_second_one_cannot_be_the_same(device):
    client = Client()
    _alone(device, client)
    assert _add(client, device).status_code == 422 and Factor.objects.count() == 1
    assert Factor.objects.get().added_at <= clock.now()


AGAIN = HERE + "again/"


def test_whether_it_is_still_you_a_passkey_says_too(device, people):
    """S9: before new codes are made, a passkey does what the password does; its answer is good once, and only for this."""
    client = Client()
    _alone(device, client)
    assert 'data-passkey="get"' in client.get(HERE + "codes/").content.decode()
    old, key = set(RecoveryCode.objects.values_list("pk", flat=True)), client.session.session_key
    answer = device.use(_question(client, AGAIN))
    assert client.post(HERE + "codes/", {"answer": answer}).status_code == 200
    assert not old & set(RecoveryCode.objects.values_list("pk", flat=True)) and client.session.session_key != key
    assert client.post(HERE + "codes/", {"answer": answer}).status_code == 422
    assert client.post(HERE + "codes/", {"answer": device.use(_question(client, "/sign-in/passkey/"))}).status_code == 422
    assert client.post(HERE + "codes/", {"secret": ""}).status_code == 422


def test_a_passkey_of_somebody_else_does_not_say_it_is_you(device, signed, people):
    theirs, client = SoftDevice(), Client()
    assert _add(signed("gu"), theirs).status_code == 200
    _alone(device, client)
    refused = client.post(HERE + "codes/", {"answer": theirs.use(_question(client, AGAIN))})
    assert refused.status_code == 422 and RecoveryCode.objects.filter(user=people.shen).count() == 10


def test_without_a_passkey_there_is_nothing_to_ask(signed):
    client = signed("gu")
    assert client.post(AGAIN + "options/").status_code == 422 and 'data-passkey="get"' not in client.get(HERE + "codes/").content.decode()
