"""Mail going out to a real SMTP server, and every way it can go wrong (U1, F4, F17)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from yingxu.base import clock, outlets
from yingxu.base.access import SYSTEM
from yingxu.matters.models import Entry
from yingxu.notices import actions, post, queries, sending, smtp
from yingxu.notices.models import Attempt, Channel, Delivery, MailOut
from yingxu.notices.sending import WAITS, send_due
from yingxu.privacy.tests.register import party

from .sinks import Mood, certificate, free_port, mail_server, silent_server
from .test_outbox import send

pytestmark = pytest.mark.django_db


def set_up(port: int, **given) -> None:
    """The company's mail server is on this machine, at this port."""
    actions.set_mail(**{
        "by": SYSTEM, "on": True, "host": "127.0.0.1", "port": port, "security": "none", "username": "", "password": "",
        "from_address": "kefu@yingxu.example", "from_name": "应需典当", "reply_address": "", **given,
    })  # fmt: skip


@pytest.fixture
def mood(cast):
    mood = Mood()
    with mail_server(mood) as port:
        set_up(port)
        yield mood


def work() -> int:
    return send_due(Channel.MAIL, post.hand_over)


def after(wait: timedelta) -> int:
    """What the worker does so much later."""
    with clock.at(clock.now() + wait):
        return work()


def test_a_letter_arrives_as_a_proper_one(mood, cast):
    row = send(
        matter=cast.matter, subject="您的当物已评估", body="您好，\n.评估结果见附件。\n", html="<p>您好</p>", in_reply_to="<q1@example.com>",
        references=["<q0@example.com>", "<q1@example.com>"], files=[actions.Paper("评估单.pdf", "application/pdf", b"%PDF-1.7")],
    )  # fmt: skip
    assert work() == 1 and work() == 0
    row.refresh_from_db()
    assert row.state == "sent" and row.sent_at and "queued as 7" in row.provider_id and row.tries == 1
    letter = mood.letters[0]
    assert letter["Subject"] == "您的当物已评估" and letter["To"] == "an@example.com"
    assert letter["From"].addresses[0].display_name == "应需典当" and letter["From"].addresses[0].addr_spec == "kefu@yingxu.example"
    assert letter["Message-ID"] == f"<{row.token}@yingxu.example>"
    assert letter["Reply-To"].addresses[0].addr_spec == f"kefu+{row.token}@yingxu.example"
    assert letter["In-Reply-To"] == "<q1@example.com>" and letter["References"].split() == ["<q0@example.com>", "<q1@example.com>"]
    assert letter.get_body(("plain",)).get_content().splitlines() == ["您好，", ".评估结果见附件。"]
    assert "<p>您好</p>" in letter.get_body(("html",)).get_content()
    paper = next(letter.iter_attachments())
    assert paper.get_filename() == "评估单.pdf" and paper.get_content() == b"%PDF-1.7"
    assert letter["Auto-Submitted"] is None, "a person wrote this"


def test_automatic_mail_says_so(mood):
    send(automatic=True)
    work()
    letter = mood.letters[0]
    assert letter["Auto-Submitted"] == "auto-generated" and letter["X-Auto-Response-Suppress"] == "All" and letter["Precedence"]


def test_an_invitation_is_what_outlook_and_phones_read(mood):
    send(calendar="BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")
    work()
    letter = mood.letters[0]
    inline = [p for p in letter.walk() if p.get_content_type() == "text/calendar"]
    assert len(inline) == 1 and inline[0].get_param("method") == "REQUEST" and "BEGIN:VCALENDAR" in inline[0].get_content()
    assert [p.get_filename() for p in letter.iter_attachments()] == ["invite.ics"]


def test_a_subject_is_one_line_whatever_it_was(mood):
    send(subject="a\r\nBcc: victim@example.com\r\n\r\nbody", in_reply_to="<a@b>\r\nX-Evil: 1")
    work()
    letter = mood.letters[0]
    assert letter["Bcc"] is None and letter["X-Evil"] is None and "Bcc: victim" in letter["Subject"]


def test_the_server_refuses_for_hours_and_takes_it_in_the_end(mood, cast):
    """4xx: again later and later; what the server said is shown; the Message-ID stays."""
    row = send(matter=cast.matter, by=cast.by_shen)
    mood.rcpt = "451 4.7.1 greylisted, come back"
    assert work() == 1 and work() == 0, "not again at once"
    row.refresh_from_db()
    assert row.state == "waiting" and "greylisted" in row.error and row.tries == 1
    gone = timedelta(0)
    for wait in WAITS[:6]:
        assert after(gone + wait - timedelta(seconds=30)) == 0
        gone += wait + timedelta(seconds=1)
        assert after(gone) == 1
    mood.rcpt = ""
    assert after(gone + WAITS[6] + timedelta(seconds=1)) == 1
    row.refresh_from_db()
    assert row.state == "sent" and row.tries == 8 and row.error == "" and mood.letters[0]["Message-ID"] == f"<{row.token}@yingxu.example>"
    assert list(row.attempts.values_list("outcome", flat=True)) == ["later"] * 7 + ["sent"]


def test_after_two_days_whoever_wrote_it_is_told(mood, cast):
    row = send(matter=cast.matter, by=cast.by_shen)
    mood.data = "452 4.3.1 no space"
    begun = clock.now()
    moment = begun
    for wait in [timedelta(0), *WAITS]:
        moment += wait + timedelta(seconds=1)
        with clock.at(moment):
            assert work() == 1
    row.refresh_from_db()
    assert row.state == "failed" and sum(WAITS, timedelta(0)) == timedelta(hours=48)
    entry = Entry.objects.get(event="notices.delivery_failed")
    assert entry.matter == cast.matter and entry.tell == [cast.shen.pk] and "no space" in entry.personal["why"]
    with clock.at(moment + timedelta(days=9)):
        assert work() == 0


def test_a_clock_that_jumps_gives_nothing_up(mood, cast):
    """F20: a week forward and back again costs one try."""
    row = send()
    mood.rcpt = "451 later"
    work()
    with clock.at(clock.now() + timedelta(days=7)):
        work()
    mood.rcpt = ""
    row.refresh_from_db()
    assert row.state == "waiting" and row.tries == 2
    with clock.at(clock.now() + timedelta(days=8)):
        work()
    row.refresh_from_db()
    assert row.state == "sent"


@pytest.mark.parametrize("where", ["mail", "rcpt", "data"])
def test_a_final_refusal_is_final_at_once(mood, cast, where):
    row = send(matter=cast.matter, by=cast.by_shen)
    setattr(mood, where, "550 5.1.1 no such user")
    work()
    row.refresh_from_db()
    assert row.state == "failed" and "no such user" in row.error
    assert Entry.objects.get(event="notices.delivery_failed").tell == [cast.shen.pk]
    assert after(timedelta(days=1)) == 0


def test_a_wrong_password_of_ours_fails_no_letter(cast, tmp_path, monkeypatch):
    """535 is about us, not about the letter."""
    tls, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    mood = Mood()
    with mail_server(mood, tls=tls, user=("kefu", "right")) as port:
        set_up(port, host="localhost", security="starttls", username="kefu", password="wrong")
        row = send()
        work()
        row.refresh_from_db()
        assert row.state == "waiting" and "535" in row.error
        set_up(port, host="localhost", security="starttls", username="kefu", password="right")
        after(timedelta(hours=1))
        row.refresh_from_db()
    assert row.state == "sent" and mood.users[-1] == ("kefu", "right") and len(mood.letters) == 1


def test_tls_from_the_beginning(cast, tmp_path, monkeypatch):
    tls, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    mood = Mood()
    with mail_server(mood, tls=tls, starttls=False) as port:
        set_up(port, host="localhost", security="tls")
        send()
        work()
    assert len(mood.letters) == 1


def test_nothing_goes_out_unencrypted_by_mistake(mood):
    """STARTTLS is demanded: a server that does not offer it gets nothing."""
    row = send()
    MailOut.objects.update(security="starttls")
    work()
    row.refresh_from_db()
    assert row.state == "waiting" and "STARTTLS" in row.error and not mood.letters


def test_a_certificate_nobody_vouches_for_gets_nothing(cast, tmp_path):
    tls, _trusted = certificate(tmp_path)
    mood = Mood()
    with mail_server(mood, tls=tls) as port:
        set_up(port, host="localhost", security="starttls")
        row = send()
        work()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error and not mood.letters


def test_no_encryption_only_to_this_machine(mood):
    row = send()
    MailOut.objects.update(host="mail.example.com")
    with transaction.atomic():
        outlets.hand("mail", party(), by=SYSTEM)
    work()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error and not mood.letters


@pytest.mark.parametrize("greeting", [b"", b"220 mail.example ESMTP\r\n"])
def test_a_server_that_hangs_is_left(cast, monkeypatch, greeting):
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    with silent_server(greeting=greeting) as port:
        set_up(port)
        row = send()
        assert work() == 1
    row.refresh_from_db()
    assert row.state == "waiting" and row.error


def test_a_server_that_drips_is_left(cast, monkeypatch):
    """Each answer would come in time, but never the whole."""
    monkeypatch.setattr(smtp, "DEADLINE", 0.2)
    with silent_server(greeting=b"220-wait\r\n" * 3) as port:
        set_up(port)
        row = send()
        assert work() == 1
    row.refresh_from_db()
    assert row.state == "waiting" and row.error


def test_nobody_at_home(cast):
    set_up(free_port())
    row = send()
    work()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error


def test_taken_but_never_answered_is_sent_again_recognisably(mood):
    row = send()
    mood.drop = True
    work()
    row.refresh_from_db()
    assert row.state == "waiting" and row.attempts.get().outcome == Attempt.Outcome.LOST
    mood.drop = False
    after(timedelta(hours=1))
    row.refresh_from_db()
    assert row.state == "sent" and len({m["Message-ID"] for m in mood.letters}) == 1 and len(mood.letters) == 2


class Killed(BaseException):
    """The worker is gone."""


def test_a_worker_killed_between_sending_and_writing_it_down(mood, monkeypatch):
    """F4: sent at least once, with the same Message-ID, and only after the lease has run out."""
    row = send()

    def die(*_args):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(sending, "settle", die)
        with pytest.raises(Killed):
            work()
    row.refresh_from_db()
    assert row.state == "sending" and len(mood.letters) == 1
    assert work() == 0, "its lease still runs"
    expire()
    assert work() == 1
    row.refresh_from_db()
    assert row.state == "sent" and list(row.attempts.values_list("outcome", flat=True)) == ["lost", "sent"]
    assert len({m["Message-ID"] for m in mood.letters}) == 1


def expire() -> None:
    """Time passes at the database, whose clock leases are measured by."""
    with connection.cursor() as sql:
        sql.execute("UPDATE notices_delivery SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'sending'")


def test_what_kills_the_worker_every_time_is_set_aside(mood, monkeypatch):
    """F13: others go on, a person looks."""
    row, other = send(), send(key="other")

    def die(*_args):
        raise Killed

    for _time in range(3):
        with monkeypatch.context() as broken:
            broken.setattr(post, "hand_over", die)
            with pytest.raises(Killed):
                send_due(Channel.MAIL, post.hand_over)
        expire()
    work()
    row.refresh_from_db()
    other.refresh_from_db()
    assert row.state == "held" and row.error and other.state == "sent"


def test_a_fault_of_ours_sets_only_that_one_back(mood, monkeypatch):
    first, second = send(), send(key="second")
    Delivery.objects.filter(pk=first.pk).update(sealed_content="k1.broken")
    work()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == "waiting" and first.error and second.state == "sent"


def test_who_lost_the_lease_writes_nothing(mood):
    row = send()
    taken = sending.take(Channel.MAIL)
    expire()
    other = sending.take(Channel.MAIL)
    assert taken and other and other.unsure
    sending.settle(taken, sending.Result(Attempt.Outcome.REFUSED, "late"))
    row.refresh_from_db()
    assert row.state == "sending" and row.lease == other.row.lease


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_everything_once(cast):
    """F35: 24 letters, two workers at the same time, one letter each."""
    mood = Mood()
    with mail_server(mood) as port:
        set_up(port)
        for n in range(24):
            send(key=f"k{n}", subject=f"no {n}")
        begin = threading.Barrier(2)

        def one() -> None:
            begin.wait()
            try:
                work()
            finally:
                connection.close()

        workers = [threading.Thread(target=one) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert sorted(m["Subject"] for m in mood.letters) == sorted(f"no {n}" for n in range(24))
    assert not Delivery.objects.exclude(state="sent").exists() and not Delivery.objects.exclude(tries=1).exists()


def test_urgent_mail_leaves_first(mood):
    send(key="a", subject="ordinary")
    send(key="b", subject="urgent", urgent=True)
    work()
    assert [m["Subject"] for m in mood.letters] == ["urgent", "ordinary"]


def test_what_waits_for_its_moment_can_still_be_taken_back(mood):
    send(not_before=clock.now() + timedelta(seconds=15))
    assert work() == 0
    with transaction.atomic():
        assert actions.withdraw("k1")
    assert after(timedelta(minutes=1)) == 0 and not mood.letters


def test_content_with_a_secrecy_level_stays_inside(mood, cast):
    cast.matter.secrecy = 1
    cast.matter.save(update_fields=["secrecy"])
    row = send(matter=cast.matter)
    work()
    row.refresh_from_db()
    assert row.state == "held" and row.error and not mood.letters


def test_who_may_no_longer_see_it_gets_nothing(mood, cast):
    """S6: asked at the moment of sending."""
    mine = send(matter=cast.matter, user=cast.cheng)
    gone = send(key="gone", user=cast.gu)
    cast.gu.is_active = False
    cast.gu.save(update_fields=["is_active"])
    work()
    mine.refresh_from_db()
    gone.refresh_from_db()
    assert mine.state == gone.state == "cancelled" and mine.error and not mood.letters


def test_switching_mail_off_holds_what_waits(mood, cast):
    row = send()
    actions.set_mail(
        by=SYSTEM, on=False, host="127.0.0.1", port=25, security="none", username="", password="", from_address="a@b.example",
        from_name="", reply_address="",
    )  # fmt: skip
    row.refresh_from_db()
    assert row.state == "held" and work() == 0 and not queries.is_on(Channel.MAIL)
