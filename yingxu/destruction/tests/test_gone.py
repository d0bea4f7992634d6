"""What is left to read of what was destroyed: a page under its number for those who could have seen it, lines on the file for its parts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.canaries import in_tables
from yingxu.customers import actions as customers
from yingxu.customers.models import Paper, Section
from yingxu.customers.queries import sections
from yingxu.destruction import carrying
from yingxu.destruction.models import Item
from yingxu.destruction.tests.test_proposals import destroyed
from yingxu.matters.models import Entry, Look, Matter
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db
WORD = "绿孔雀羽扇"


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.ERASURES, settings.FILES_DIR = tmp_path / "erasures.jsonl", tmp_path / "files"
    return tmp_path


@pytest.fixture
def customer(story):
    return customers.add(by=story.by("沈岚"), name="金丝雀珠宝行", type="organisation", phone="13911112222")


def test_the_number_says_that_it_was_destroyed_to_those_who_could_see_it(story, enter, customer):
    need = story.at(State.CLOSED, customer=customer, body=WORD)
    done = destroyed(story, customer)
    number = customer.matter.number
    for address in (f"/customers/{number}/", f"/needs/{need.matter.number}/"):
        seen = enter("苏慕青").get(address, follow=True)
        page = seen.content.decode()
        assert seen.redirect_chain and seen.status_code == 200 and done.number in page and "已销毁" in page and done.facts["proposal"] in page
        assert f"/destruction/certificates/{done.number}/" in page
    assert enter("苏慕青").get("/destruction/gone/KH-2020-999999/").status_code == 404


def test_what_still_stands_has_no_such_page(story, enter, customer):
    assert enter("苏慕青").get(f"/destruction/gone/{customer.matter.number}/").status_code == 404
    assert enter("苏慕青").get(f"/customers/{customer.matter.number}/").status_code == 200


def test_a_destroyed_file_with_a_level_says_so_to_the_cleared_alone(story, enter, customer):
    destroyed(story, customer)
    Matter.objects.filter(pk=customer.pk).update(secrecy=3)
    assert enter("陆砚秋").get(f"/destruction/gone/{customer.matter.number}/").status_code == 200
    assert Look.objects.filter(matter=customer.pk, what="page").exists(), "the look is written down"
    for address in (f"/customers/{customer.matter.number}/", f"/destruction/gone/{customer.matter.number}/"):
        assert enter("沈岚").get(address).status_code == 404, "for whoever may not see it there never was one"


def paper(story, customer) -> Paper:
    upload = SimpleUploadedFile(f"{WORD}.txt", WORD.encode(), "text/plain")
    return customers.take_in_paper(customer, by=story.by("沈岚"), kind="other", name=WORD, why=WORD, scans=[upload])


def test_papers_go_with_their_lines_and_the_file_says_who_decided_it(story, enter, customer):
    kept = paper(story, customer)
    assert any(Entry.objects.filter(matter=customer.pk, personal__name=WORD))
    done = destroyed(story, customer, kind="papers", papers=[kept])
    assert Item.objects.get().state == Item.State.GONE and done.gone == 1
    assert in_tables([WORD]) == []
    said = Entry.objects.get(matter=customer.pk, event="destruction.part_destroyed")
    assert said.facts["certificate"] == done.number and {"沈岚", "苏慕青"} <= set(said.facts["who"]) and len(said.facts["who"]) >= 4
    assert not Entry.objects.filter(matter=customer.pk, event="destruction.file_erased").exists(), "the file itself is still there"
    page = enter("苏慕青").get(f"/customers/{customer.matter.number}/?part=history").content.decode()
    assert done.number in page and "1 份材料" in page


def test_papers_are_destroyed_again_after_a_restore(story, customer):
    kept = paper(story, customer)
    with transaction.atomic():
        point = transaction.savepoint()
        destroyed(story, customer, kind="papers", papers=[kept])
        transaction.savepoint_rollback(point)
    assert in_tables([WORD])
    carrying.reapply()
    assert in_tables([WORD]) == []


def test_a_section_goes_with_the_reasons_of_its_changes_and_tells_nobody_without_the_clearance(story, enter, customer):
    shown = next(s for s in sections.read(customer, story.by("沈岚")) if any(spec.type == "text" and not spec.sensitive for spec in s.section.specs))
    spec = next(spec for spec in shown.section.specs if spec.type == "text" and not spec.sensitive)
    customers.fill(customer, shown.section.code, by=story.by("沈岚"), values={spec.code: WORD}, why=WORD)
    done = destroyed(story, customer, kind="section", section=shown.section)
    assert done.gone == 1 and in_tables([WORD]) == []
    history = f"/customers/{customer.matter.number}/?part=history"
    assert done.number in enter("沈岚").get(history).content.decode()
    Section.objects.filter(pk=shown.section.pk).update(secrecy=3)
    assert done.number not in enter("沈岚").get(history).content.decode() and done.number in enter("陆砚秋").get(history).content.decode()
