"""A need's own level comes down by two persons, never below its customer's file."""

import pytest

from yingxu.approvals import actions as approvals
from yingxu.approvals.events import ApprovalGranted
from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.base.events import revive
from yingxu.matters.models import Entry, Matter
from yingxu.needs import actions, reactions
from yingxu.needs.actions.lowering import lowered
from yingxu.needs.states import State
from yingxu.people import queries as people
from yingxu.people.verifying import Proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(story):
    found = story.at(State.HANDLING, customer=story.world.customer("季棠"))
    Matter.objects.filter(pk=found.pk).update(secrecy=2)
    return story.fresh(found.number)


def level(need):
    return Matter.objects.get(pk=need.pk).secrecy


def test_it_comes_down_when_a_second_person_agrees(story, need):
    request = actions.ask_to_lower(need, by=story.by("苏慕青"), level=0, why="洽谈结束")
    assert level(need) == 2, "asking changes nothing"
    signer = request.seats.get().user
    assert signer.name != "苏慕青"
    approvals.approve(request, by=people.actor(signer), proof=Proof(signer.pk, clock.now(), "password"))
    entry = Entry.objects.get(event=ApprovalGranted.NAME)
    reactions.lower(revive(entry.event, entry.facts, entry.personal), entry)
    assert level(need) == 0 and Entry.objects.filter(matter_id=need.pk, event="needs.level_lowered").exists()
    assert not lowered(request, request.rounds.get().subject), "heard of twice, done once"


def test_a_level_raised_meanwhile_stays_and_the_file_bounds_it(story, need):
    request = actions.ask_to_lower(need, by=story.by("苏慕青"), level=0, why="洽谈结束")
    Matter.objects.filter(pk=need.customer_id).update(secrecy=1)
    Matter.objects.filter(pk=need.pk).update(secrecy=3)
    assert not lowered(request, request.rounds.get().subject) and level(need) == 3
    Matter.objects.filter(pk=need.pk).update(secrecy=2)
    assert lowered(request, request.rounds.get().subject) and level(need) == 1


def test_what_is_refused(story, need):
    with pytest.raises(NotAllowed):
        actions.ask_to_lower(need, by=story.by("沈岚"), level=0, why="试试")
    for wrong in (2, 3, -1):
        with pytest.raises(Invalid):
            actions.ask_to_lower(need, by=story.by("苏慕青"), level=wrong, why="结束")
    Matter.objects.filter(pk=need.customer_id).update(secrecy=1)
    with pytest.raises(Invalid):
        actions.ask_to_lower(story.fresh(need.number), by=story.by("苏慕青"), level=0, why="结束")


def test_it_is_asked_for_on_the_page(story, need, enter):
    client, page = enter("苏慕青"), f"/needs/{need.number}/lower/"
    assert page in client.get(f"/needs/{need.number}/").content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {"level": "1", "why": ""}).status_code == 422
    assert client.post(page, {"level": "1", "why": "洽谈结束"}).status_code == 302
    assert enter("沈岚").get(page).status_code == 403
