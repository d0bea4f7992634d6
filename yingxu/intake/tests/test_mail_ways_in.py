"""F14, F16, F8, R1: mail fetched from a real IMAP server and from one that fails; mail delivered to our own listener."""

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from imapclient import IMAPClient

from yingxu.base import clock
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.intake import actions
from yingxu.intake.mail import arriving, fetching, listening
from yingxu.intake.models import Mailbox, Received
from yingxu.needs.models import Need
from yingxu.notices import smtp
from yingxu.notices.models import MailOut

from .letters import US, letter
from .servers import Scripted, certificate, pymap

S = Received.State
BODIES = [letter(f"第 {n} 件", message_id=f"<{n}@mail.example>").replace(b"\n", b"\r\n") for n in range(1, 6)]


def mailbox(by: Any, port: int, **more: Any) -> Mailbox:
    given = {
        "name": "客服邮箱", "address": US, "host": "127.0.0.1", "port": port, "security": "none", "username": "demouser", "password": "demopass",
    } | more  # fmt: skip
    return actions.add_mailbox(by=by, **given)


@pytest.fixture
def scripted() -> Iterator[Any]:
    made: list[Scripted] = []

    def start(**how: Any) -> Scripted:
        made.append(Scripted(how.pop("bodies", BODIES), **how))
        return made[-1]

    yield start
    for one in made:
        one.close()


# ── a real server ──


def test_a_real_mailbox_is_fetched_once_and_marked(importer, tmp_path):
    with pymap(tmp_path) as port:
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login("demouser", "demopass")
            client.create_folder("Kunden")
            client.create_folder("Erledigt")
            for body in BODIES[:3]:
                client.append("Kunden", body)
        box = mailbox(importer, port, folder="Kunden")
        turn = fetching.fetch(box.pk)
        assert (turn.new, turn.left, turn.trouble) == (3, 0, "")
        assert Need.objects.count() == 3 and set(Received.objects.values_list("state", flat=True)) == {S.NEED}
        assert fetching.fetch(box.pk).new == 0
        box.refresh_from_db()
        assert box.last_uid and box.well_at and not box.trouble
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login("demouser", "demopass")
            client.select_folder("Kunden")
            assert len(client.search("SEEN")) == 3
            client.append("Kunden", BODIES[3])
        actions.edit_mailbox(box, by=importer, after="move", move_to="Erledigt")
        assert fetching.fetch(box.pk).new == 1
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login("demouser", "demopass")
            assert client.select_folder("Erledigt")[b"EXISTS"] == 1


def test_a_wrong_password_and_a_wrong_certificate_stand_on_the_mailbox(importer, tmp_path):
    with pymap(tmp_path) as port:
        box = mailbox(importer, port, password="wrong", folder="INBOX")
        assert fetching.fetch(box.pk).trouble
        box.refresh_from_db()
        assert box.trouble and box.well_at is None and box.tried_at


def test_tls_is_verified(importer, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve() -> None:
            peer, _where = server.accept()
            with suppress(OSError), context.wrap_socket(peer, server_side=True):
                pass

        threading.Thread(target=serve, daemon=True).start()
        box = mailbox(importer, server.getsockname()[1], security="tls")
        turn = fetching.fetch(box.pk)
    assert "certificate" in turn.trouble.lower() or "证书" in turn.trouble


# ── one that fails ──


def test_a_conversation_that_breaks_off_is_taken_up_where_it_was(importer, scripted):
    """F16: the line drops in the middle of the third message."""
    server = scripted(drop_after=2)
    box = mailbox(importer, server.port)
    turn = fetching.fetch(box.pk)
    box.refresh_from_db()
    assert (turn.new, box.last_uid) == (2, 2) and box.trouble
    assert fetching.fetch(box.pk).new == 3 and Need.objects.count() == 5
    assert Received.objects.filter(state=S.DUPLICATE).count() == 0
    box.refresh_from_db()
    assert not box.trouble


def test_a_new_uidvalidity_imports_nothing_again(importer, scripted):
    """F16."""
    server = scripted()
    box = mailbox(importer, server.port)
    fetching.fetch(box.pk)
    server.validity = 8
    turn = fetching.fetch(box.pk)
    assert (turn.new, turn.again) == (0, 5) and Need.objects.count() == 5
    box.refresh_from_db()
    assert (box.uid_validity, box.last_uid) == (8, 5)


def test_a_read_only_folder_is_read_all_the_same(importer, scripted):
    server = scripted(read_only=True)
    turn = fetching.fetch(mailbox(importer, server.port).pk)
    assert turn.new == 5 and not server.flagged and turn.trouble


def test_a_message_that_vanishes_is_passed_over(importer, scripted):
    server = scripted(vanished={2})
    turn = fetching.fetch(mailbox(importer, server.port).pk)
    assert (turn.new, turn.gone) == (4, 1)


def test_a_message_is_marked_after_it_was_kept(importer, scripted):
    """R1: what is not committed is not flagged."""
    server = scripted()
    seen: list[tuple[int, int]] = []
    server.on_body = lambda uid: seen.append((uid, len(server.flagged)))
    fetching.fetch(mailbox(importer, server.port).pk)
    assert seen == [(n, n - 1) for n in range(1, 6)] and server.flagged == [1, 2, 3, 4, 5]


def test_leaving_it_untouched_opens_the_folder_for_reading_only(importer, scripted):
    server = scripted()
    turn = fetching.fetch(mailbox(importer, server.port, after="keep").pk)
    assert turn.new == 5 and not server.flagged and any(words.startswith("EXAMINE") for words in server.asked) and not turn.trouble


def test_a_backlog_is_taken_in_turns_and_shows_how_much_is_left(importer, scripted):
    """F16: 30,000 waiting; each turn takes some, the others get theirs in between."""
    server = scripted(bodies=[BODIES[n % 5] for n in range(30_000)])
    box = mailbox(importer, server.port)
    turn = fetching.fetch(box.pk, most=40)
    box.refresh_from_db()
    assert (turn.new, turn.again, turn.left, box.waiting, box.last_uid) == (5, 35, 29_960, 29_960, 40)
    assert fetching.due() == [box.pk]


@pytest.mark.django_db(transaction=True)
def test_one_poller_a_mailbox(importer_for_good, scripted):
    box = Mailbox.objects.create(name="a", address=US, host="127.0.0.1", port=1, security="none", username="x")
    with fetching._alone(box.pk) as first:
        answers: list[bool] = []

        def other() -> None:
            answers.append(fetching.fetch(box.pk).busy)
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert first and answers == [True]


def test_one_mailbox_in_trouble_does_not_stop_the_others(importer, scripted):
    broken, well = mailbox(importer, 1, address="info@yingxu.example"), mailbox(importer, scripted().port)
    assert {pk: fetching.fetch(pk).well for pk in fetching.due()} == {broken.pk: False, well.pk: True}
    assert Need.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_server_that_hangs_keeps_no_other_mailbox_waiting(importer_for_good, scripted):
    """It takes the connection and never says a word; the others are fetched meanwhile, and it is not asked a second time."""
    silent = socket.create_server(("127.0.0.1", 0))
    given = {"host": "127.0.0.1", "security": "none", "username": "x", "sealed_password": ""}
    hung = Mailbox.objects.create(name="a", address="info@yingxu.example", port=silent.getsockname()[1], **given)
    well = Mailbox.objects.create(name="b", address=US, port=scripted().port, **given)
    hands: dict[int, threading.Thread] = {}
    fetching.reach(hands)
    first = hands[hung.pk]
    hands[well.pk].join(60)
    assert Need.objects.count() == 5 and first.is_alive()
    Mailbox.objects.update(tried_at=None)
    fetching.reach(hands)
    assert hands[hung.pk] is first, "one poller a mailbox"
    silent.accept()[0].close()
    silent.close()
    for hand in hands.values():
        hand.join(60)
    hung.refresh_from_db()
    assert hung.trouble and not first.is_alive()


def test_when_a_mailbox_is_due(importer):
    """Each in its time; a backlog at once while it goes well; after the clock was set back, too."""
    box, now = mailbox(importer, 1, every_minutes=5), clock.now()
    for tried, well, waiting, ripe in [
        (None, None, 0, True), (now, now, 0, False), (now - timedelta(minutes=5), now, 0, True), (now, now, 7, True),
        (now, now - timedelta(minutes=1), 7, False), (now + timedelta(hours=20), None, 0, True),
    ]:  # fmt: skip
        Mailbox.objects.update(tried_at=tried, well_at=well, waiting=waiting)
        assert bool(fetching.due()) is ripe, (tried, well, waiting)
    Mailbox.objects.update(tried_at=now, waiting=0)
    assert actions.fetch_now(box, by=importer) and fetching.due() == [box.pk]
    assert not actions.fetch_now(box, by=importer), "it is asked for already"


# ── settings ──


@pytest.mark.parametrize(("wrong", "field"), [
    ({"host": ""}, "host"), ({"host": "mail.example", "security": "none"}, "security"), ({"username": ""}, "username"), ({"password": ""}, "password"),
    ({"address": "nobody"}, "address"), ({"after": "move"}, "move_to"), ({"folder": "a\r\nb"}, "folder"), ({"kind": "nothing"}, "kind"),
    ({"every_minutes": 0}, "every_minutes"), ({"name": " "}, "name"), ({"host": "a b"}, "host"),
], ids=str)  # fmt: skip
def test_what_a_mailbox_cannot_be(importer, wrong, field):
    with pytest.raises(Invalid) as refusal:
        mailbox(importer, 993, **wrong)
    assert field in refusal.value.fields and not Mailbox.objects.exists()


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "::ffff:169.254.169.254", "100.100.100.200", "169.254.1.1"])
def test_no_mail_server_is_where_machines_keep_their_keys(importer, host):
    """S19: a company's mail server may stand in its own network; the services that give out a machine's keys are asked by nobody."""
    box = mailbox(importer, 80, host=host, security="tls")
    assert "不是邮件服务器" in fetching.fetch(box.pk).trouble
    out = MailOut(on=True, host=host, port=80, security="tls", from_address=US)
    assert "不是邮件服务器" in smtp.transmit(out, EmailMessage(), US).words


def test_passwords_are_sealed_and_do_not_follow_to_another_server(importer):
    box = mailbox(importer, 993)
    assert "demopass" not in box.sealed_password and box.password == "demopass"
    with pytest.raises(Invalid) as refusal:
        actions.edit_mailbox(box, by=importer, host="evil.example", security="tls")
    assert "password" in refusal.value.fields
    assert actions.edit_mailbox(box, by=importer, name="新名").password == "demopass"
    with pytest.raises(Invalid):
        mailbox(importer, 993)  # the address is taken
    actions.switch_mailbox(box, by=importer, active=False)
    with pytest.raises(WrongMoment):
        actions.fetch_now(Mailbox.objects.get(), by=importer)


# ── our own listener ──


@contextmanager
def listener(*, lmtp: bool) -> Iterator[int]:
    """The door in a thread of its own, over a real socket."""
    ready, stop, ports = threading.Event(), None, []
    loop = asyncio.new_event_loop()

    async def run() -> None:
        nonlocal stop
        stop = asyncio.Event()
        servers = await listening.listen("127.0.0.1", lmtp=-1 if lmtp else 0, smtp=0 if lmtp else -1)
        ports.append(servers[0].sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        for server in servers:
            server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield ports[0]
    loop.call_soon_threadsafe(stop.set)  # type: ignore[attr-defined]
    thread.join(20)


@pytest.fixture
def delivered(importer_for_good):
    return Mailbox.objects.create(name="客服", address=US, aliases=["info@yingxu.example"], way="delivered")


@pytest.mark.django_db(transaction=True)
def test_delivered_mail_is_kept_before_it_is_acknowledged(delivered):
    token = "a" * 32
    with listener(lmtp=False) as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        assert client.sendmail("jitang@mail.example", [f"service+{token}@yingxu.example"], letter()) == {}
        row = Received.objects.get()
        assert b"Return-Path: <jitang@mail.example>" in row.raw.body and f"Delivered-To: service+{token}@".encode() in row.raw.body
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("jitang@mail.example", ["nobody@yingxu.example"], letter())
        assert refused.value.recipients["nobody@yingxu.example"][0] == 550
    arriving.sort_waiting()
    row.refresh_from_db()
    assert row.state == S.NEED
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'intake.sort_mail' AND args->>'received_id' = %s", [str(row.pk)])
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_lmtp_answers_for_every_recipient_and_keeps_it_once(delivered):
    with listener(lmtp=True) as port, smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("jitang@mail.example")
        for one in (US, "INFO@yingxu.example"):
            assert client.rcpt(one)[0] == 250
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(letter().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        assert [client.getreply()[0], client.getreply()[0]] == [250, 250]
    assert Received.objects.filter(original=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_says_later(delivered, monkeypatch):
    """F8, R5: 451 at the recipient and at the end of the data; nothing is acknowledged that was not kept."""
    def away(*_args: Any, **_more: Any) -> None:
        raise OperationalError("the connection is lost")

    with listener(lmtp=False) as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo()
        client.mail("jitang@mail.example")
        assert client.rcpt(US)[0] == 250
        monkeypatch.setattr(type(connections["default"]), "ensure_connection", away)
        assert client.data(letter())[0] == 451
        client.mail("jitang@mail.example")
        assert client.rcpt(US)[0] == 451
        monkeypatch.undo()
        client.rset()
        assert client.sendmail("jitang@mail.example", [US], letter()) == {}
    assert Received.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_listener_takes_no_more_than_the_limit(delivered):
    with listener(lmtp=False) as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(arriving.BIGGEST)
        code, _words = client.docmd("MAIL", f"FROM:<a@b.example> SIZE={arriving.BIGGEST + 1}")
        assert code == 552
    assert not Received.objects.exists()
