"""Customers nobody looks after: seen as such, on somebody's list, given to somebody (A5)."""

import pytest

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.matters.models import Entry, Matter
from yingxu.people.models import Department, User
from yingxu.upkeep import actions, jobs, queries
from yingxu.upkeep.models import Check, Settings, Sheet

from .conftest import moment

pytestmark = pytest.mark.django_db
OPENS = moment("2026-04-01T08:00")


@pytest.fixture
def left(world):
    """季棠 has no owner and no department; the owner of the other one left."""
    Matter.objects.filter(pk=world.customer("季棠").pk).update(owner=None, department=None)
    return world.customer("季棠")


def test_without_owner_and_department_the_keeper_goes_through_the_list(world, left):
    Settings.objects.update(week_fields=[])
    with clock.at(OPENS):
        jobs.turn()
    assert Sheet.objects.get(checks__customer=left, checks__field="phone").person == world.user("苏慕青")
    assert Sheet.objects.get(checks__customer=world.customer("砚台巷珠宝商行"), checks__field="phone").person == world.user("沈岚")
    assert not Check.objects.filter(customer=left, sheet__person=world.user("沈岚")).exists()


def test_with_a_department_its_head_does(world, left):
    head = Department.objects.exclude(head=None).filter(head__is_active=True, pk=world.user("江听雨").department_id).get()
    Matter.objects.filter(pk=left.pk).update(department=head)
    Settings.objects.update(week_fields=[])
    with clock.at(OPENS):
        jobs.turn()
    assert Sheet.objects.get(checks__customer=left, checks__field="phone").person == head.head


def test_several_are_given_at_once(world, left, signed_in, django_assert_max_num_queries):
    User.objects.filter(pk=world.user("沈岚").pk).update(is_active=False)
    by, both = world.by("苏慕青"), [left.matter.number, world.customer("砚台巷珠宝商行").matter.number]
    assert {row.matter.number for row in queries.ownerless.listed(by, queries.ownerless.Wish()).rows} == set(both)
    assert [row.name for row in queries.ownerless.listed(by, queries.ownerless.Wish(show="left")).rows] == ["砚台巷珠宝商行"]
    client = signed_in("苏慕青")
    with django_assert_max_num_queries(25):
        page = client.get("/upkeep/ownerless/").content.decode()
    assert "季棠" in page and "砚台巷珠宝商行" in page
    assert "没有负责人的客户" in client.get("/").content.decode(), "home says so to who sets the rhythm"
    assert client.post("/upkeep/ownerless/owner/", {"pick": both}).status_code == 422
    assert client.post("/upkeep/ownerless/owner/", {"owner": world.user("顾一鸣").pk}).status_code == 422
    done = client.post("/upkeep/ownerless/owner/", {"pick": both, "owner": world.user("顾一鸣").pk, "why": "沈岚离职"})
    assert done.status_code == 302 and set(Matter.objects.filter(number__in=both).values_list("owner__name", flat=True)) == {"顾一鸣"}
    entry = Entry.objects.filter(event="customers.customer_changed", matter=left.matter).latest("id")
    assert (entry.facts["field"], entry.personal["new"], entry.personal["why"]) == ("owner", "顾一鸣", "沈岚离职")
    assert queries.ownerless.count(by) == 0 and "都有人负责" in client.get("/upkeep/ownerless/").content.decode()


def test_none_is_given_when_one_cannot_be(world, left):
    by, taken = world.by("苏慕青"), world.customer("砚台巷珠宝商行").matter.number
    with pytest.raises(Gone):
        actions.give_owner([left.matter.number, taken], by=by, owner=world.user("顾一鸣"))
    assert Matter.objects.get(pk=left.pk).owner is None
    for wrong in ([], [str(n) for n in range(201)]):
        with pytest.raises(Invalid):
            actions.give_owner(wrong, by=by, owner=world.user("顾一鸣"))
    User.objects.filter(pk=world.user("方屿").pk).update(is_active=False)
    with pytest.raises(Invalid):
        actions.give_owner([left.matter.number], by=by, owner=User.objects.get(pk=world.user("方屿").pk))


def test_who_may_not_see_or_change_finds_none(world, left, signed_in):
    Matter.objects.filter(pk=left.pk).update(secrecy=3)
    assert queries.ownerless.count(world.by("苏慕青")) == 0
    with pytest.raises(Gone):
        actions.give_owner([left.matter.number], by=world.by("苏慕青"), owner=world.user("沈岚"))
    with pytest.raises(NotAllowed):
        actions.give_owner([left.matter.number], by=world.by("顾一鸣"), owner=world.user("沈岚"))
    assert signed_in("顾一鸣").get("/upkeep/ownerless/").status_code == 403


def test_home_shows_ones_list_and_how_far_it_is(world, signed_in):
    with clock.at(OPENS):
        jobs.turn()
        page = signed_in("沈岚").get("/").content.decode()
    sheet = Sheet.objects.get(round__kind="quarter", round__starts_on="2026-04-01")
    assert f"/upkeep/sheets/{sheet.matter.number}/" in page and "6 栏中完成 0 栏" in page
