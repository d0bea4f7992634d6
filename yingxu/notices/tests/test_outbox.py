"""The outbox: once per key, sealed, in the caller's transaction, found again by its token (U1, R2–R4)."""

import pytest
from django.db import connection, transaction

from yingxu.base.errors import Invalid
from yingxu.matters.models import Entry
from yingxu.notices import actions, queries
from yingxu.notices.models import Delivery, Notice, Part

from .facts import Moved
from .test_actions import state

pytestmark = pytest.mark.django_db


def send(**given) -> Delivery:
    """One mail put into the outbox."""
    with transaction.atomic():
        return actions.send(**{"channel": "mail", "to": "an@example.com", "key": "k1", "subject": "当物", "body": "您好", **given})


def test_the_same_key_is_the_same_delivery(cast):
    first = send(matter=cast.matter)
    again = send(matter=cast.matter, body="changed")
    assert first.pk == again.pk and again.content["body"] == "您好" and Delivery.objects.count() == 1


def test_it_leaves_with_the_caller_s_transaction_or_not_at_all(cast):
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.send(channel="sms", to="13900000000", key="k", template="customer_question", params={"number": "1"})
        raise RuntimeError
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_only_another_verb_may_send():
    with pytest.raises(RuntimeError):
        actions.send(channel="sms", to="13900000000", key="k")


def test_nothing_readable_lies_in_the_table(cast):
    row = send(params={"code": "K7"}, template="", body="编号和查询码")
    with connection.cursor() as sql:
        sql.execute("SELECT d::text FROM notices_delivery AS d WHERE id = %s", [row.pk])
        stored = sql.fetchone()[0]
    assert "an@example.com" not in stored and "查询码" not in stored and row.token not in stored
    assert row.hint == "a***@example.com" and row.to == "an@example.com"


def test_mail_is_held_while_no_server_is_set_up(cast):
    """Nothing leaves the machine by default."""
    assert send().state == Delivery.State.HELD
    assert send(channel="sms", to="13912345678", key="k2", template="customer_question").state == Delivery.State.WAITING


@pytest.mark.parametrize(
    ("channel", "to"),
    [
        ("mail", "a@b"), ("mail", "nobody"), ("mail", ""), ("mail", "a@example.com\nBcc: b@example.com"), ("mail", "a b@example.com"),
        ("mail", "a@example.com, b@example.com"), ("sms", "12345"), ("sms", "139000000000"), ("sms", "139\n00000000"), ("wecom", "https://evil.example"),
    ],
)  # fmt: skip
def test_what_can_be_no_address_is_refused(channel, to):
    with pytest.raises(Invalid):
        send(channel=channel, to=to)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("given", "kept"), [("+86 139-1234-5678", "13912345678"), ("0086 13912345678", "13912345678"), ("+85291234567", "+85291234567")])
def test_mobile_numbers_are_kept_one_way(given, kept):
    assert send(channel="sms", to=given, template="customer_question").to == kept


def test_a_token_finds_its_thread_and_nothing_else_does(cast):
    row = send(matter=cast.matter)
    assert queries.thread(row.token) == (cast.matter, row) and queries.thread(row.token.upper()) == (cast.matter, row)
    for wrong in ("", "0" * 32, row.ref.hex, row.token[:-1], row.token + "0"):
        assert queries.thread(wrong) is None
    assert send(key="other").token != row.token


def test_a_subject_cannot_begin_another_header(cast):
    row = send(subject="当物\r\nBcc: b@example.com", in_reply_to="<a@b>\r\nX: y")
    assert "\n" not in row.subject and "\r" not in row.subject and "\n" not in row.content["in_reply_to"]


def test_papers_go_with_it_once(cast):
    papers = [actions.Paper("清单.xlsx", "application/vnd.ms-excel", b"PK")]
    send(files=papers, calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")
    send(files=papers)
    assert list(Part.objects.values_list("name", "mime")) == [("清单.xlsx", "application/vnd.ms-excel"), ("invite.ics", "text/calendar")]


def test_what_has_not_left_can_be_withdrawn(cast):
    send()
    with transaction.atomic():
        assert actions.withdraw("k1") and not actions.withdraw("k1") and not actions.withdraw("unknown")
    assert Delivery.objects.get().state == Delivery.State.CANCELLED


def test_a_bounce_is_stated_where_it_belongs(cast):
    row = send(matter=cast.matter, by=cast.by_shen)
    Delivery.objects.update(state=Delivery.State.SENT)
    with transaction.atomic():
        actions.bounced(row, words="450 mailbox busy", permanent=False)
    row.refresh_from_db()
    assert row.state == "sent" and row.error == "450 mailbox busy" and not Entry.objects.filter(event__startswith="notices.").exists()
    for _twice in range(2):
        with transaction.atomic():
            actions.bounced(row, words="550 no such user\r\nBcc: x")
    entry = Entry.objects.get(event="notices.delivery_bounced")
    row.refresh_from_db()
    assert row.state == "bounced" and entry.matter == cast.matter and entry.tell == [cast.shen.pk] and "\n" not in row.error
    assert "an@example.com" not in str(entry.facts) + str(entry.personal)


def test_what_was_sent_because_of_a_matter_by_entry(cast):
    entry = state(Moved(), cast)
    row = send(matter=cast.matter, entry=entry)
    send(key="to a colleague", matter=cast.matter, user=cast.shen)
    assert queries.deliveries_of(cast.matter) == {entry.pk: [row]}
    assert Notice.objects.count() == 1
