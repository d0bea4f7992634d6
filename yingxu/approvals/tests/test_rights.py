"""Changes of rights are signed by another security administrator (S8), here or on the page of changes."""

import pytest

from yingxu.approvals import actions
from yingxu.approvals.models import Request, State
from yingxu.base.errors import NotAllowed
from yingxu.people import actions as people
from yingxu.people.models import Grant, Role, RoleChange

pytestmark = pytest.mark.django_db
ONE, OTHER = "温如言", "纪云帆"


@pytest.fixture
def proposed(desk):
    """温如言 proposes that 方屿 is to be 前台客服."""
    change = people.propose_grant(desk.user("方屿"), Role.objects.get(code="front-desk"), by=desk.by(ONE), why="轮岗")
    return change, Request.objects.get(key=f"change:{change.pk}")


def held(desk):
    return Grant.objects.filter(user=desk.user("方屿"), role__code="front-desk", ends_at=None).exists()


def test_signed_by_another_it_takes_effect(desk, proposed):
    change, request = proposed
    assert [seat.user.name for seat in request.seats.all()] == [OTHER] and "轮岗" in str(request.rounds.get().subject)
    with pytest.raises(NotAllowed):
        desk.approve(request, ONE)
    assert not held(desk)
    desk.approve(request, OTHER)
    assert held(desk) and RoleChange.objects.get(pk=change.pk).settled_by == desk.user(OTHER)


def test_not_approved_it_does_not(desk, proposed):
    change, request = proposed
    actions.refuse(request, by=desk.by(OTHER), reason="没有编制", proof=desk.proof(OTHER))
    change.refresh_from_db()
    assert (change.state, change.said) == ("refused", "没有编制") and not held(desk)


def test_withdrawn_here_it_is_withdrawn_there(desk, proposed):
    change, request = proposed
    actions.withdraw(request, by=desk.by(ONE), reason="不轮了")
    change.refresh_from_db()
    assert change.state == "withdrawn"


@pytest.mark.parametrize("verb", ["agree", "withdraw"])
def test_settled_there_nothing_waits_here(desk, proposed, verb):
    change, request = proposed
    getattr(people, verb)(change, by=desk.by(OTHER if verb == "agree" else ONE))
    assert Request.objects.get(pk=request.pk).state == State.WITHDRAWN and held(desk) == (verb == "agree")
