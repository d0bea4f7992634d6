"""Setting level, term and circle (A1): done, refused, at the wrong moment; a second person for what opens; what the pages show."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from yingxu.approvals import actions as approvals
from yingxu.approvals.events import ApprovalGranted
from yingxu.approvals.models import Request
from yingxu.archives import actions, queries, reactions, rules
from yingxu.archives.models import Custody
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.base.events import revive
from yingxu.customers import queries as customers
from yingxu.matters.models import Entry, Matter
from yingxu.needs.states import State as NeedState
from yingxu.people import queries as people
from yingxu.people.verifying import Proof
from yingxu.ui import levels

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(story):
    return story.world.customer("季棠")


@pytest.fixture
def keeper(story):
    """苏慕青 guards archives."""
    return lambda: people.actor(story.world.user("苏慕青"))


def _opened(client, customer):
    """Somebody who has said what they look at the file for."""
    assert client.post(f"/customers/{customer.number}/serves/", {"reason": "定密复核"}).status_code == 302
    return client


def stated(customer, name):
    return list(Entry.objects.filter(matter_id=customer.pk, event=f"archives.{name}").values_list("facts", flat=True))


def test_a_level_is_raised_at_once_for_everything_that_hangs_from_the_file(story, customer, keeper):
    need = story.at(NeedState.HANDLING, customer=customer)
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈", ends_on=clock.today() + timedelta(days=90))
    assert Matter.objects.get(pk=need.pk).secrecy == Matter.objects.get(pk=customer.pk).secrecy == 2
    found = queries.custody(customer)
    assert (found.before, found.why, found.by.name) == (0, "并购洽谈", "苏慕青")
    assert stated(customer, "level_set")[0]["new"] == 2


@pytest.mark.parametrize(
    ("level", "more", "field"),
    [(1, {}, "level"), (0, {}, "level"), (4, {}, "level"), (2, {"why": " "}, "why"), (2, {"ends_on": "today"}, "ends_on")],
)
def test_what_no_level_can_be_set_to(story, customer, keeper, level, more, field):
    actions.set_level(customer, by=keeper(), level=1, why="报价阶段")
    if "ends_on" in more:
        more = {"ends_on": clock.today()}
    with pytest.raises(Invalid) as refused:
        actions.set_level(customer, by=keeper(), **({"level": level, "why": "再高一级"} | more))
    assert field in refused.value.fields
    assert Matter.objects.get(pk=customer.pk).secrecy == 1


def test_nobody_sets_a_level_above_their_clearance_or_without_the_rule(story, customer):
    with pytest.raises(NotAllowed):
        actions.set_level(customer, by=story.by("沈岚"), level=1, why="试试")
    low = people.actor(story.world.user("苏慕青"))
    with pytest.raises(Invalid, match="许可"):
        actions.set_level(customer, by=type(low)(**{**vars(low), "clearance": 1}), level=2, why="试试")


def test_a_term_is_made_longer_and_never_shorter(customer, keeper):
    soon, later = clock.today() + timedelta(days=10), clock.today() + timedelta(days=40)
    with pytest.raises(Invalid):
        actions.set_term(customer, by=keeper(), why="没有密级", ends_on=later)
    actions.set_level(customer, by=keeper(), level=1, why="报价阶段", ends_on=soon)
    actions.set_term(customer, by=keeper(), why="谈判延长", ends_on=later)
    assert queries.custody(customer).ends_on == later
    with pytest.raises(Invalid) as refused:
        actions.set_term(customer, by=keeper(), why="早点结束", ends_on=soon)
    assert "ends_on" in refused.value.fields
    actions.set_term(customer, by=keeper(), why="不定期")
    assert queries.custody(customer).ends_on is None


def test_where_a_term_ends_the_level_goes_back_or_those_who_guard_it_are_asked(story, customer, keeper):
    other = story.world.customer("砚台巷珠宝商行")
    day = clock.today() + timedelta(days=5)
    actions.set_level(customer, by=keeper(), level=1, why="报价阶段", ends_on=day, then="declassify")
    actions.set_level(other, by=keeper(), level=2, why="报价阶段", ends_on=day)
    with clock.at(clock.now() + timedelta(days=5)):
        assert actions.look_at_terms() == 0, "the last day belongs to it"
    with clock.at(clock.now() + timedelta(days=6)):
        assert actions.look_at_terms() == 2 and actions.look_at_terms() == 0
        assert (Matter.objects.get(pk=customer.pk).secrecy, Matter.objects.get(pk=other.pk).secrecy) == (0, 2)
        assert stated(customer, "term_ended")[0] == {"old": 1, "new": 0, "was": levels.name(1), "now": levels.name(0)}
        assert story.world.user("苏慕青").pk in Entry.objects.get(matter_id=other.pk, event="archives.term_asked").tell
        assert not controls()["archives.terms_decided"].tally(clock.now() - timedelta(days=9), clock.now(), None).failed
    with clock.at(clock.now() + timedelta(days=20)):
        assert controls()["archives.terms_decided"].tally(clock.now() - timedelta(days=30), clock.now(), None).failed == 1


def test_a_level_raised_for_a_time_goes_back_to_the_one_before(customer, keeper):
    actions.set_level(customer, by=keeper(), level=1, why="老客户资料")
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈", ends_on=clock.today() + timedelta(days=1), then="declassify")
    with clock.at(clock.now() + timedelta(days=2)):
        actions.look_at_terms()
    assert Matter.objects.get(pk=customer.pk).secrecy == 1


def test_the_circle_is_for_persons_and_heads_and_its_keeper_stays_in_it(story, customer, keeper, enter):
    pawn = story.world.department("pawn")
    actions.set_circle(customer, by=keeper(), why="并购洽谈", persons=[story.world.user("苏慕青")], departments=[pawn])
    assert {user.name for user in queries.members(Matter.objects.get(pk=customer.pk).customer)} == {"苏慕青", pawn.head.name}
    page = f"/customers/{customer.number}/?part=secrecy"
    assert enter("沈岚").get(page).status_code == 404
    assert "并购洽谈" in _opened(enter("苏慕青"), customer).get(page).content.decode()
    with pytest.raises(Invalid) as refused:
        actions.set_circle(customer, by=keeper(), why="只留主管", persons=[pawn.head])
    assert "persons" in refused.value.fields
    assert len(queries.members(Matter.objects.get(pk=customer.pk).customer)) == 2, "nobody was locked out"
    with pytest.raises(Invalid):
        actions.set_circle(customer, by=keeper(), why="空的")


def test_nobody_is_put_into_a_circle_whom_the_level_keeps_out(story, customer, keeper):
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈")
    low = next(user for user in story.world.people.values() if user.clearance < 2)
    with pytest.raises(Invalid, match=low.name):
        actions.set_circle(customer, by=keeper(), why="一起", persons=[story.world.user("苏慕青"), low])


def test_the_file_as_of_a_day_has_the_level_and_the_circle_it_had(story, customer, keeper):
    """A4: the file's memory hears of level and circle, whoever changed them."""
    start = clock.now()
    with clock.at(start + timedelta(hours=1)):
        actions.set_level(customer, by=keeper(), level=2, why="并购洽谈", ends_on=clock.today() + timedelta(days=1), then="declassify")
    with clock.at(start + timedelta(hours=2)):
        actions.set_circle(customer, by=keeper(), why="并购洽谈", persons=[story.world.user("苏慕青"), story.world.user("秦望舒")])
    with clock.at(start + timedelta(days=3)):
        actions.look_at_terms()
    with clock.at(start + timedelta(days=4)):
        request = actions.ask_to_lower(customer, by=keeper(), level=0, why="洽谈结束", open_up=True)
        subject = {"customer": customer.pk, "old": 0, "level": 0, "open_up": True, "why": "洽谈结束"}
        assert actions.lowered(request, subject)

    def then(**later):
        row = customers.archive.state_on(customer, start + timedelta(**later))["matter"][customer.pk]
        return row["secrecy"], row["circle_id"]

    assert [then(), then(hours=1), then(hours=2), then(days=3), then(days=4)] == [
        (0, None), (2, None), (2, customer.pk), (0, customer.pk), (0, None),
    ]  # fmt: skip


def test_a_level_comes_down_only_when_a_second_person_agrees(story, customer, keeper):
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈")
    actions.set_circle(customer, by=keeper(), why="并购洽谈", persons=[story.world.user("苏慕青"), story.world.user("秦望舒")])
    request = actions.ask_to_lower(customer, by=keeper(), level=1, why="洽谈结束", open_up=True)
    assert Matter.objects.get(pk=customer.pk).secrecy == 2, "asking changes nothing"
    signer = request.seats.get().user
    assert signer.name != "苏慕青", "another person signs"
    approvals.approve(request, by=people.actor(signer), proof=Proof(signer.pk, clock.now(), "password"))
    entry = Entry.objects.get(event=ApprovalGranted.NAME)
    granted = revive(entry.event, entry.facts, entry.personal)
    reactions.lower(granted, entry)
    matter = Matter.objects.get(pk=customer.pk)
    assert (matter.secrecy, matter.circle_id) == (1, None)
    assert not actions.lowered(request, granted.subject), "heard of twice, done once"
    assert not controls()["archives.lowered_by_two"].tally(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), None).failed
    with pytest.raises(Invalid):
        actions.ask_to_lower(Custody.objects.get(pk=customer.pk).customer, by=keeper(), level=1, why="再来")


def test_a_level_raised_meanwhile_stays(customer, keeper):
    actions.set_level(customer, by=keeper(), level=1, why="报价阶段")
    request = actions.ask_to_lower(customer, by=keeper(), level=0, why="结束")
    customer.matter.refresh_from_db()
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈")
    assert not actions.lowered(request, request.rounds.get().subject)
    assert Matter.objects.get(pk=customer.pk).secrecy == 2


def test_the_company_names_its_levels(story, customer, keeper, enter):
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈")
    actions.name_levels(by=keeper(), names=["内部", "普通商密", "核心商密"])
    assert levels.choices() == [(0, levels.name(0)), (1, "内部"), (2, "普通商密"), (3, "核心商密")]
    assert "普通商密" in _opened(enter("苏慕青"), customer).get(f"/customers/{customer.number}/").content.decode()
    with pytest.raises(Invalid):
        actions.name_levels(by=keeper(), names=["内部", "内部", "核心商密"])
    with pytest.raises(NotAllowed):
        actions.name_levels(by=story.by("沈岚"), names=["甲", "乙", "丙"])


def test_the_register_lists_and_exports_what_one_may_see(story, customer, keeper, enter):
    other = story.world.customer("砚台巷珠宝商行")
    actions.set_level(customer, by=keeper(), level=1, why="报价阶段", ends_on=clock.today() + timedelta(days=5))
    actions.set_circle(other, by=keeper(), why="投诉调查", persons=[story.world.user("苏慕青")])
    page = enter("苏慕青").get("/archives/").content.decode()
    assert customer.number in page and other.number in page and "★" in page
    assert other.number not in enter("陆砚秋").get("/archives/").content.decode()
    for query, here, gone in (("?level=1", customer, other), ("?circle=1", other, customer), ("?term=soon", customer, other), ("?q=" + other.name, other, customer)):
        text = enter("苏慕青").get("/archives/" + query, headers={"HX-Request": "true"}).content.decode()
        assert here.number in text and gone.number not in text, query
    assert enter("苏慕青").get("/archives/?level=9").status_code == 422
    answer = enter("苏慕青").post("/archives/export/", {"kind": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(answer))).active
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {customer.number, other.number}
    assert Entry.objects.filter(event="archives.register_exported").exists()


def test_levels_terms_and_circles_are_set_on_the_pages(story, customer, enter):
    client, base = enter("苏慕青"), f"/archives/{customer.number}"
    day = (clock.today() + timedelta(days=30)).isoformat()
    assert client.get(f"{base}/level/").status_code == 200
    assert client.post(f"{base}/level/", {"level": "2", "why": ""}).status_code == 422
    assert client.post(f"{base}/level/", {"level": "1", "ends_on": day, "then": "ask", "why": "报价阶段"}).status_code == 302
    assert client.post(f"{base}/term/", {"ends_on": "", "why": "不定期"}).status_code == 302
    assert client.post(f"{base}/circle/", {"persons": "苏慕青、严守拙", "why": "报价阶段"}).status_code == 302
    assert client.post(f"{base}/lower/", {"level": "0", "why": "结束"}).status_code == 302
    assert Request.objects.get(chain="archives.lower").matter_id == customer.pk
    assert enter("沈岚").get(f"{base}/level/").status_code in (403, 404)
    assert client.get(f"{base}/else/").status_code == 404
    assert client.post("/archives/names/", {"level1": "甲", "level2": "乙", "level3": "丙"}).status_code == 302
    assert "丙" in client.get("/archives/names/").content.decode()


def test_what_hangs_from_a_guarded_file_shows_in_the_evidence(story, customer, keeper):
    need = story.at(NeedState.HANDLING, customer=customer)
    actions.set_level(customer, by=keeper(), level=2, why="并购洽谈")
    tally = controls()["archives.hanging_inherits"].tally
    start, end = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    assert (tally(start, end, None).applied, tally(start, end, None).failed) == (1, 0)
    Matter.objects.filter(pk=need.pk).update(secrecy=0)
    assert [one.matter_id for one in tally(start, end, None).broken] == [need.pk]
    assert controls()["archives.levels_reasoned"].tally(start, end, None).kept == 1


def test_the_register_asks_a_fixed_number_of_questions(story, customer, keeper, enter, django_assert_max_num_queries):
    for name in ("季棠", "砚台巷珠宝商行"):
        actions.set_level(story.world.customer(name), by=keeper(), level=1, why="报价阶段")
    client = enter("苏慕青")
    client.get("/archives/")
    with django_assert_max_num_queries(20):
        client.get("/archives/")
    assert rules.VIEW.allows(SYSTEM)
