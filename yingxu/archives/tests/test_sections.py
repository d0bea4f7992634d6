"""Levels of single sections of a file: raised at once, lowered by a second person, found nowhere by who may not know of them (A2, S4)."""

from datetime import timedelta

import pytest

from yingxu.api.hooked import may_be_told
from yingxu.approvals import actions as approvals
from yingxu.approvals import queries as requests
from yingxu.approvals.events import ApprovalGranted
from yingxu.archives import parts, queries, reactions
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Reach
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.base.events import revive
from yingxu.customers import actions as customers
from yingxu.customers.models import Section, SectionLevel
from yingxu.customers.queries import archive, changes, history, sections
from yingxu.matters import queries as matters
from yingxu.matters.models import Entry
from yingxu.people import queries as people
from yingxu.people.verifying import Proof

pytestmark = pytest.mark.django_db
WORD, NAME = "玄圃积玉", "并购底牌"


@pytest.fixture
def keeper(story):
    return lambda: people.actor(story.world.user("苏慕青"))


@pytest.fixture
def section(db):
    """A section that every customer's file has, with no level of its own."""
    field = {"code": "plan", "label": "打算", "type": "text"}
    return Section.objects.create(code="deal", name=NAME, order=90, fields=[field])


@pytest.fixture
def customer(story, section):
    found, low = story.world.customer("季棠"), story.world.user("沈岚")
    low.clearance = 1
    low.save()
    customers.fill(found, "deal", by=SYSTEM, values={"plan": WORD}, why=f"{WORD}面谈")
    return found


def level(customer):
    return next(level for found, level in sections.levels(customer) if found.code == "deal")


def test_a_raised_section_is_nowhere_for_who_is_not_cleared(story, customer, keeper, enter):
    low, number = people.actor(story.world.user("沈岚")), customer.matter.number
    pages = [f"/customers/{number}/", f"/customers/{number}/?part=history", f"/customers/{number}/changes/", f"/customers/{number}/sections/deal/"]
    before = [enter("沈岚").get(page).content.decode() for page in pages[:3]]
    assert all(NAME in text for text in before)
    parts.raise_section(customer, by=keeper(), code="deal", level=2, why="并购洽谈")
    assert enter("沈岚").get(pages[3]).status_code == 404
    for page in [*pages[:3], f"/customers/{number}/?part=secrecy", f"/customers/{number}/?on={clock.today().isoformat()}"]:
        text = enter("沈岚").get(page).content.decode()
        assert NAME not in text and WORD not in text, page
    assert not changes.of(customer, low).rows and not [line for line, _n in history(customer, low) if getattr(line.event, "section", None)]
    assert NAME not in str(archive.of(customer, low)) and NAME in str(archive.of(customer, keeper()))
    with pytest.raises(Gone):
        customers.fill(customer, "deal", by=low, values={"plan": "看看"})
    page = enter("苏慕青").get(pages[0]).content.decode()
    assert WORD in page and page.index("stamp", page.index(f"<h3>{NAME}")) < page.index("</h3>", page.index(f"<h3>{NAME}")), "the stamp is beside its heading"


def test_nobody_is_told_of_a_section_they_may_not_know_of(story, customer, keeper):
    """Notices and webhooks ask the same: may this person hear of the entry?"""
    parts.raise_section(customer, by=keeper(), code="deal", level=2, why="并购洽谈")
    for name in ("customers.section_filled", "archives.section_raised"):
        entry = Entry.objects.select_related("matter").filter(matter_id=customer.pk, event=name).last()
        assert not matters.may_hear(people.actor(story.world.user("沈岚")), entry) and matters.may_hear(keeper(), entry)
        assert not may_be_told(people.actor(story.world.user("沈岚")), entry), "not by a webhook either"
    other = Entry.objects.select_related("matter").filter(matter_id=customer.pk).first()
    assert matters.may_hear(people.actor(story.world.user("沈岚")), other)


@pytest.mark.parametrize("given", [{"level": 0}, {"level": 4}, {"why": " "}, {"level": 2, "code": "none"}])
def test_what_no_section_can_be_set_to(customer, keeper, given):
    with pytest.raises((Invalid, Gone)):
        parts.raise_section(customer, by=keeper(), **({"code": "deal", "level": 1, "why": "洽谈"} | given))
    assert not SectionLevel.objects.exists()


def test_only_who_guards_archives_and_not_above_their_own_clearance(story, customer, keeper):
    with pytest.raises(NotAllowed):
        parts.raise_section(customer, by=people.actor(story.world.user("沈岚")), code="deal", level=1, why="试试")
    by = keeper()
    with pytest.raises(Invalid, match="许可"):
        parts.raise_section(customer, by=type(by)(**{**vars(by), "clearance": 1}), code="deal", level=2, why="试试")


def test_a_section_comes_down_only_when_a_second_person_agrees(story, customer, keeper, enter):
    parts.raise_section(customer, by=keeper(), code="deal", level=2, why="并购洽谈")
    for wrong in (2, 3):
        with pytest.raises(Invalid):
            parts.ask_to_lower_section(customer, by=keeper(), code="deal", level=wrong, why="结束")
    request = parts.ask_to_lower_section(customer, by=keeper(), code="deal", level=0, why="结束")
    assert level(customer) == 2, "asking changes nothing"
    signer = request.seats.get().user
    assert signer.name != "苏慕青" and signer.clearance >= 2
    low = people.actor(story.world.user("沈岚"))
    assert not requests.visible_to(low).filter(pk=request.pk).exists() and not requests.panel(customer.matter, low)
    assert not [line for line, _n in history(customer, low) if line.entry.event.startswith("approvals.")]
    approvals.approve(request, by=people.actor(signer), proof=Proof(signer.pk, clock.now(), "password"))
    entry = Entry.objects.get(event=ApprovalGranted.NAME)
    reactions.lower(revive(entry.event, entry.facts, entry.personal), entry)
    assert level(customer) == 0
    assert not parts.section_lowered(request, request.rounds.get().subject), "heard of twice, done once"
    assert "archives.section_lowered" in {line.entry.event for line in queries.history(customer, keeper())}


def test_a_section_is_never_below_its_file_nor_below_what_the_company_says(customer, keeper, section):
    section.secrecy = 1
    section.save()
    parts.raise_section(customer, by=keeper(), code="deal", level=2, why="洽谈")
    with pytest.raises(Invalid):
        parts.ask_to_lower_section(customer, by=keeper(), code="deal", level=0, why="结束")
    customer.matter.secrecy = 3
    assert level(customer) == 3


def test_a_lower_word_of_the_company_opens_nothing_that_was_filled_in(story, customer, section):
    section.secrecy = 2
    section.save()
    other = story.world.customer("砚台巷珠宝商行")
    customers.edit_section(section, by=SYSTEM, seen=section.version, name=NAME, secrecy=0)
    assert (level(customer), level(other)) == (2, 0)


def test_a_merge_keeps_the_higher_level_and_tells_nothing_of_hidden_values(story, customer, keeper, section):
    gone = customers.add(by=SYSTEM, name="季棠（旧档）")
    customers.fill(gone, "deal", by=SYSTEM, values={"plan": "另有打算"})
    parts.raise_section(gone, by=keeper(), code="deal", level=2, why="洽谈")
    low = people.actor(story.world.user("沈岚"))
    low = type(low)(**{**vars(low), "reaches": {**low.reaches, "customers.merge": Reach.ALL}})
    with pytest.raises(Invalid):
        customers.merge(customer, gone, by=low, choices={f"section:{section.pk}.plan": "gone"})
    later = clock.now() + timedelta(hours=1)
    with clock.at(later):
        merge = customers.merge(customer, gone, by=low)
    assert level(customer) == 2
    with clock.at(later + timedelta(hours=1)):
        customers.undo_merge(customer, merge, by=keeper())
    assert level(customer) == 0 and level(gone) == 2


def test_levels_of_sections_are_set_on_the_pages(customer, enter):
    client, base = enter("苏慕青"), f"/archives/{customer.matter.number}/sections/deal"
    assert client.get(f"{base}/raise/").status_code == 200
    assert client.post(f"{base}/raise/", {"level": "2", "why": ""}).status_code == 422
    assert client.post(f"{base}/raise/", {"level": "2", "why": "洽谈"}).status_code == 302
    assert client.post(f"{base}/lower/", {"level": "0", "why": "结束"}).status_code == 302
    assert client.get(f"{base}/else/").status_code == 404 and client.get(base.replace("deal", "none") + "/raise/").status_code == 404
    assert enter("沈岚").get(f"{base}/raise/").status_code in (403, 404)
    page = client.get(f"/customers/{customer.matter.number}/?part=secrecy").content.decode()
    assert NAME in page and f"{base}/lower/" in page
