"""Drafts, health, and answers where there is nothing (R5, S2, U3)."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.test import Client

from yingxu.base import room
from yingxu.desk import health
from yingxu.matters.models import Draft
from yingxu.notices import actions as notices
from yingxu.notices.models import Delivery
from yingxu.people import middleware

pytestmark = pytest.mark.django_db
PLACE = "/drafts/?place=needs.reply:2026-000123"


# ── drafts ──


def test_what_was_typed_is_kept_until_it_is_sent(world, signed_in):
    client = signed_in("沈岚")
    assert client.get(PLACE).json() == {"content": {}, "saved_at": None}
    saved = client.post(PLACE, {"text": "您好，", "tags": ["a", "b"], "csrfmiddlewaretoken": "x", "password": "secret", "empty": ""})
    assert saved.status_code == 200 and saved.json()["saved_at"]
    assert client.get(PLACE).json()["content"] == {"text": "您好，", "tags": ["a", "b"]}
    client.post(PLACE, {"discard": "1"})
    assert not Draft.objects.exists()


def test_drafts_are_one_s_own(world, signed_in):
    signed_in("沈岚").post(PLACE, {"text": "您好"})
    assert signed_in("顾一鸣").get(PLACE).json()["content"] == {}


@pytest.mark.parametrize("place", ["", "x", "../etc", "needs.reply:", "needs.reply:a b", "needs.reply:" + "1" * 90, "Needs.Reply", "a.b'--"])
def test_only_forms_have_drafts(world, signed_in, place):
    client = signed_in("沈岚")
    assert client.post("/drafts/", {"place": place, "text": "x"}).status_code == 422
    assert client.get("/drafts/", {"place": place}).status_code == 422
    assert not Draft.objects.exists()


def test_a_draft_is_not_too_large(world, signed_in):
    assert signed_in("沈岚").post(PLACE, {"text": "字" * 70_000}).json()["saved_at"] is None


def test_drafts_need_the_token_and_a_person(world, signed_in):
    assert Client().post(PLACE, {"text": "x"}).status_code == 302
    client = signed_in("沈岚")
    client.handler.enforce_csrf_checks = True
    assert client.post(PLACE, {"text": "x"}).status_code == 403 and not Draft.objects.exists()


# ── health ──


def test_well(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json() == {"status": "ok", "checks": dict.fromkeys(("database", "keyring", "disk", "worker", "loops", "outbox", "seals"), "ok")}


def test_details_are_for_this_machine_only(client):
    for more in ({"REMOTE_ADDR": "10.0.0.9"}, {"headers": {"X-Forwarded-For": "10.0.0.9"}}):
        assert client.get("/healthz", **more).json() == {"status": "ok"}


def test_no_database_no_keyring_no_space(client, settings, tmp_path, monkeypatch):
    """R5, F8, F10, F33."""
    settings.KEYRING = tmp_path / "none.json"
    assert client.get("/healthz").json()["checks"]["keyring"] == "FileNotFoundError"
    settings.KEYRING.write_text(json.dumps({"current": "k2", "keys": {"k1": ""}}))
    sick = client.get("/healthz")
    assert sick.status_code == 503 and "k2" in sick.json()["checks"]["keyring"]
    monkeypatch.setattr(room, "LEAST_FREE", 1.1)
    room.forget()
    assert "free" in client.get("/healthz").json()["checks"]["disk"]

    def away(*_args, **_more):
        raise OperationalError("gone")

    monkeypatch.setattr(health.connection, "cursor", away)
    answer = client.get("/healthz", REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 503 and answer.json() == {"status": "trouble"}


def test_a_silent_worker_is_noticed(client):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 minutes')")
    answer = client.get("/healthz")
    assert answer.status_code == 503 and answer.json()["checks"]["worker"].startswith("silent for 6")


def test_an_outbox_nobody_empties_is_noticed(client, db):
    """R6: a message due for an hour that nobody tried is a fault of ours; one the other side refused is not."""
    with transaction.atomic():
        row = notices.send(channel="sms", to="13900000001", key="k", template="customer_question", params={"number": "1"})
    assert client.get("/healthz").status_code == 200
    Delivery.objects.update(next_at=row.next_at - timedelta(hours=1))
    answer = client.get("/healthz")
    assert answer.status_code == 503 and answer.json()["checks"]["outbox"].startswith("1 ")
    Delivery.objects.update(tries=1)
    assert client.get("/healthz").status_code == 200


# ── nothing, and trouble ──


@pytest.mark.parametrize("path", ["/nowhere/", "/settings/nowhere/", "/needs/nowhere/at/all/", "/files/x/"])
def test_what_is_not_there_says_so(world, signed_in, path):
    for client in (Client(), signed_in("沈岚")):
        answer = client.get(path)
        assert answer.status_code == 404 and "Content-Security-Policy" in answer.headers


def test_our_own_faults_show_no_details(world, signed_in, monkeypatch):
    from yingxu.desk import queries

    def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "figures", broken)
    client = signed_in("沈岚")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500 and b"secret detail" not in answer.content and "Content-Security-Policy" in answer.headers
    assert "系统" in answer.content.decode() or "出错" in answer.content.decode()


def test_without_the_database_pages_ask_for_patience(world, signed_in, monkeypatch):
    """R5, F7: 503 with Retry-After, the browser keeps its session, nobody is signed out."""
    client = signed_in("沈岚")

    def away(*_args):
        raise OperationalError("gone")

    monkeypatch.setattr(middleware.queries, "actor", away)
    answer = client.get("/")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert "session" not in answer.cookies
    monkeypatch.undo()
    assert client.get("/").status_code == 200


def test_without_the_database_the_session_cannot_even_be_read(world, signed_in, monkeypatch):
    from django.contrib.sessions.backends.db import SessionStore

    client = signed_in("沈岚")

    def away(_self):
        raise OperationalError("gone")

    monkeypatch.setattr(SessionStore, "load", away)
    answer = client.get("/")
    assert answer.status_code == 503 and "session" not in answer.cookies
    assert client.get("/robots.txt").status_code == 200


def test_robots_keep_out(client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
