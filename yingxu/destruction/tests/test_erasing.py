"""Erased is gone: planted words are nowhere, seals still hold, what must stay for the figures stays (A6, P12, F26)."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.canaries import in_files, in_tables
from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Change, Customer, Identifier, Section, Value
from yingxu.destruction import carrying, ledger, queries
from yingxu.destruction.erasing import engine
from yingxu.files.models import File
from yingxu.matters.actions import save_draft
from yingxu.matters.models import Entry, Matter, Note
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db
NAME, PHONE, OTHER = "金丝雀珠宝行", "13911112222", "仙鹤茶庄"
WORD = "绿孔雀羽扇"
CANARIES = [NAME, "金丝雀", PHONE, "139 1111 2222", WORD]


@pytest.fixture
def places(settings, tmp_path):
    settings.ERASURES, settings.FILES_DIR = tmp_path / "erasures.jsonl", tmp_path / "files"
    return tmp_path


@pytest.fixture
def planted(story, places):
    """A file with everything in it that a file can have, told in the planted words; its need is closed."""
    shen = story.by("沈岚")
    customer = customers.add(by=shen, name=NAME, type="organisation", phone=PHONE, remark=WORD, address=WORD, tags=[WORD], contact_name=WORD)
    need = story.at(State.CLOSED, customer=customer, body=f"{NAME} 的 {WORD}，电话 {PHONE}")
    needs.note(need, by=shen, text=WORD, uploads=[SimpleUploadedFile(f"{WORD}.txt", WORD.encode(), "text/plain")])
    customers.edit(customer, by=shen, remark=f"又说 {WORD}", why=WORD)
    save_draft(shen.user_id, f"needs.reply:{need.matter.number}", {"body": WORD})
    return Customer.objects.get(pk=customer.pk)


def erase(customer):
    with transaction.atomic():
        return carrying.erase({customer.pk}, "XH-2026-000001")


def test_planted_words_are_nowhere_afterwards(planted, places, django_capture_on_commit_callbacks):
    assert in_tables(CANARIES) and in_files(CANARIES, places)
    with django_capture_on_commit_callbacks(execute=True):
        erase(planted)
    assert in_tables(CANARIES) == []
    assert in_files(CANARIES, places) == []


def test_numbers_dates_and_states_stay_for_the_figures(planted, places):
    before = Need.objects.filter(customer=planted).values_list("matter__number", "state", "matter__opened_at", "rating", "category").get()
    count = Entry.objects.count()
    erase(planted)
    assert Need.objects.filter(customer=planted).values_list("matter__number", "state", "matter__opened_at", "rating", "category").get() == before
    assert Entry.objects.count() >= count and Matter.objects.get(pk=planted.pk).erased_at == clock.now()
    assert not Identifier.objects.filter(customer=planted).exists() and not Change.objects.filter(customer=planted).exists()


def test_another_customer_loses_nothing(story, planted, places):
    other = customers.add(by=story.by("沈岚"), name=OTHER, type="organisation", phone="13922223333")
    need = story.at(State.CLOSED, customer=other, body="另一件事")
    notes, files = Note.objects.filter(matter=need.pk).count(), File.objects.filter(matter=need.pk).count()
    erase(planted)
    assert Customer.objects.get(pk=other.pk).name == OTHER and Need.objects.get(pk=need.pk).body == "另一件事"
    assert (Note.objects.filter(matter=need.pk).count(), File.objects.filter(matter=need.pk).count()) == (notes, files)
    assert Identifier.objects.filter(customer=other).exists()


def test_merged_customers_go_with_the_kept_one(story, planted, places):
    shen = story.by("苏慕青")
    gone = customers.add(by=shen, name=f"{NAME}分号", type="organisation", phone="13933334444")
    customers.merge(planted, gone, by=shen)
    erase(Customer.objects.get(pk=planted.pk))
    assert in_tables([NAME, "13933334444"]) == []


def test_doing_it_again_does_nothing_more(planted, places):
    erase(planted)
    with transaction.atomic():
        assert sum(engine.erase({planted.pk}).values()) <= 60, "emptied columns are emptied again, nothing is deleted"
    assert in_tables(CANARIES) == []


def test_the_file_is_no_longer_found(story, enter, planted, places):
    number = planted.matter.number
    assert enter("沈岚").get(f"/customers/{number}/").status_code == 200
    erase(planted)
    opened = enter("沈岚").get(f"/customers/{number}/", follow=True)
    assert opened.redirect_chain == [(f"/destruction/gone/{number}/", 302)] and NAME not in opened.content.decode()
    assert NAME not in enter("沈岚").get("/customers/", {"q": "金丝雀"}).content.decode()


def test_the_ledger_names_keys_only_and_erases_again_after_a_restore(story, planted, places):
    """The rows of before come back as an older backup brings them; then the ledger erases the same again."""
    with transaction.atomic():
        point = transaction.savepoint()
        erase(planted)
        transaction.savepoint_rollback(point)
    assert in_tables(CANARIES), "the database is the older one"
    assert not [word for word in CANARIES if word in settings.ERASURES.read_text()]
    assert carrying.reapply() == (1, 1)
    assert in_tables(CANARIES) == []
    assert carrying.reapply() == (1, 0)


def test_a_line_that_was_cut_short_is_left_out(places):
    settings.ERASURES.write_bytes(b'{"by": "XH-2026-000001", "roots": [], "matters": {}}\n{"by": "XH-20')
    assert [line["by"] for line in ledger.lines()] == ["XH-2026-000001"]


def test_a_section_goes_with_its_history_and_the_file_stays(story, planted, places):
    section = Section.objects.filter(active=True).first()
    Value.objects.create(customer=planted, section=section, field="x", value=f"{WORD}一")
    Change.objects.create(customer=planted, part="value", row=section.pk, field="x", old=None, new={"value": f"{WORD}一"}, at=clock.now(), by_name="")
    with transaction.atomic():
        engine.erase_rows(queries.part_of(planted, {"section": section.pk}))
    assert in_tables([f"{WORD}一"]) == [] and Customer.objects.get(pk=planted.pk).name == NAME
