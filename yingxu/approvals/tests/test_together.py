"""Two at the same moment: two signers, one pressing twice, a signer and the requester, two workers (R1)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.world import company
from yingxu.approvals import actions, jobs
from yingxu.approvals.models import Request, Seat, State, Step
from yingxu.base import clock
from yingxu.base.errors import Refusal
from yingxu.matters.models import Entry

from .conftest import MORNING, Desk

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
    """Each act in a thread and a connection of its own, all at once; what came of them: a result or the refusal."""
    line, found = threading.Barrier(len(acts)), []

    def work(act):
        try:
            with clock.at(MORNING):
                line.wait(10)
                found.append(act())
        except Refusal as refusal:
            found.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    [t.start() for t in threads]
    [t.join(60) for t in threads]
    assert len(found) == len(acts)
    return found


@pytest.fixture
def desk():
    with clock.at(MORNING):
        yield Desk(company())


def count(event):
    return Entry.objects.filter(event=f"approvals.{event}").count()


def test_two_signers_at_one_moment(desk):
    """any one of two: one signs, the other hears that it is signed; both: both count."""
    names = ("苏慕青", "江听雨")
    for name in names:
        desk.role(name, "auditor")
    for needed, granted in (("any", 1), ("all", 2)):
        desk.chain(f"t.{needed}", {"who": "role", "code": "auditor", "needed": needed})
        request = desk.ask(f"t.{needed}", by="顾一鸣")
        request.seats.filter(user=desk.user("严守拙")).update(state=Seat.State.DROPPED)
        found = together(*(lambda by=desk.by(name), asked=request: actions.approve(asked, by=by) for name in names))
        assert sum(not isinstance(one, Refusal) for one in found) == granted
        assert Request.objects.get(pk=request.pk).state == State.GRANTED
        assert request.seats.filter(state=Seat.State.APPROVED).count() == granted
    assert count("approval_granted") == 2


def test_one_presses_twice_and_the_requester_withdraws(desk):
    request, by = desk.ask(), desk.by("秦望舒")
    proof = desk.proof("秦望舒")
    found = together(
        lambda: actions.approve(request, by=by, proof=proof), lambda: actions.approve(request, by=by, proof=proof),
        lambda: actions.withdraw(request, by=desk.by("沈岚"), reason="不降了"),
    )  # fmt: skip
    assert sum(not isinstance(one, Refusal) for one in found) == 1
    assert count("approval_granted") + count("approval_withdrawn") == 1 and count("approval_signed") == count("approval_granted")


def test_two_workers_say_everything_once(desk):
    for _n in range(4):
        desk.ask(on=None)
    due = Step.objects.first().due_at + timedelta(minutes=1)
    together(lambda: jobs.sweep(due), lambda: jobs.sweep(due))
    assert count("approval_late") == 4
