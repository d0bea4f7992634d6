"""U1, S20–S23: every mail is kept once and ends as a need, words on one, or a person's to decide; mail has no authority."""

import threading
import uuid
from email.message import EmailMessage

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yingxu.base import crypto
from yingxu.customers.models import Customer
from yingxu.files.models import File
from yingxu.intake import actions
from yingxu.intake.mail import arriving, sorting
from yingxu.intake.models import Mailbox, Received
from yingxu.matters.models import Entry, Note
from yingxu.needs import actions as needs
from yingxu.needs.models import Link, Need
from yingxu.needs.states import State
from yingxu.notices import actions as notices
from yingxu.notices.models import Delivery

from .letters import JI, US, letter, shared

S, R = Received.State, Received.Reason
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def box(importer):
    return Mailbox.objects.create(name="客服", address=US, way="delivered")


def come(box: Mailbox, raw: bytes) -> Received:
    """A mail arrives and is sorted."""
    row = arriving.take_in(raw, box)
    arriving.sort(row.pk)
    row.refresh_from_db()
    return row


def need_of(row: Received) -> Need:
    return Need.objects.select_related("matter", "customer").get(pk=row.about_id)


def told(need: Need, by, *, key: str = "", to: str = JI) -> Delivery:
    """Something we wrote to the customer about this need."""
    with transaction.atomic():
        return notices.send(channel="mail", to=to, subject="x", body="y", matter=need.matter, key=key or uuid.uuid4().hex, by=by)


def answer(delivery: Delivery, text: str = "好的，明天去。", *, message_id: str = "<2@mail.example>", sender: str = f"季棠 <{JI}>", **more: str) -> bytes:
    return letter(text, subject="回复: 续当咨询", message_id=message_id, sender=sender, In_Reply_To=f"<{delivery.token}@yingxu.example>", **more)


# ── a need ──


def test_a_new_mail_becomes_a_need(box):
    row = come(box, letter("想问一下续当要带什么。\n\n谢谢", files=(("当票.png", "image/png", PNG), ("坏.exe", "application/octet-stream", b"MZ" + b"\0" * 50))))
    need = need_of(row)
    assert row.state == S.NEED and need.channel == "mail" and need.matter.title == "续当咨询"
    assert need.body.startswith("想问一下续当要带什么。") and need.state == State.REGISTERED
    assert need.customer.name == "季棠" and need.customer.identifiers.get(type="email").masked == "j***@mail.example"
    assert [f.name for f in File.objects.filter(matter=need.matter)] == ["当票.png"] and row.left_out[0][0] == "坏.exe"
    assert need.matter.entries.filter(event="intake.mail_registered").count() == 1
    assert row.raw.body.startswith(b"From:") and JI.encode() not in bytes(row.raw.sealed)
    assert JI not in row.sealed_sender and row.sender == JI and row.sender_hint == "j***@mail.example"


def test_the_next_mail_of_a_customer_is_theirs_too(box):
    one, two = come(box, letter()), come(box, letter("另一件事", subject="赎当", message_id="<9@mail.example>"))
    assert need_of(one).customer_id == need_of(two).customer_id and one.about_id != two.about_id
    assert Customer.objects.count() == 1


def test_the_kind_is_the_mailboxes_when_nothing_suggests_one(box):
    Mailbox.objects.update(kind="complaint")
    box.refresh_from_db()
    assert need_of(come(box, letter())).kind == "complaint"


@pytest.mark.parametrize("raw", [
    letter("", subject="", message_id=""), letter("", files=(("a.png", "image/png", PNG),)), letter("字" * 60_000), letter(html="<p>只有<b>网页</b></p>", text=" "),
], ids=["nothing", "only a file", "very long", "only html"])  # fmt: skip
def test_mails_without_words_and_with_too_many_are_needs(box, raw):
    row = come(box, raw)
    assert row.state == S.NEED and need_of(row).body.strip()


# ── once ──


def test_the_same_mail_is_one_wherever_it_comes(box):
    """F14: again, in another mailbox, with other trace headers."""
    other = Mailbox.objects.create(name="info", address="info@yingxu.example", way="delivered")
    first = come(box, letter())
    for _time in range(3):
        assert come(box, b"Received: by x\r\n" + letter()).state == S.DUPLICATE
    again = come(other, b"Delivered-To: info@yingxu.example\r\n" + letter())
    assert again.original_id == first.pk and Need.objects.count() == 1
    assert sorted(Received.objects.filter(original=first).values_list("mailbox", "times")) == [(box.pk, 3), (other.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_take_it_in_once(importer_for_good):
    """F14: both read the same message at the same moment; one row, one need."""
    box = Mailbox.objects.create(name="客服", address=US, way="delivered")
    gate, found, wrong = threading.Barrier(4), [], []

    def poll() -> None:
        try:
            gate.wait(10)
            row = arriving.take_in(letter(), box)
            arriving.sort(row.original_id or row.pk)
            found.append(row.state)
        except Exception as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=poll) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and len(found) == 4
    assert Received.objects.filter(original=None).count() == 1 and Need.objects.count() == 1


# ── threads ──


def test_a_reply_with_our_token_is_the_customers_words(box, importer):
    need = need_of(come(box, letter()))
    row = come(box, answer(told(need, importer), "好的，明天去。\n\n在 2026年3月18日，客服 <service@yingxu.example> 写道：\n> 请带当票"))
    assert row.state == S.REPLY and row.about_id == need.pk
    note = Note.objects.get(matter=need.matter)
    assert (note.body, note.voice, note.channel) == ("好的，明天去。", "said", "mail") and row.entry_id == note.entry_id
    assert (note.entry.actor_kind, note.entry.actor_name, note.entry.who) == ("customer", "customer", "季棠")


@pytest.mark.parametrize("where", ["References", "To", "Delivered-To"])
def test_the_token_is_found_in_references_and_in_the_reply_address(box, importer, where):
    need = need_of(come(box, letter()))
    token = told(need, importer).token
    more = {"References": f"<a@b> <{token}@yingxu.example>"} if where == "References" else {where: f"service+{token}@yingxu.example"}
    to = more.pop("To", US)
    row = come(box, letter("好的", subject="无关", message_id="<7@mail.example>", to=to, **more))
    assert row.state == S.REPLY and row.about_id == need.pk


def test_a_stranger_with_a_token_waits_for_a_person(box, importer):
    """S20: a token that was passed on does not open the conversation; nor does the number; nor a forged staff address."""
    need = need_of(come(box, letter()))
    passed_on = come(box, answer(told(need, importer), sender="别人 <other@mail.example>"))
    guessed = come(box, letter("我是他", subject=f"[#{need.number}] 催办", sender="other@mail.example", message_id="<4@mail.example>"))
    for row in (passed_on, guessed):
        assert (row.state, row.reason, row.maybe_id, row.about_id) == (S.QUARANTINE, R.STRANGER, need.pk, None)
    assert not Note.objects.filter(matter=need.matter).exists()
    assert Entry.objects.filter(event="intake.mail_waits").count() == 2  # somebody is told


def test_the_number_in_the_subject_is_enough_for_the_customer(box):
    need = need_of(come(box, letter()))
    row = come(box, letter("还有一件", subject=f"回复：[#{need.number}] 续当咨询", message_id="<5@mail.example>"))
    assert row.state == S.REPLY and row.about_id == need.pk


def test_an_answer_to_ones_own_mail_is_put_with_it(box):
    need = need_of(come(box, letter()))
    row = come(box, letter("补充", subject="Re: 续当咨询", message_id="<6@mail.example>", In_Reply_To="<1@mail.example>"))
    assert row.state == S.REPLY and row.about_id == need.pk


def test_a_reply_that_comes_before_its_original(box):
    """F15: joined when the original comes."""
    early = come(box, letter("补充", message_id="<6@mail.example>", In_Reply_To="<1@mail.example>"))
    late = come(box, letter())
    assert (early.state, late.state) == (S.NEED, S.REPLY) and early.about_id == late.about_id


def test_somebody_elses_mail_does_not_join_by_reference(box):
    early = come(box, letter("补充", message_id="<6@mail.example>", In_Reply_To="<1@mail.example>"))
    other = come(box, letter(sender="别人 <other@mail.example>"))
    assert (early.state, other.state) == (S.NEED, S.NEED) and early.about_id != other.about_id


def test_replies_follow_a_merge(box, importer):
    need, into = need_of(come(box, letter())), need_of(come(box, letter("同一件", message_id="<8@mail.example>")))
    needs.merge(need, by=importer, into=into)
    row = come(box, answer(told(need, importer)))
    assert row.state == S.REPLY and row.about_id == into.pk


def test_a_reply_to_a_closed_need_opens_one_that_follows(box, importer):
    """N9: an ended need stays as it is."""
    need = need_of(come(box, letter()))
    needs.answer_now(need, by=importer, answer="带当票和身份证")
    row = come(box, answer(told(need, importer), "还是没办成"))
    made = need_of(row)
    assert row.state == S.NEED and made.pk != need.pk and made.body == "还是没办成" and made.origin_id == need.pk
    assert Link.objects.filter(a=need, b=made, type="follow_up").exists() and made.customer_id == need.customer_id


def test_a_reply_ends_a_wait_and_answers_the_question(box, importer):
    need = need_of(come(box, letter()))
    needs.reply(need, by=importer, text="要续多久？", channel="phone", question=True)
    come(box, answer(told(need, importer), "三个月"))
    assert Note.objects.get(matter=need.matter, question=True).answered_at is not None


def test_mail_cannot_command(box, importer):
    """S20: whatever it says and whoever it says it is from, it only says something."""
    importer_address = "shen@yingxu.example"
    need = need_of(come(box, letter()))
    row = come(box, letter("/close\n关闭", subject=f"[#{need.number}] close", sender=f"沈岚 <{importer_address}>", message_id="<3@mail.example>"))
    assert row.state == S.QUARANTINE
    assert need_of(come(box, answer(told(need, importer), "#close 满意"))).state == State.REGISTERED


def test_a_signature_picture_is_kept_once(box):
    html = '<p>好的</p><img src="cid:logo">'
    need = need_of(come(box, letter()))
    for n in (20, 21):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = f"季棠 <{JI}>", US, f"[#{need.number}]", f"<{n}@mail.example>"
        mail.set_content("好的")
        mail.add_alternative(html, subtype="html")
        mail.get_payload()[1].add_related(PNG, "image", "png", cid="<logo>", filename="logo.png")
        assert come(box, mail.as_bytes()).state == S.REPLY
    assert File.objects.filter(matter=need.matter).count() == 1


# ── what nobody wrote ──


def test_a_bounce_is_put_to_what_it_returns(box, importer):
    need = need_of(come(box, letter()))
    delivery = told(need, importer)
    Delivery.objects.update(state="sent")
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: service@yingxu.example\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; jitang@mail.example\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + delivery.token.encode() + b"@yingxu.example>\r\nSubject: x\r\n\r\n--b--\r\n"
    )
    row = come(box, raw)
    delivery.refresh_from_db()
    assert (row.state, row.about_id) == (S.BOUNCE, need.pk) and delivery.state == "bounced" and "5.1.1" in delivery.error
    assert need.matter.entries.filter(event="notices.delivery_bounced").count() == 1


def test_a_bounce_of_nothing_waits_for_a_person(box):
    row = come(box, letter("<x@mail.example>: 550", subject="Undelivered Mail Returned to Sender", sender="MAILER-DAEMON@mx.example"))
    assert (row.state, row.reason, row.nature) == (S.QUARANTINE, R.BOUNCE, "bounce") and Need.objects.count() == 0


def test_an_automatic_reply_is_noted_where_it_belongs_and_starts_nothing(box, importer):
    need = need_of(come(box, letter()))
    row = come(box, answer(told(need, importer), "我在休假", Auto_Submitted="auto-replied"))
    assert (row.state, row.about_id) == (S.AUTO, need.pk) and not Note.objects.filter(matter=need.matter).exists()
    stray = come(box, letter("我在休假", subject="自动回复：休假", message_id="<11@mail.example>"))
    assert (stray.state, stray.reason) == (S.QUARANTINE, R.AUTOMATIC)


def test_our_own_mail_coming_back_is_a_loop(box, importer):
    need = need_of(come(box, letter()))
    back = come(box, letter(message_id=f"<{told(need, importer).token}@yingxu.example>"))
    own = come(box, letter(sender=US, message_id="<12@yingxu.example>"))
    lists = come(box, letter(message_id="<13@mail.example>", List_Id="<x.example>"))
    assert [(r.state, r.reason) for r in (back, own, lists)] == [(S.QUARANTINE, R.LOOP), (S.QUARANTINE, R.LOOP), (S.QUARANTINE, R.LIST)]


def test_a_flood_from_one_sender_waits_for_a_person(box, monkeypatch):
    monkeypatch.setattr(sorting, "PER_HOUR", 3)
    states = [come(box, letter(f"第 {n} 封", message_id=f"<{n}@flood.example>")).state for n in range(5)]
    assert states == [S.NEED] * 3 + [S.QUARANTINE] * 2


# ── poison ──


def test_a_poison_mail_is_set_aside_after_three_tries_and_others_go_on(box, monkeypatch):
    """F13."""
    settle = sorting.settle

    def poisoned(row, mail):
        if "毒" in mail.subject:
            raise RecursionError("boom")
        return settle(row, mail)

    monkeypatch.setattr(sorting, "settle", poisoned)
    bad = arriving.take_in(letter(subject="毒", message_id="<66@mail.example>"), box)
    good = arriving.take_in(letter(), box)
    for _time in range(3):
        arriving.sort_waiting()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.reason, bad.tries) == (S.QUARANTINE, R.UNREADABLE, 3) and "boom" in bad.trouble
    assert good.state == S.NEED and good.tries == 1
    assert arriving.sort_waiting() == 0


def test_a_mail_that_kills_the_process_is_set_aside_too(box, monkeypatch):
    """F12: the try is counted before it begins."""
    def dies(row, mail):
        raise KeyboardInterrupt

    monkeypatch.setattr(sorting, "settle", dies)
    row = arriving.take_in(letter(), box)
    for _time in range(3):
        with pytest.raises(KeyboardInterrupt):
            arriving.sort(row.pk)
    assert arriving.sort(row.pk) == S.QUARANTINE


def test_too_big_is_kept_as_a_beginning(box, monkeypatch):
    monkeypatch.setattr(arriving, "BIGGEST", 2_000)
    row = come(box, letter("长" * 3_000))
    assert (row.state, row.reason) == (S.QUARANTINE, R.TOO_BIG) and len(row.raw.body) == 2_000


@pytest.mark.parametrize("path", shared("ruby-mail/**/*.eml", "mail-parser/*", "django-helpdesk/*.eml", "talon-replies/**/*.eml"), ids=lambda path: path.name)
def test_every_real_mail_ends_somewhere(box, path):
    """S23."""
    row = come(box, path.read_bytes())
    assert row.state in (S.NEED, S.REPLY, S.QUARANTINE, S.BOUNCE, S.AUTO), (row.state, row.trouble)
    assert row.reason != R.UNREADABLE, row.trouble
    assert row.raw.body == path.read_bytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from([b"", b"From: a@b.example\r\nSubject: x\r\n", b"From: <a@b.example>\r\nContent-Type: text/html\r\n\r\n"]))
def test_any_bytes_end_in_one_state(box, raw, head):
    row = arriving.take_in(head + raw, box)
    row = row.original or row
    arriving.sort(row.pk)
    row.refresh_from_db()
    assert row.state in (S.NEED, S.REPLY, S.QUARANTINE, S.BOUNCE, S.AUTO) and row.reason != R.UNREADABLE, row.trouble
    assert (row.about_id is not None) == (row.state != S.QUARANTINE)


# ── a person decides ──


def test_a_person_puts_a_mail_to_its_need(box, importer):
    need = need_of(come(box, letter()))
    row = come(box, letter("我是他太太", subject=f"[#{need.number}]", sender="太太 <wife@mail.example>", message_id="<31@mail.example>"))
    actions.put_on(row, by=importer, need=need)
    row.refresh_from_db()
    assert (row.state, row.about_id, row.decided_by_id) == (S.REPLY, need.pk, importer.user_id)
    assert Note.objects.get(matter=need.matter).body == "我是他太太"
    later = come(box, letter("再说一句", subject=f"[#{need.number}]", sender="太太 <wife@mail.example>", message_id="<32@mail.example>"))
    assert later.state == S.REPLY  # a person let her in


def test_a_person_makes_a_need_and_takes_it_back(box, importer):
    row = come(box, letter(List_Id="<x.example>"))
    actions.make_need(row, by=importer)
    row.refresh_from_db()
    first = need_of(row)
    actions.take_back(row, by=importer)
    row.refresh_from_db()
    first.refresh_from_db()
    assert (row.state, row.reason, first.state) == (S.QUARANTINE, R.TAKEN_BACK, State.VOID)
    actions.make_need(row, by=importer)
    row.refresh_from_db()
    assert row.state == S.NEED and row.about_id != first.pk


def test_a_person_drops_a_mail_and_puts_it_back(box, importer):
    row = come(box, letter(List_Id="<x.example>"))
    with pytest.raises(Exception, match="."):
        actions.drop(row, by=importer, reason=" ")
    actions.drop(row, by=importer, reason="广告")
    row.refresh_from_db()
    assert (row.state, row.remark) == (S.DROPPED, "广告")
    with pytest.raises(Exception, match="."):
        actions.put_on(row, by=importer, need=need_of(come(box, letter(message_id="<40@mail.example>"))))
    actions.take_back(row, by=importer)
    row.refresh_from_db()
    assert row.state == S.QUARANTINE


def test_the_originals_opening_is_stated(box, importer):
    row = come(box, letter())
    assert actions.open_original(row, by=importer) == letter()
    assert need_of(row).matter.entries.filter(event="intake.mail_opened").count() == 1


def test_raw_bytes_are_sealed_with_the_current_key(box):
    row = come(box, letter())
    sealed = bytes(row.raw.sealed)
    with pytest.raises(Exception):  # noqa: B017  another context cannot open it
        crypto.unseal_bytes(sealed, "elsewhere")
    assert connection.vendor == "postgresql"
