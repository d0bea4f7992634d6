"""Refuse before lose: with a full disk nothing is taken, by no way, and everything can still be read (R5, F10)."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiosmtpd.smtp import Envelope

from tests.house.rows import row
from yingxu.base import room
from yingxu.intake.mail import listening
from yingxu.intake.mail.fetching import fetch
from yingxu.intake.models import Mailbox
from yingxu.needs.models import Need


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setattr(room, "LEAST_FREE", 1.1)
    room.forget()
    yield
    room.forget()


def test_a_disk_with_room_is_not_full():
    room.forget()
    assert not room.full()


def test_nothing_is_taken_and_everything_is_read(world, signed_in, full):
    client = signed_in("沈岚")
    refused = client.post("/intake/", {"customer": "x", "words": "y"})
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "60" and "磁盘" in refused.content.decode()
    assert not Need.objects.exists()
    assert client.get("/needs/").status_code == 200


def test_programs_and_customers_are_refused_too(world, client, full):
    for path in ("/api/v1/needs", "/p/"):
        answer = client.post(path, json.dumps({}), content_type="application/json")
        assert answer.status_code == 503, path


def test_one_may_still_come_in_to_see(world, signed_in, full):
    client = signed_in("沈岚")
    assert client.post("/pulse/", {}).status_code in (200, 204)
    assert client.post("/sign-out/").status_code == 302


@pytest.mark.django_db
def test_mail_waits_where_it_is(full):
    """SMTP 451; a mailbox is not even asked."""
    said = listening.Door(each=False).handle_RCPT(None, None, Envelope(), "service@example.com", [])
    with ThreadPoolExecutor(1) as other:  # a browser's tests may have left a loop running in this thread
        answer = other.submit(asyncio.run, said).result()
    assert answer.startswith("451")
    box = row(Mailbox, way=Mailbox.Way.IMAP, active=True, host="nowhere.invalid")
    assert not fetch(box.pk).well
    box.refresh_from_db()
    assert "磁盘" in box.trouble
