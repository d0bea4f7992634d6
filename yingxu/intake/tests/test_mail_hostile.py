"""Mail written to keep us busy or to get past us. What would take the square of its length must come out within the budget of a mail,
or be given up and wait for a person: `LONG` among its troubles says which (S14, S23, the parse budget of the limits)."""

import smtplib
import socket

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from yingxu.intake.mail import arriving, bodies, charsets, listening, quotes, reading, signs
from yingxu.intake.mail.reading import LONG, read
from yingxu.intake.models import Mailbox, Received
from yingxu.people.models import User

from .letters import US, letter
from .test_mail_views import enter
from .test_mail_ways_in import delivered, listener  # noqa: F401  a fixture

S, R = Received.State, Received.Reason
HEAD = b"From: a@x.example\r\nTo: b@y.example\r\nSubject: s\r\n"
N = 60_000


def html(page: str) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()


def report(text: bytes) -> bytes:
    return HEAD + b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" + text + b"\r\n--x--\r\n"


BUSY = {
    "comments that never end": html("<p>你好</p>" + "<!--" * N),
    "tags that never end": html("<p>你好</p>" + "<a " * N),
    "quotes that never end": html("<p>你好</p>" + "<a x='" * N),
    "conditions that never end": html("<p>你好</p>" + "<![if" * N),
    "instructions that never end": html("<p>你好</p>" + "<?" * N),
    "ends that never end": html("<p>你好</p>" + "</a" * N),
    "a forwarding line of spaces": HEAD + b"\r\n-- forwarded message" + b" " * N + b"x",
    "a header line of spaces": HEAD + b"\r\nfrom" + b" " * N + b"x",
    "attributions without end": HEAD + b"\r\n" + (b">" * 150 + b"1.1 1:11 " + b"9" * 200 + b"\n") * 2_000,
    "empty lines": HEAD + b"\r\n" + b"\n" * 1_000_000,
    "a report of spaces": report(b"Final-Recipient:" + b" " * N + b"x\n"),
    "a report of signs": report(b"Final-Recipient: " + b"@a" * N + b" x\n"),
    "parameters without end": HEAD + b"Content-Type: text/plain" + b";a=b" * N + b"\r\n\r\nx",
    "a quote in a parameter": HEAD + b'Content-Type: multipart/mixed; x="' + b";" * N + b"\r\n\r\nx",
    "headers without end": HEAD + b"a\n" * 1_000_000,
    "more headers than anybody reads": HEAD + b"".join(b"X-%d: =?a?q?%d\r\n" % (n, n) for n in range(20_000)) + b"\r\nx",
    "words that never end": b"Subject: " + b"=?utf-8?q?" * 2_000 + b"\r\nFrom: " + b"<" * 20_000 + b"\r\n\r\nx",
    "a label that is no label": HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\na-" + b"99999b\xff" * 20_000,
}


@pytest.mark.parametrize("raw", BUSY.values(), ids=BUSY.keys())
def test_what_takes_the_square_elsewhere_is_read_within_the_budget(raw):
    mail = read(raw)
    signs.nature(mail)
    arriving.key_of(raw)
    assert LONG not in mail.trouble
    if b"<p>" in raw:
        assert "你好" in mail.said


def test_plain_bounces_are_searched_once():
    found = signs.bounce(reading.Mail(text="\n" * 10_000 + "a@b.example: 550 5.1.1 no\n" + " " * N + "x", return_path="", subject="Undelivered mail"))
    assert found is not None and [one.address for one in found.failed] == ["a@b.example"]


def test_more_lines_than_we_have_memory_for_are_not_taken_apart(monkeypatch):
    monkeypatch.setattr(reading, "LINES", 1_000)
    mail = read(HEAD + b"\r\n" + b"a\n" * 1_001)
    assert LONG in mail.trouble and mail.sender.address == "a@x.example" and mail.text.startswith("a\na")
    assert LONG not in read(HEAD + b"\r\n" + b"a\r\n" * 900).trouble


def test_nobody_reads_beyond_the_budget(monkeypatch):
    """Parts in one another, each line asked about by every one of them, until the time is up."""
    monkeypatch.setattr(reading, "SECONDS", -60.0)
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(80))
    assert read(HEAD + nest + b"\r\nhello").trouble == [LONG]


def test_a_mail_that_takes_too_long_waits_for_a_person(importer, monkeypatch):
    """S23: it is kept whole and visible; nothing is made of half of it."""
    monkeypatch.setattr(reading, "LINES", 3)
    box = Mailbox.objects.create(name="客服", address=US, way="delivered")
    row = arriving.take_in(letter(), box)
    arriving.sort(row.pk)
    row.refresh_from_db()
    assert (row.state, row.reason, row.about) == (S.QUARANTINE, R.UNREADABLE, None)
    assert row.sender_hint and row.raw.body == letter()


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "rot13", "base64", "zlib", "../../x", "x" * 5_000, "undefined", ""])
def test_only_text_encodings_are_labels(name):
    assert charsets.label(name) == ""


@pytest.mark.parametrize(("name", "codec"), [("GB2312", "gb18030"), ("utf-8", "utf-8"), ("tis-620", "cp874"), ("koi8-u", "koi8-u"), ('"Big5"', "big5hkscs"), ("iso-2022-jp", "iso2022_jp_ext")])
def test_those_of_senders_are(name, codec):
    assert charsets.label(name) == codec


@pytest.mark.parametrize("page", ["<div>" * N, "".join(f"<b id={n}>" for n in range(30_000)) + "<p>" * 10_000])
def test_a_page_that_cannot_be_cleaned_in_time_is_not_shown(page):
    """The parser cannot be interrupted, so it works in a process of its own that may be ended."""
    assert bodies.clean(page) == ""


def test_long_honest_pages_are_cleaned_as_short_ones_are():
    row = '<tr><td style="x" onclick="y()">当票</td><td><img src="https://evil.example/p.gif">100</td></tr>'
    page = f"<table>{row * 2_000}</table><script>alert(1)</script>"
    assert len(page) > bodies._AT_HOME
    shown = bodies.clean(page)
    assert shown.count("<td>当票</td>") == 2_000
    assert not any(word in shown for word in ("style", "onclick", "img", "script", "evil"))


def test_a_page_too_involved_says_so(importer):
    box = Mailbox.objects.create(name="客服", address=US, way="delivered")
    row = arriving.take_in(html("<div>" * N), box)
    answer = enter(User.objects.get(pk=importer.user_id)).get(reverse("intake:mail_frame", args=[row.pk]))
    assert answer.status_code == 200 and "<div>" not in answer.content.decode() and len(answer.content) > 120


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<", "<!--", "-->", "<a ", "</", ">", "'", '"', "=", "<p>", "</p>", "<![if", "&", "字", " ", "\n", "<pre>", "<blockquote>", "on 1.1 x wrote:", "> "]), max_size=400))
def test_any_page_is_read_and_cleaned(signs_):
    page = "".join(signs_)
    words = bodies.text_of(page)
    quotes.fold(words)
    assert words.count("字") <= page.count("字")
    shown = bodies.clean(page)
    assert "<!--" not in shown and "<script" not in shown


# ── our own listener ──


def talk(port: int, *lines: bytes) -> list[bytes]:
    """What is answered to each of these, one after another."""
    with socket.create_connection(("127.0.0.1", port), 20) as peer, peer.makefile("rwb") as wire:
        said = [wire.readline()]
        for line in lines:
            wire.write(line)
            wire.flush()
            said.append(wire.readline())
        return said


OPENING = (b"HELO x\r\n", b"MAIL FROM:<a@b.example>\r\n", f"RCPT TO:<{US}>\r\n".encode(), b"DATA\r\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"])
def test_a_bare_line_feed_ends_no_mail(delivered, end):  # noqa: F811
    """SMTP smuggling: what another server lets pass as text must not be a second mail with a sender of its own here."""
    inner = b"MAIL FROM:<boss@yingxu.example>\r\nRCPT TO:<" + US.encode() + b">\r\nDATA\r\nFrom: boss@yingxu.example\r\n\r\nforged"
    with listener(lmtp=False) as port:
        said = talk(port, *OPENING, letter().replace(b"\n", b"\r\n").rstrip() + end + inner + b"\r\n.\r\n")
    assert said[-1].startswith(b"250") and Received.objects.count() == 1
    assert b"Return-Path: <a@b.example>" in Received.objects.get().raw.body


@pytest.mark.django_db(transaction=True)
def test_dots_and_long_lines_come_through_as_they_were(delivered):  # noqa: F811
    """Lines longer than a thousand are against the rules and honest: refusing them would lose mail."""
    body = "x" * 200_000 + "\r\n..dots\r\n" + "." * 2_500 + "\r\n"
    with listener(lmtp=False) as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("a@b.example", [US], b"From: a@b.example\r\nSubject: x\r\n\r\n" + body.encode())
    assert Received.objects.get().raw.body.decode().endswith("\r\n\r\n" + body)


@pytest.mark.django_db(transaction=True)
def test_more_than_it_said_is_refused_and_the_next_is_taken(delivered, monkeypatch):  # noqa: F811
    monkeypatch.setattr(arriving, "BIGGEST", 5_000)
    with listener(lmtp=False) as port:
        said = talk(port, *OPENING, b"y" * 20_000 + b"\r\n.\r\n", *OPENING[1:], letter().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
    assert said[5].startswith(b"552") and said[-1].startswith(b"250") and Received.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_only_so_many_conversations_at_once(delivered, monkeypatch):  # noqa: F811
    monkeypatch.setattr(listening, "OPEN", 2)
    with listener(lmtp=False) as port:
        held = [socket.create_connection(("127.0.0.1", port), 20) for _n in range(2)]
        assert all(one.recv(100).startswith(b"220") for one in held)
        assert talk(port)[0].startswith(b"421")
        held.pop().close()
        for _try in range(200):
            if talk(port)[0].startswith(b"220"):
                break
        else:
            pytest.fail("a place that is free again is given to nobody")
        held.pop().close()


def test_others_get_fewer_places_than_this_machine():
    door = listening.Door(each=False)
    assert [door.enter("192.0.2.1") for _n in range(listening.OPEN_TO_ONE + 1)] == [True] * listening.OPEN_TO_ONE + [False]
    assert door.enter("192.0.2.2") and door.enter("127.0.0.1")
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.1")
