"""The cast itself: everybody can act, customers can be found."""

import pytest

from tests import world as cast
from yingxu.needs import rules
from yingxu.people import queries as people
from yingxu.people.models import Grant, User
from yingxu.policies import queries as policies

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("pack", cast.PACKS)
def test_the_cast_works_in_both_packs(pack):
    world = cast.company(pack)
    assert User.objects.count() == len(cast.content("cast")["people"]) == Grant.objects.count()
    assert policies.company() == "云岫典当"
    assert world.by("沈岚").may(rules.TRIAGE) and not world.by("沈岚").may(rules.VOID)
    assert world.by("顾一鸣").may(rules.ACCEPT) and not world.by("顾一鸣").may(rules.TRIAGE)
    assert not world.by("管鹿鸣").may(rules.VIEW)
    assert people.service_department().head == world.user("苏慕青")
    assert world.department("pawn").head == world.user("江听雨")


def test_customers_come_when_asked_for(world):
    found = world.customer("砚台巷珠宝商行")
    assert (found.grade, found.matter.owner) == ("A", world.user("沈岚"))
    assert world.customer("砚台巷珠宝商行") is found
    assert found.contacts.get().name == "梁女士"


def test_every_customer_of_the_cast_can_be_opened(world):
    everyone = world.everyone()
    assert len(everyone) >= 60
    assert len({c.matter.number for c in everyone}) == len(everyone)
    assert world.user("shenlan").check_password(cast.PASSWORD)
