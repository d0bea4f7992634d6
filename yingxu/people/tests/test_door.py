"""Who gets in, for how long, and what a stranger learns (S2, S9–S12)."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters.models import Entry
from yingxu.people import actions
from yingxu.people.models import KnownDevice, Session, SignInAttempt, User
from yingxu.people.sessions import row_key

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
HERE = "/settings/me/"


def _try(username: str, password: str, client: Client | None = None, peer: str = "10.0.0.1", **more):
    return (client or Client()).post("/sign-in/", {"username": username, "password": password}, REMOTE_ADDR=peer, **more)


def _later(client: Client, **changed: float) -> None:
    """Move the times in a browser's session into the past."""
    session = client.session
    for name, seconds in changed.items():
        session[name] -= seconds
    session.save()


# ── in and out ──


def test_signs_in_with_a_new_session_and_out_again(people):
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    before = session.session_key
    assert _try("SHEN", PASSWORD, client).headers["Location"] == "/"
    assert client.session.session_key != before and "planted" not in client.session
    assert not Session.objects.filter(pk=row_key(before)).exists(), "the old session is worth nothing"
    assert client.get(HERE).status_code == 200

    gone = client.post("/sign-out/")
    assert gone.headers["Location"] == "/sign-in/" and "cache" in gone.headers["Clear-Site-Data"]
    assert client.get(HERE).status_code == 302 and not Session.objects.exists()


def test_sign_out_only_by_post(signed):
    assert signed("shen").get("/sign-out/").status_code == 405


def test_a_page_asked_for_is_returned_to(people):
    away = Client().get("/settings/me/?a=1")
    assert away.headers["Location"] == "/sign-in/?next=/settings/me/%3Fa%3D1"
    done = Client().post("/sign-in/", {"username": "shen", "password": PASSWORD, "next": "/settings/me/?a=1"})
    assert done.headers["Location"] == "/settings/me/?a=1"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil", "http:///x"])
def test_nobody_is_sent_elsewhere(people, to):
    done = Client().post("/sign-in/", {"username": "shen", "password": PASSWORD, "next": to})
    assert done.headers["Location"] == "/"
    assert to.encode() not in Client().get("/sign-in/", {"next": to}).content


def test_htmx_is_told_to_go_and_sign_in(people):
    answer = Client().get(HERE, headers={"HX-Request": "true", "HX-Current-URL": "/needs/?x=1"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == "/sign-in/?next=/needs/%3Fx%3D1"


# ── what a stranger learns ──


def test_the_same_answer_for_unknown_names_wrong_passwords_and_who_left(people):
    User.objects.filter(pk=people.gu.pk).update(is_active=False)
    said = {_try(name, "wrong-but-long-enough", peer=f"10.0.0.{n}").content for n, name in enumerate(("shen", "gu", "nobody"))}
    plain = {_without_secrets(body.decode()).replace("gu", "x").replace("shen", "x").replace("nobody", "x") for body in said}
    assert len(plain) == 1
    assert _try("gu", PASSWORD).status_code == 422, "who left cannot sign in with the right one either"


def _without_secrets(html: str) -> str:
    import re

    return re.sub(r'(value="|Token": ")[A-Za-z0-9]{64}', "", html)


def test_nobody_can_sign_in_before_there_is_anybody(db):
    """S12: no default accounts; the page says what to do on the server."""
    assert not User.objects.exists()
    for name in ("admin", "root", "yingxu"):
        answer = _try(name, name)
        assert answer.status_code == 503 and "yingxu init" in answer.content.decode()
    assert not SignInAttempt.objects.exists()


# ── throttling ──


TRIES = 5  # what a fresh company says


def _wrong(times: int, **more) -> None:
    for _ in range(times):
        assert _try("shen", "wrong", **more).status_code == 422


def test_five_wrong_from_one_place_are_enough(people):
    _wrong(TRIES)
    blocked = _try("shen", PASSWORD)
    assert blocked.status_code == 403 and "等 1 分钟" in blocked.content.decode()
    assert _try("shen", PASSWORD, peer="10.9.9.9").status_code == 302, "a stranger cannot lock the owner out"
    assert _try("gu", PASSWORD).status_code == 302, "nor anybody else"
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert _try("shen", PASSWORD).status_code == 302, "it ends by itself"


def test_the_lock_grows(people):
    """S11: each further wrong password doubles it, up to an hour."""
    _wrong(TRIES)
    moment, waits = clock.now(), []
    for _n in range(9):
        for minutes in (1, 2, 4, 8, 16, 32, 60):
            with clock.at(moment + timedelta(minutes=minutes, seconds=1)):
                answer = _try("shen", "wrong")
            if answer.status_code == 422:
                waits.append(minutes)
                moment += timedelta(minutes=minutes, seconds=1)
                break
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_asking_while_blocked_does_not_prolong_it(people):
    for _ in range(TRIES + 20):
        _try("shen", "wrong")
    assert SignInAttempt.objects.count() == TRIES


def test_a_good_sign_in_forgives_earlier_slips(people):
    for _ in range(2):
        _wrong(TRIES - 1)
        assert _try("shen", PASSWORD).status_code == 302


def test_the_owners_device_counts_by_itself(people):
    """S11: whatever strangers do, from however many places, the owner comes in with a browser used before."""
    mine = Client()
    assert _try("shen", PASSWORD, mine).status_code == 302
    mine.post("/sign-out/")
    rows = [SignInAttempt(account="shen", peer=f"10.1.{n}.1", at=timezone.now(), ok=False) for n in range(actions.PER_ACCOUNT)]
    SignInAttempt.objects.bulk_create(rows + [SignInAttempt(account="shen", peer="10.0.0.1", at=timezone.now(), ok=False)] * 9)
    assert _try("shen", PASSWORD, peer="10.7.0.1").status_code == 403, "a browser nobody knows waits"
    assert _try("shen", PASSWORD, mine).status_code == 302
    mine.post("/sign-out/")
    _wrong(TRIES, client=mine)
    assert _try("shen", PASSWORD, mine).status_code == 403, "a device that was stolen is stopped too"


def test_the_cookie_of_a_device_opens_nothing(people):
    mine = Client()
    _try("shen", PASSWORD, mine)
    cookie = mine.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and len(cookie.value) >= 22
    assert KnownDevice.objects.get().digest != cookie.value.encode(), "kept hashed (S13)"
    other = Client()
    other.cookies[settings.DEVICE_COOKIE_NAME] = cookie.value
    assert other.get(HERE).status_code == 302
    assert _try("gu", PASSWORD, other).status_code == 302
    assert KnownDevice.objects.filter(user__username="gu").count() == 1, "two people at one browser are two devices"


def test_the_owner_hears_of_failures_and_of_new_devices(people):
    """Told by the worker, so that the door takes no longer for names that exist."""
    for name in ("shen", "nobody"):
        for _ in range(TRIES):
            _try(name, "wrong")
    assert not Entry.objects.exists()
    assert actions.tell_of_failures() == 1 and actions.tell_of_failures() == 0, "once, and nobody for a name that is none"
    told = Entry.objects.get()
    assert told.event == "people.sign_ins_failed" and told.tell == [people.shen.pk] and told.facts["times"] == TRIES
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"}
    _try("gu", PASSWORD, peer="10.3.4.5")
    assert Entry.objects.count() == 1, "the very first is no news"
    _try("gu", PASSWORD, peer="10.3.4.5", headers=agent)
    fact = Entry.objects.latest("pk")
    assert fact.event == "people.new_device_signed_in" and fact.tell == [people.gu.pk]
    assert fact.facts["device"] == "Chrome · Windows" and fact.facts["place"] == "10.3.*.*"


def test_many_names_from_one_place_are_stopped(people):
    """One password tried on every name."""
    for n in range(actions.PER_PEER):
        SignInAttempt.objects.create(account=f"name{n}", peer="10.0.0.1", at=timezone.now(), ok=False)
    assert _try("shen", PASSWORD).status_code == 403
    assert _try("shen", PASSWORD, peer="10.0.0.2").status_code == 302


def test_one_name_from_many_places_is_slowed_down(people):
    for n in range(actions.PER_ACCOUNT):
        SignInAttempt.objects.create(account="shen", peer=f"10.1.{n}.1", at=timezone.now(), ok=False)
    assert _try("shen", PASSWORD, peer="10.2.0.1").status_code == 403
    with clock.at(clock.now() + timedelta(seconds=21)):
        assert _try("shen", PASSWORD, peer="10.2.0.1").status_code == 302, "the owner, at a browser nobody knows, has a turn"
    assert _try("gu", PASSWORD, peer="10.2.0.1").status_code == 302


def test_only_configured_proxies_speak_for_others(people, settings):
    """S11: a made-up X-Forwarded-For does not give a new peer."""
    for n in range(TRIES):
        _try("shen", "wrong", headers={"X-Forwarded-For": f"1.2.3.{n}"})
    assert _try("shen", PASSWORD, headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 403
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert _try("shen", PASSWORD, headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 302
    assert SignInAttempt.objects.filter(ok=True, peer="9.9.9.9").count() == 1


def test_old_attempts_are_forgotten(people):
    _try("shen", "wrong")
    with clock.at(clock.now() + timedelta(days=401)):
        assert actions.forget_attempts() == 1


def test_passwords_are_kept_as_argon2_only(people):
    stored = User.objects.get(username="shen").password
    assert stored.startswith("argon2$argon2id$") and PASSWORD not in stored


# ── how long a session lives ──


def test_an_idle_session_ends(signed):
    client = signed("shen")
    _later(client, seen_at=30 * 60 + 1)
    assert client.get(HERE).status_code == 302
    assert not Session.objects.exists()


def test_activity_keeps_it_awake_polling_does_not(signed):
    """S10: the heartbeat of an open page asks by itself."""
    client = signed("shen")
    _later(client, seen_at=600)
    assert client.post("/pulse/", {"bell": ""}).status_code in (200, 204)
    assert timezone.now().timestamp() - client.session["seen_at"] > 590
    client.get(HERE)
    assert timezone.now().timestamp() - client.session["seen_at"] < 10


def test_managers_of_people_idle_for_less(signed):
    client = signed("fang")
    _later(client, seen_at=15 * 60 + 1)
    assert client.get(HERE).status_code == 302
    other = signed("shen")
    _later(other, seen_at=15 * 60 + 1)
    assert other.get(HERE).status_code == 200


def test_no_session_lives_longer_than_twelve_hours(signed):
    client = signed("shen")
    _later(client, began_at=12 * 3600 + 1)
    assert client.get(HERE).status_code == 302


def test_sessions_are_json_on_the_server(signed):
    """S9."""
    client = signed("shen")
    engine = import_module(settings.SESSION_ENGINE)
    assert engine.SessionStore().serializer.__name__ == "JSONSerializer" and Session.objects.count() == 1
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and len(cookie.value) == 32


@pytest.mark.parametrize("change", ["password", "role", "role ended", "left"])
def test_what_changes_a_person_ends_their_sessions(signed, people, change):
    """S9."""
    client = signed("shen")
    assert client.get(HERE).status_code == 200
    if change == "password":
        actions.set_password(people.shen, "another-long-password", by=SYSTEM)
    elif change == "role":
        actions.grant(people.shen, actions.add_role(by=SYSTEM, name="审核"), by=SYSTEM)
    elif change == "role ended":
        actions.end_grant(people.shen.grants.get(), by=SYSTEM)
    else:
        actions.deactivate_user(people.shen, by=SYSTEM)
    assert client.get(HERE).status_code == 302


def test_the_company_says_how_long(signed, people):
    actions.set_sign_in_rules(by=SYSTEM, idle_minutes=10, longest_hours=2, tries=3)
    client = signed("shen")
    _later(client, seen_at=10 * 60 + 1)
    assert client.get(HERE).status_code == 302
    other = signed("shen")
    _later(other, began_at=2 * 3600 + 1)
    assert other.get(HERE).status_code == 302
    for _ in range(3):
        _try("gu", "wrong")
    assert _try("gu", PASSWORD).status_code == 403


# ── doors ──


def test_a_closed_door_says_so_with_its_sentence(signed):
    """A refusal raised at the door is a page, not a fault."""
    answer = signed("shen").get("/settings/people/")
    assert answer.status_code == 403 and "管理部门、人员与角色" in answer.content.decode()
    fragment = signed("shen").get("/settings/people/", headers={"HX-Request": "true"})
    assert fragment.status_code == 403 and fragment.headers["HX-Retarget"] == "#said"


def test_posting_needs_the_token_of_the_form(people):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in/", {"username": "shen", "password": PASSWORD})
    assert answer.status_code == 403 and "csrf" in answer.content.decode()


def test_every_answer_carries_the_headers(signed):
    answer = signed("shen").get(HERE)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Content-Language"] == "zh-hans"
