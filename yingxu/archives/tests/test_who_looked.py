"""Who looked at a guarded file and what for (A9, G2): asked once for a sitting, read by those who guard it, counted for the clause."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from yingxu.archives import actions, looks
from yingxu.archives.events import ManyLooked
from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid, NotAllowed, Unsaid
from yingxu.customers import actions as customers
from yingxu.customers.models import Section
from yingxu.customers.queries import sections
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Look, Matter
from yingxu.matters.queries import Said, last_said
from yingxu.needs.states import State
from yingxu.people import queries as people

pytestmark = pytest.mark.django_db
KEEPER, READER, STRANGER = "苏慕青", "陆砚秋", "顾一鸣"


@pytest.fixture
def by(story):
    return lambda name=KEEPER: people.actor(story.world.user(name))


@pytest.fixture
def need(story):
    return story.at(State.HANDLING, customer=story.world.customer("季棠"))


@pytest.fixture
def customer(story, need, by):
    actions.set_level(story.world.customer("季棠"), by=by(), level=2, why="并购洽谈")
    found = story.world.customer("季棠")
    found.matter.refresh_from_db()
    return found


def page_of(customer, more=""):
    return f"/customers/{customer.matter.number}/{more}"


def looked(customer, **more):
    return list(Look.objects.filter(matter_id=customer.pk, **more).order_by("pk"))


def test_a_guarded_file_asks_once_what_the_look_is_for(customer, need, enter):
    client = enter(READER)
    asked = client.get(page_of(customer, "?part=papers"))
    assert asked.status_code == 302 and asked["Location"].startswith(page_of(customer, "serves/?next=")) and not looked(customer)
    page = client.get(asked["Location"]).content.decode()
    assert need.matter.number in page and customer.name not in page, "nothing of the file is open yet"
    back = page_of(customer, "?part=papers")
    assert client.post(page_of(customer, "serves/"), {"need": need.matter.number, "next": back})["Location"] == back
    assert client.get(back).status_code == client.get(page_of(customer)).status_code == 200, "not on every click"
    assert {(look.serves_id, look.facts.get("detail", "")) for look in looked(customer)} == {(need.pk, ""), (need.pk, "part papers")}


@pytest.mark.parametrize("given", [{}, {"reason": " "}, {"need": "2026-999999"}, {"need": ""}])
def test_nothing_opens_without_a_need_or_a_reason(customer, need, enter, given):
    client = enter(READER)
    assert client.post(page_of(customer, "serves/"), given).status_code == 422
    assert not looked(customer) and client.get(page_of(customer)).status_code == 302
    assert client.post(page_of(customer, "serves/"), {"reason": "年度检查", "next": "https://elsewhere.example/"})["Location"] == page_of(customer)
    assert looked(customer)[0].personal == {"reason": "年度检查"} and looked(customer)[0].facts == {"said": True}


def test_the_address_may_name_the_need(customer, need, enter):
    client = enter(READER)
    assert client.get(page_of(customer, "?serves=2026-999999")).status_code == 302, "no need they see"
    assert client.get(page_of(customer, f"?serves={customer.matter.number}")).status_code == 302, "a file is no need"
    assert client.get(page_of(customer, f"?serves={need.matter.number}")).status_code == 200
    assert client.get(page_of(customer, "changes/")).status_code == 200, "and it holds on"
    assert {look.serves_id for look in looked(customer)} == {need.pk}


def test_what_was_said_holds_for_the_sitting_and_for_this_file(customer, by, story):
    reader = by(READER)
    with pytest.raises(NotAllowed):
        customers.say_what_for(customer, by=by(STRANGER), reason="好奇")
    with pytest.raises(Invalid):
        customers.say_what_for(customer, by=reader, need="2026-999999")
    customers.say_what_for(customer, by=reader, reason="年度检查")
    assert last_said(reader, customer.matter).reason == "年度检查" and last_said(by(), customer.matter) is None
    assert last_said(reader, story.world.customer("砚台巷珠宝商行").matter) is None
    with clock.at(clock.now() + timedelta(minutes=5)):
        matters.looked(None, by=reader, what=Look.What.SIGNED_IN)
        assert last_said(reader, customer.matter) is None, "who comes in anew says it anew"
    with clock.at(clock.now() + timedelta(hours=9)), pytest.raises(Unsaid):
        matters.look(customer.matter, by=reader, ask=True)


def test_an_ordinary_file_asks_nothing(story, enter):
    ordinary = story.world.customer("砚台巷珠宝商行")
    assert enter(READER).get(page_of(ordinary)).status_code == 200 and not looked(ordinary)


def test_work_of_ours_says_by_itself_what_it_is_for(customer, enter):
    assert enter(KEEPER).get(f"/archives/{customer.matter.number}/term/").status_code == 200
    assert looked(customer)[0].facts == {"detail": "term", "work": "guarding"}


@pytest.fixture
def read(customer, need, by):
    """Looks of every kind, the need of one of them above nobody."""
    reader, plain, at = by(READER), by("沈岚"), clock.now() - timedelta(days=3)
    with clock.at(at):
        matters.looked(customer.matter, by=reader, what=Look.What.PAGE, said=Said(need.matter), detail="part papers")
        matters.looked(customer.matter, by=plain, what=Look.What.PAGE)
    with clock.at(at + timedelta(days=1)):
        section = next(s for s, _level in sections.open_to(customer, by()) if s.specs)
        matters.looked(customer.matter, by=reader, what=Look.What.REVEAL, said=Said(reason="约时间"), detail=f"{section.code}.{section.specs[0].code}")
        matters.looked(customer.matter, by=reader, what=Look.What.REVEAL, said=Said(need.matter), facts={"type": "phone"})
        matters.looked(customer.matter, by=by(), what=Look.What.PAGE, said=Said(work="guarding"), detail="looks")
    return section


def test_who_guards_the_file_reads_who_looked(customer, need, read, enter):
    client, address = enter(KEEPER), f"/archives/{customer.matter.number}/looks/"
    page = client.get(address).content.decode()
    for word in ("陆砚秋", "沈岚", need.matter.number, "约时间", read.name, read.specs[0].label):
        assert word in page, word
    narrowed = {"?who=沈岚": 1, "?what=reveal": 2, "?served=need": 2, "?served=reason": 1, "?served=none": 1, f"?until={clock.today() - timedelta(days=3)}": 2, "?sort=who": 6}
    for query, rows in narrowed.items():
        assert client.get(address + query).content.decode().count("data-row=") == rows, query
    assert customer.name in client.get("/archives/looks/?who=沈岚").content.decode()
    for wrong in ("?what=signed_in", "?served=x", "?sort=pk", "?since=gestern"):
        assert client.get(address + wrong).status_code == 422, wrong


def test_a_look_at_a_part_above_the_readers_clearance_is_no_look_to_them(customer, by, enter):
    keeper = by(KEEPER)
    matters.look(customer.matter, by=by(READER), detail="part papers")
    matters.look(customer.matter, by=by(READER), what=Look.What.FILE, detail="4711", above=keeper.clearance + 1)
    shown = looks.matching(keeper, looks.Wish(), customer)
    assert [row.facts.get("detail") for row in shown] == ["part papers"]
    page = enter(KEEPER).get(f"/archives/{customer.matter.number}/looks/").content.decode()
    assert page.count("data-row=") == 2, "that one, and their own look at this page"


def test_nobody_else_reads_who_looked(customer, read, enter, by):
    for name in (STRANGER, "沈岚"):
        client = enter(name)
        for address in (f"/archives/{customer.matter.number}/looks/", "/archives/looks/"):
            assert client.get(address).status_code in (403, 404), (name, address)
        with pytest.raises(NotAllowed):
            actions.export_looks(by=by(name), wish=looks.Wish())
    assert not looks.matching(by("沈岚"), looks.Wish(), customer).exists()


def test_a_section_above_the_keeper_is_not_named(customer, read, by):
    Section.objects.filter(pk=read.pk).update(secrecy=3)
    Matter.objects.filter(pk=customer.pk).update(secrecy=1)
    keeper = by()
    assert keeper.clearance < 3 or pytest.skip("this keeper may know everything")
    said = " ".join(row.part for row in looks.shown(list(looks.matching(keeper, looks.Wish(), customer)), keeper))
    assert read.name not in said and read.specs[0].label not in said


def test_the_list_leaves_with_its_mark(customer, read, by, enter):
    client = enter(KEEPER)
    book = load_workbook(io.BytesIO(b"".join(client.post(f"/archives/{customer.matter.number}/looks/export/", {"what": "reveal"}).streaming_content)))
    assert book.worksheets[0].max_row == 3 and book.custom_doc_props.names == ["YingxuExport"]
    assert Look.objects.filter(what="export", facts__list="looks").exists() and Entry.objects.filter(event="archives.looks_exported").exists()
    assert client.post("/archives/looks/export/", {"kind": "csv"})["Content-Type"].startswith("text/csv")


def test_the_page_costs_no_more_with_more_rows(customer, need, read, by, enter, django_assert_max_num_queries):
    client, address = enter(KEEPER), f"/archives/{customer.matter.number}/looks/"
    client.get(address)
    for n in range(40):
        matters.looked(customer.matter, by=by(READER), what=Look.What.REVEAL, said=Said(need.matter), facts={"type": "phone", "n": n})
    with django_assert_max_num_queries(16):
        assert client.get(address).content.decode().count("data-row=") > 40


def test_the_control_counts_looks_that_say_nothing(customer, read):
    tally = controls()["archives.looks_serve_a_need"].tally(clock.now() - timedelta(days=9), clock.now(), None)
    assert (tally.applied, tally.kept, tally.failed, [one.matter_id for one in tally.broken]) == (5, 4, 1, [customer.pk])


def test_who_reads_unusually_much_is_told_to_the_keepers(customer, by, settings):
    settings.LOOKS_A_DAY = 0
    customers.say_what_for(customer, by=by(READER), reason="年度检查")
    assert actions.tell_of_many_looks() == 1 and actions.tell_of_many_looks() == 0, "once a day"
    told = Entry.objects.get(event=ManyLooked.NAME)
    assert told.facts["name"] == "陆砚秋" and by().user_id in told.tell and by(READER).user_id not in told.tell
    settings.LOOKS_A_DAY = 1
    with clock.at(clock.now() + timedelta(days=1)):
        customers.say_what_for(customer, by=by(READER), reason="年度检查")
        assert actions.tell_of_many_looks() == 0, "as usual"
