"""A4: old and new value, who, when, why, for every field; the file as of any moment; what is given out comes from it (A8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Gone, Invalid, NotAllowed, Stale
from yingxu.customers import actions, queries
from yingxu.customers.models import Change, Customer, Value
from yingxu.matters.models import Entry

pytestmark = pytest.mark.django_db
SECTIONS = {
    "reminders": {"papers": 30, "contracts": 30, "instalments": 7},
    "scale": {
        "name": "规模", "type": "organisation",
        "fields": [
            {"code": "shops", "label": "门店", "type": "number", "unit": "间"},
            {"code": "region", "label": "服务区域", "type": "choices", "options": ["青石区", "云屿区"]},
        ],
    },
    "finance": {
        "name": "财务与授信", "secrecy": 3,
        "fields": [{"code": "credit", "label": "授信额度", "type": "money"}, {"code": "account", "label": "对账口令", "type": "text", "sensitive": True}],
    },
}  # fmt: skip


@pytest.fixture
def sections(db):
    with transaction.atomic():
        actions.install(SECTIONS, by=SYSTEM)


@pytest.fixture
def company(shen, sections) -> Customer:
    return actions.add(by=shen.actor, name="砚台巷珠宝商行", type="organisation", contact_name="梁女士", phone="13900002046", grade="A")


def fresh(customer: Customer) -> Customer:
    return Customer.objects.select_related("matter").get(pk=customer.pk)


def test_any_day_of_a_file_is_as_it_was(shen, wei, company):
    """After each verb the whole file is photographed; read backwards from the end, every picture comes out again."""
    other = actions.add(by=shen.actor, name="砚台巷珠宝", type="organisation", phone="13900002099")
    with transaction.atomic():
        actions.fill(other, "scale", by=shen.actor, values={"shops": "3"})
    boss = wei.actor
    scan = SimpleUploadedFile("licence.txt", "营业执照".encode())
    verbs = [
        lambda c: actions.edit(c, by=boss, name="砚台巷珠宝商行（总店）", address="砚台巷 27 号", owner=wei.user, why="走访记录"),
        lambda c: actions.tag(c, by=boss, add=["老客户"]),
        lambda c: actions.add_contact(c, by=boss, name="谢诚", position="账务", role="guards", phone="13900002047"),
        lambda c: actions.edit_contact(c, c.contacts.get(name="谢诚"), by=boss, reports_to=c.contacts.get(name="梁女士"), stance="for"),
        lambda c: actions.retire_contact(c, c.contacts.get(name="谢诚"), by=boss),
        lambda c: actions.add_identifier(c, by=boss, type="wechat", text="liang2046"),
        lambda c: actions.remove_identifier(c, c.identifiers.get(type="wechat"), by=boss),
        lambda c: actions.fill(c, "scale", by=boss, values={"shops": "1", "region": ["青石区"]}),
        lambda c: actions.fill(c, "scale", by=boss, values={"shops": "2"}, why="走访记录"),
        lambda c: actions.fill(c, "finance", by=boss, values={"credit": "200万", "account": "七里香八月桂"}),
        lambda c: actions.fill(c, "scale", by=boss, values={"region": ""}),
        lambda c: actions.take_in_paper(c, by=boss, kind="licence", number="440301199", valid_until=date(2027, 1, 1), scans=[scan]),
        lambda c: actions.amend_paper(c, c.papers.get(), by=boss, issuer="青石区市场监管局"),
        lambda c: actions.draw_up(c, by=boss, title="最高额质押合同", amount=Decimal("2000000"), ends_on=date(2027, 5, 1)),
        lambda c: actions.put_in_force(c, c.contracts.get(), by=boss),
        lambda c: actions.plan_collection(c, c.contracts.get(), by=boss, instalments=[(date(2027, 1, 1), Decimal(50), "")]),
        lambda c: actions.pay(c, c.contracts.get(), by=boss, instalment=c.contracts.get().instalments.get().pk, amount=Decimal(20)),
        lambda c: actions.write_down(c, by=boss, kind="visit", text="第二间门店开业", next_step="答复寄售"),
        lambda c: actions.strike(c, c.dealings.get(), by=boss, reason="写错了客户"),
        lambda c: actions.merge(c, fresh(other), by=boss, choices={f"section:{c.filled.get(field='shops').section_id}.shops": "gone"}),
        lambda c: actions.undo_merge(c, queries.merges(c)[0], by=boss),
    ]  # fmt: skip
    start = clock.now()
    pictures = [(start, queries.archive.state(company))]
    for hour, verb in enumerate(verbs, 1):
        moment = start + timedelta(hours=hour)
        with clock.at(moment):
            before = Change.objects.count()
            verb(fresh(company))
        assert Change.objects.count() > before, f"verb {hour} left no trace"
        pictures.append((moment, queries.archive.state(company)))
    for moment, picture in pictures:
        assert queries.archive.state_on(fresh(company), moment) == picture
    assert len({str(picture) for _moment, picture in pictures}) == len(pictures) - 2  # what was added and taken away, merged and undone, looks as before


def test_who_when_why_old_and_new(shen, company):
    with clock.at(clock.now() + timedelta(hours=1)):
        actions.fill(company, "scale", by=shen.actor, values={"shops": "1"})
        actions.fill(company, "scale", by=shen.actor, values={"shops": "2"}, why="走访记录")
        actions.edit(fresh(company), by=shen.actor, grade="B", why="季度评审")
    grade, shops, first = queries.changes.of(company, shen.actor).rows
    assert (grade.what, grade.old, grade.new, grade.change.why, grade.change.by_name) == ("等级", "A", "B", "季度评审", "沈岚")
    assert (shops.what, shops.old, shops.new, shops.change.why) == ("规模 · 门店", "1 间", "2 间", "走访记录")
    assert (first.old, first.new) == ("", "1 间")
    said = [str(line.event.sentence()) for line, _number in queries.history(company, shen.actor)]
    assert "更新“规模”：门店；依据：走访记录" in said


def test_sections_above_the_clearance_are_nowhere(shen, wei, company):
    """S5: neither the section, nor its history, nor the line that it was filled in."""
    actions.fill(company, "finance", by=wei.actor, values={"credit": "888", "account": "七里香八月桂"})
    assert [s.section.code for s in queries.sections.read(company, shen.actor)] == ["scale"]
    assert [s.section.code for s in queries.sections.read(company, wei.actor)] == ["scale", "finance"]
    with pytest.raises(Gone):
        actions.fill(company, "finance", by=shen.actor, values={"credit": "1"})
    assert not queries.changes.of(company, shen.actor).rows and len(queries.changes.of(company, wei.actor).rows) == 2
    assert not any("财务" in str(line.event.sentence()) for line, _number in queries.history(company, shen.actor))
    given = queries.archive.of(company, shen.actor)
    assert not any("财务" in sheet.title or "888" in str(sheet) for sheet in given.sheets)
    assert any("888.00" in str(sheet) for sheet in queries.archive.of(company, wei.actor).sheets)


def test_sensitive_values_are_sealed(wei, shen, company):
    actions.fill(company, "finance", by=wei.actor, values={"account": "七里香八月桂"})
    row = Value.objects.get(field="account")
    assert row.value is None and "七里香" not in row.sealed and "七里香八" not in str(list(Change.objects.values())) + str(list(Entry.objects.values()))
    fact = queries.sections.one(company, "finance", wei.actor).facts[1]
    assert "七里香" not in fact.text
    assert actions.reveal_value(row, by=wei.actor, reason="对账") == "七里香八月桂"
    assert "对账口令" in str(queries.history(company, wei.actor)[0][0].event.sentence())
    with pytest.raises(Gone):
        actions.reveal_value(row, by=shen.actor)
    actions.fill(company, "finance", by=wei.actor, values={"account": ""})
    assert Value.objects.filter(field="account").exists()
    actions.fill(company, "finance", by=wei.actor, values={"account": ""}, clear=["account"])
    assert not Value.objects.filter(field="account").exists()


def test_stale_sections_and_contacts_are_refused_with_both_values(shen, company):
    seen = queries.sections.one(company, "scale", shen.actor).mark
    actions.fill(company, "scale", by=shen.actor, values={"shops": "2"}, seen=seen)
    with pytest.raises(Stale) as refusal:
        actions.fill(company, "scale", by=shen.actor, values={"shops": "5"}, seen=seen)
    assert refusal.value.theirs == {"门店": ("2 间", "5 间")}
    contact = company.contacts.get()
    mark = actions.editing.contact_mark(contact)
    actions.edit_contact(company, contact, by=shen.actor, position="店主", seen=mark)
    with pytest.raises(Stale):
        actions.edit_contact(company, contact, by=shen.actor, position="店员", seen=mark)


def test_refusals(shen, ye, company):
    with pytest.raises(NotAllowed):
        actions.fill(company, "scale", by=ye.actor, values={"shops": "2"})
    with pytest.raises(Invalid) as wrong:
        actions.fill(company, "scale", by=shen.actor, values={"shops": "many", "cellars": "1"})
    assert "cellars" in wrong.value.fields
    with pytest.raises(Invalid):
        actions.fill(company, "scale", by=shen.actor, values={"shops": "many"})
    with pytest.raises(Invalid):
        queries.archive.of(company, shen.actor, clock.now() - timedelta(days=400))
    with pytest.raises(Invalid):
        queries.archive.of(company, shen.actor, clock.now() + timedelta(days=1))
    person = company.contacts.get()
    with pytest.raises(Invalid):
        actions.edit_contact(company, person, by=shen.actor, reports_to=person)
