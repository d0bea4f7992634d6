"""A2, S3, S6: a customer's file that is for some persons only, and everything that hangs from it, at every moment of its life."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.customers import actions as customers
from yingxu.emergencies import actions as crises
from yingxu.matters import circles
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import may_see
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs import rules as needs_rules
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.notices.queries import why_it_stays
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks

pytestmark = pytest.mark.django_db
WORD = "乌木沉香"


@pytest.fixture
def shut(story):
    """From now on a customer's file is for these persons only."""

    def make(customer, *names):
        matter = Matter.objects.get(pk=customer.pk)
        with transaction.atomic():
            circles.enclose(matter, [story.world.user(name).pk for name in names], why="并购洽谈")
        customer.matter = matter
        story.by = lambda name: people.actor(story.world.user(name))  # as they are from now on
        return customer

    return make


@pytest.fixture
def call(story):
    def make(about, *people):
        begin = clock.now() + timedelta(hours=2)
        given = {"title": f"{WORD}协调", "starts_at": begin, "ends_at": begin + timedelta(hours=1), "purpose": "coordination"}
        return meetings.call(about, by=story.by("江听雨"), attendees=[story.world.user(p) for p in people], **given)

    return make


def sees(story, matter, *names):
    """Which of these may see it."""
    return {name for name in names if may_see(people.actor(story.world.user(name)), Matter.objects.get(pk=matter.pk))}


def circle_of(matter):
    return Matter.objects.get(pk=matter.pk).circle_id


EVERYBODY = ("沈岚", "顾一鸣", "江听雨", "苏慕青", "陆砚秋")


def test_only_who_is_in_the_circle_sees_the_file_and_what_hangs_from_it(story, shut, call, enter):
    customer = story.world.customer("季棠")
    need = story.at(State.HANDLING, customer=customer, body=WORD)
    meeting = call(need.matter, "方屿")
    tasks.give(need.matter, by=SYSTEM, title=f"{WORD}核查", owner=story.world.user("周予安"), due_at=clock.now() + timedelta(days=1))
    task = need.matter.tasks.get(title__startswith=WORD)
    emergency = crises.declare(by=story.by("陆砚秋"), title=f"{WORD}停电", happened=WORD, needs=[need])
    assert "沈岚" in sees(story, need.matter, *EVERYBODY)
    shut(customer, "江听雨", "苏慕青")
    for matter in (customer.matter, need.matter, meeting.matter, emergency.matter):
        assert circle_of(matter) == customer.pk
        assert sees(story, matter, *EVERYBODY) <= {"江听雨", "苏慕青"}
    outside = enter("周予安")  # who had a task on it
    for page in (f"/needs/{need.number}/", f"/tasks/{task.pk}/", f"/meetings/{meeting.number}/", f"/emergencies/{emergency.number}/", f"/customers/{customer.number}/"):
        assert outside.get(page).status_code == 404, page
    assert enter("江听雨").get(f"/needs/{need.number}/").status_code == 200


def test_a_new_need_of_such_a_customer_is_for_the_same_persons_and_they_are_told(story, shut):
    customer = shut(story.world.customer("季棠"), "江听雨", "苏慕青")
    need = story.at(State.REGISTERED, customer=customer)
    assert circle_of(need.matter) == customer.pk
    told = Entry.objects.get(matter=need.matter, event="needs.need_registered").tell
    assert set(told) | {need.registered_by_id} >= {story.world.user("江听雨").pk, story.world.user("苏慕青").pk}
    made = needs.register_many([needs.Intake(kind="suggestion", body="另一件", channel="phone", customer=customer, backfill=True)], by=story.by("苏慕青"))
    assert circle_of(Matter.objects.get(number=made[0].number)) == customer.pk


def test_an_unseen_customer_is_not_found_by_a_phone_number(story, shut):
    """S5: a person outside the circle opens a new file, and whoever looks after the other one is told."""
    customer = customers.add(by=story.by("苏慕青"), name="乌先生", phone="13900001111", owner_id=story.world.user("苏慕青").pk)
    shut(customer, "苏慕青")
    done = needs.register(needs.Intake(kind="suggestion", body="有事", channel="phone", customer_name="乌先生", phone="13900001111", backfill=True), by=story.by("沈岚"))
    other = Need.objects.get(pk=done.id).customer
    assert other.pk != customer.pk
    assert Entry.objects.get(matter=customer.matter, event="customers.duplicate_suspected").tell == [story.world.user("苏慕青").pk]


def test_a_need_given_to_a_closed_customer_is_closed_with_it_and_stays_so(story, shut):
    need = story.at(State.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    customer = shut(story.world.customer("季棠"), "江听雨", "苏慕青")
    needs.amend(need, by=story.by("苏慕青"), version=need.version, changes={"customer": customer})
    assert circle_of(need.matter) == customer.pk
    need = story.fresh(need.number)
    needs.amend(need, by=story.by("苏慕青"), version=need.version, changes={"customer": story.world.customer("砚台巷珠宝商行")})
    assert circle_of(need.matter) == customer.pk, "what was written of the one is not opened by giving it to the other"


def test_what_comes_from_a_need_in_a_circle_is_in_it(story, shut):
    customer = story.world.customer("季棠")
    need = story.at(State.HANDLING, customer=customer)
    shut(customer, "江听雨", "苏慕青")
    [part] = needs.split(need, by=story.by("苏慕青"), parts=[needs.Intake(kind="suggestion", body="其中一件", channel="phone", backfill=True)])
    assert circle_of(Matter.objects.get(pk=part.id)) == customer.pk


def test_two_circles_leave_who_is_in_both(story, shut, call):
    one, other = story.world.customer("季棠"), story.world.customer("砚台巷珠宝商行")
    first, second = story.at(State.HANDLING, customer=one), story.at(State.HANDLING, customer=other)
    emergency = crises.declare(by=story.by("陆砚秋"), title="停电", happened=WORD, needs=[first, second])
    shut(one, "江听雨", "苏慕青", "陆砚秋")
    shut(other, "苏慕青", "陆砚秋", "顾一鸣")
    assert circle_of(emergency.matter) == emergency.matter.pk
    assert sees(story, emergency.matter, *EVERYBODY) == {"苏慕青", "陆砚秋"}
    with transaction.atomic():
        circles.enclose(one.matter, [story.world.user("陆砚秋").pk])
    assert sees(story, emergency.matter, *EVERYBODY) == {"陆砚秋"}, "who leaves one circle leaves what came of it"
    meeting = meetings.call(
        emergency.matter, by=story.by("陆砚秋"), title="会", starts_at=clock.now() + timedelta(hours=1), ends_at=clock.now() + timedelta(hours=2), purpose="emergency"
    )
    assert circle_of(meeting.matter) == emergency.matter.pk
    with transaction.atomic():
        circles.open_up(Matter.objects.get(pk=one.pk))
    for matter in (emergency.matter, meeting.matter):
        assert circle_of(matter) == other.pk
    assert circle_of(first.matter) is None


def test_nobody_joins_an_emergency_whose_circle_is_wider(story, shut):
    need = story.at(State.HANDLING, customer=story.world.customer("季棠"))
    emergency = crises.declare(by=story.by("苏慕青"), title="停电", happened="全店停电")
    shut(need.customer, "江听雨", "苏慕青", "陆砚秋")
    with pytest.raises(Invalid, match=need.number):
        crises.join(emergency, by=story.by("苏慕青"), needs=[story.fresh(need.number)])


def test_an_emergency_follows_a_need_raised_in_level_later(story):
    need = story.at(State.HANDLING)
    emergency = crises.declare(by=story.by("陆砚秋"), title="停电", happened="全店停电", needs=[need])
    needs.amend(story.fresh(need.number), by=story.by("苏慕青"), version=need.version, changes={"secrecy": 2})
    assert Matter.objects.get(pk=emergency.pk).secrecy == 2


def test_customers_with_circles_are_merged_for_who_is_in_both(story, shut):
    kept, gone = story.world.customer("季棠"), customers.add(by=SYSTEM, name="季棠（旧档）")
    mine, theirs = story.at(State.HANDLING, customer=kept), story.at(State.HANDLING, customer=gone)
    shut(gone, "江听雨", "苏慕青")
    with clock.at(clock.now() + timedelta(hours=1)):
        merge = customers.merge(kept, by=SYSTEM, gone=gone)
        for matter in (kept.matter, mine.matter, theirs.matter):
            assert circle_of(matter) == kept.pk
            assert sees(story, matter, *EVERYBODY) == {"江听雨", "苏慕青"}
    with clock.at(clock.now() + timedelta(hours=2)):
        customers.undo_merge(kept, merge, by=SYSTEM)
        assert (circle_of(kept.matter), circle_of(mine.matter), circle_of(theirs.matter)) == (None, None, gone.pk)
        assert sees(story, theirs.matter, *EVERYBODY) == {"江听雨", "苏慕青"}
        shut(kept, "苏慕青", "陆砚秋")
        customers.merge(kept, by=SYSTEM, gone=gone)
        assert sees(story, theirs.matter, *EVERYBODY) == sees(story, kept.matter, *EVERYBODY) == {"苏慕青"}


def test_nothing_of_it_leaves_the_house_by_itself(story, shut, call):
    """Neither what was on its way when the file was closed, nor what is written afterwards."""
    for user in set(story.world.people.values()):
        user.email = f"{user.username}@yunxiu.test"
        user.save(update_fields=["email"])
    customer = story.world.customer("季棠")
    call(story.at(State.HANDLING, customer=customer).matter, "方屿")
    assert any(why_it_stays(row) is None for row in Delivery.objects.filter(channel="mail"))
    shut(customer, "江听雨", "苏慕青")
    assert all(why_it_stays(row) for row in Delivery.objects.filter(channel="mail").exclude(matter=None))


def test_who_leaves_the_circle_sees_nothing_from_that_moment(story, shut, enter):
    customer = story.world.customer("季棠")
    need, client = story.at(State.HANDLING, customer=customer, body=WORD), enter("江听雨")
    shut(customer, "江听雨", "苏慕青")
    assert client.get(f"/needs/{need.number}/").status_code == 200 and WORD in client.get("/needs/?q=" + WORD).content.decode()
    with transaction.atomic():
        circles.dismiss(customer.matter, [story.world.user("江听雨").pk])
    assert client.get(f"/needs/{need.number}/").status_code == 404
    page = client.get("/needs/?q=" + WORD, headers={"HX-Request": "true"}).content.decode()
    assert need.number not in page


def test_a_look_for_a_time_opens_one_file_and_ends_by_itself(story):
    """Consulting (A3): admitted to a customer's file that no circle bounds, somebody sees it without any reach, until then."""
    need = story.at(State.HANDLING, department="vault")
    assert not may_see(story.by("顾一鸣"), need.matter)
    with transaction.atomic():
        circles.admit(need.matter, [story.world.user("顾一鸣").pk], ends_at=clock.now() + timedelta(hours=8), why="复核")
    assert sees(story, need.matter, "顾一鸣") and circle_of(need.matter) is None
    assert not needs_rules.PROGRESS.allows(people.actor(story.world.user("顾一鸣")), need)
    with clock.at(clock.now() + timedelta(hours=9)):
        assert not sees(story, need.matter, "顾一鸣")
