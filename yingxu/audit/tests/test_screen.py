"""The auditors' screen: both ledgers on one list without business content, one export that is written down, the seals and their verification (S2, S8)."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from yingxu.audit import actions, jobs, queries, rules
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.matters import actions as matters
from yingxu.matters import heads, seals
from yingxu.matters.models import Entry, Look, Matter, Verification

pytestmark = pytest.mark.django_db
AUDITOR = "齐修远"
CANARY = "玄鹤珠宝"


@pytest.fixture
def told(world, settings, tmp_path):
    """A customer with a level whom somebody looked at, with a need's number; a wrong password; an export with words."""
    settings.DATA_DIR = tmp_path
    customer = customers.add(by=world.by("沈岚"), name=CANARY, type="organisation", contact_name=CANARY, phone="13912345678", remark=CANARY)
    Matter.objects.filter(pk=customer.pk).update(secrecy=1)
    customer.matter.refresh_from_db()
    matters.look(customer.matter, by=world.by("苏慕青"))
    matters.exported("customers", by=world.by("苏慕青"), rows=3, words=CANARY, of=[customer.pk])
    return customer


@pytest.fixture
def auditor(told, signed_in):
    return signed_in(AUDITOR)


def _list(client, **asked):
    return client.get(reverse("audit:index"), asked)


def test_auditors_read_who_when_and_which_number_and_nothing_of_the_business(auditor, told):
    answer = _list(auditor)
    text = answer.content.decode()
    assert answer.status_code == 200 and told.number in text and "customers.customer_added" in text and "苏慕青" in text
    assert CANARY not in text and "13912345678" not in text
    assert auditor.get(reverse("customers:profile", args=[told.number])).status_code in (403, 404)


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ({"kind": "journal"}, "customers.customer_added", 'data-row="looks:'),
        ({"kind": "looks"}, 'data-row="looks:', 'data-row="journal:'),
        ({"kind": "signins"}, 'data-row="looks:', 'data-row="journal:'),
        ({"who": "苏慕"}, "苏慕青", "沈岚</"),
        ({"what": "export"}, 'data-row="looks:', 'data-row="journal:'),
        ({"number": "KH-0000-000000"}, "", "data-row="),
        ({"until": "2001-01-01"}, "", "data-row="),
        ({"sort": "when"}, 'data-row="journal:', "nothing"),
    ],
)
def test_the_list_is_filtered(auditor, asked, shown, hidden):
    text = _list(auditor, **asked).content.decode()
    assert shown in text and hidden not in text


def test_a_number_finds_what_was_done_on_it(auditor, told):
    rows = queries.listed(SYSTEM, queries.Wish(number=told.number)).rows
    assert {row.matter_id for row in rows} == {told.pk} and {row.ledger for row in rows} == {"journal", "looks"}


@pytest.mark.parametrize("asked", [{"kind": "x"}, {"sort": "x"}, {"since": "yesterday"}])
def test_an_unknown_filter_is_refused(auditor, asked):
    assert _list(auditor, **asked).status_code == 422
    with pytest.raises(Invalid):
        queries.Wish.of(asked)


def test_pages_go_on_in_the_order_of_sealing(auditor, world):
    for n in range(60):
        matters.exported("needs", by=world.by("苏慕青"), rows=n)
    first = queries.listed(SYSTEM, queries.Wish())
    second = queries.listed(SYSTEM, queries.Wish(), first.next)
    assert len(first.rows) == 50 and not {r.uid for r in first.rows} & {r.uid for r in second.rows}
    assert [(r.tx, r.row) for r in first.rows] == sorted(((r.tx, r.row) for r in first.rows), reverse=True)


def test_a_page_asks_little(auditor, django_assert_max_num_queries):
    _list(auditor)
    with django_assert_max_num_queries(12):
        _list(auditor)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_export_is_covered_sealed_and_written_down(auditor, told, kind):
    seals.seal_once("journal", wait=timedelta())
    answer = auditor.post(reverse("audit:export"), {"as": kind, "kind": "looks"})
    body = b"".join(answer.streaming_content)
    if kind == "xlsx":
        cells = [str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(body)).active for cell in row]
        text = " ".join(cells)
    else:
        text = body.decode("utf-8-sig")
    assert answer.status_code == 200 and told.number in text and CANARY not in text
    look = Look.objects.filter(facts__list="audit").get()
    assert look.actor_name == AUDITOR and look.personal["words"].startswith("kind=looks") and look.facts["rows"] >= 2


def test_others_are_refused(told, signed_in, world):
    for name in ("沈岚", "严守拙", "管鹿鸣"):
        assert _list(signed_in(name)).status_code == 403
        with pytest.raises(NotAllowed) as refusal:
            actions.verify(by=world.by(name))
        assert refusal.value.code == rules.VERIFY.name
    assert not queries.matching(world.by("沈岚"), queries.Wish()).exists()


def test_verifying_from_the_screen(auditor, told, world, monkeypatch):
    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    assert "没校验过" in auditor.get(reverse("audit:seals")).content.decode()
    for name in seals.LEDGERS:
        seals.seal_once(name, wait=timedelta())
    assert auditor.post(reverse("audit:verify")).status_code == 302
    with pytest.raises(WrongMoment):
        actions.verify(by=world.by(AUDITOR))
    assert "hx-trigger" in auditor.get(reverse("audit:seals")).content.decode()
    for record in Verification.objects.all():
        jobs.verify(record.pk)
    text = auditor.get(reverse("audit:seals")).content.decode()
    assert "hx-trigger=\"every 2s\"" not in text and AUDITOR in text and heads.line(seals.state("journal").last) in text
    assert {(v.trouble, v.through) for v in Verification.objects.all()} == {("", 1)}


def test_trouble_stands_on_the_screen(auditor, told, monkeypatch, world):
    from django.db import connection

    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    seals.seal_once("journal", wait=timedelta())
    row = Entry.objects.first()
    with connection.cursor() as sql:
        sql.execute("SET LOCAL session_replication_role = replica")
        sql.execute("UPDATE matters_entry SET facts = '{}' WHERE id = %s", [row.pk])
        sql.execute("SET LOCAL session_replication_role = origin")
    for record in actions.verify(by=world.by(AUDITOR)):
        jobs.verify(record.pk)
    assert str(row.pk) in Verification.objects.get(ledger="journal").trouble
    assert Verification.objects.get(ledger="journal").trouble in auditor.get(reverse("audit:seals")).content.decode()


def test_words_are_covered_codes_are_not():
    from yingxu.audit.models import Record

    record = Record(ledger="journal", facts={"identifier": 7, "type": "phone", "masked": "1•••", "what": "翡翠手镯", "digits": "13912345678", "ids": [1, 2]}, personal={"name": "季棠"})
    shown = dict(queries.covered(record))
    assert shown["identifier"] == "7" and shown["type"] == "phone" and shown["ids"] == "1, 2"
    assert shown["what"] == "••• (4)" and shown["digits"] == "••• (11)" and shown["name"] == "•••" and "1•••" not in shown.values()
