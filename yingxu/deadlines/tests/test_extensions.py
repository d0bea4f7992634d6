"""More time: asked for with a reason, decided by another, both dates kept."""

import pytest
from django.db import transaction

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.deadlines import actions, queries
from yingxu.matters.models import Entry

from .cast import MONDAY, actor, cn, matter, start

LATER = cn(2026, 3, 19, 10)


@pytest.fixture(autouse=True)
def in_march():
    with now_clock.at(cn(2026, 3, 16, 10)):
        yield


@pytest.fixture
def clock(firm):
    return start(matter(firm), "handling")


@pytest.fixture
def asked(firm, clock):
    return actions.request_extension(clock, by=actor(firm.clerk), until=LATER, reason="等待第三方鉴定")


def test_asking_tells_who_decides(firm, clock, asked):
    assert (asked.due_before, asked.due_asked, asked.asked_minutes) == (clock.due_at, LATER, 450 + 60)
    stated = Entry.objects.get(event="deadlines.extension_requested")
    assert stated.tell == [firm.head.pk]
    assert stated.personal == {"reason": "等待第三方鉴定"} and "reason" not in stated.facts


def test_granted_moves_the_date_and_keeps_the_first(firm, clock, asked):
    done = actions.decide_extension(asked, by=actor(firm.head), granted=True)
    clock.refresh_from_db()
    clock.matter.refresh_from_db()
    assert (clock.due_at, clock.matter.due_at, clock.extended_minutes) == (LATER, LATER, 510)
    assert (done.decision, done.due_before, done.due_after) == ("granted", cn(2026, 3, 17, 18), LATER)
    stated = Entry.objects.get(event="deadlines.extension_decided")
    assert stated.facts["granted"] is True and stated.tell == [firm.clerk.pk]


def test_the_granted_time_counts_at_the_end(firm, clock, asked):
    actions.decide_extension(asked, by=actor(firm.head), granted=True)
    with transaction.atomic():
        ended = actions.stop(clock.matter, "handling", at=cn(2026, 3, 18, 18), by=SYSTEM)
    assert ended.outcome == "met"
    assert ended.elapsed_minutes == 1350 > ended.target_minutes


def test_refused_needs_a_reason_and_moves_nothing(firm, clock, asked):
    with pytest.raises(Invalid) as refused:
        actions.decide_extension(asked, by=actor(firm.head), granted=False)
    assert "note" in refused.value.fields
    done = actions.decide_extension(asked, by=actor(firm.head), granted=False, note="先给客户初步答复")
    clock.refresh_from_db()
    assert (done.decision, done.due_after, clock.due_at) == ("refused", None, cn(2026, 3, 17, 18))


def test_who_asks_does_not_decide(firm, clock):
    """Separation of duties: the head asks for his own department and may not decide on it."""
    asked = actions.request_extension(clock, by=actor(firm.head), until=LATER, reason="客户改期")
    with pytest.raises(NotAllowed) as refused:
        actions.decide_extension(asked, by=actor(firm.head), granted=True)
    assert refused.value.code == "separation_of_duties"


def test_another_department_neither_asks_nor_decides(firm, clock, asked):
    with pytest.raises(NotAllowed):
        actions.request_extension(clock, by=actor(firm.stranger), until=LATER, reason="x")
    with pytest.raises(NotAllowed):
        actions.decide_extension(asked, by=actor(firm.stranger), granted=True)
    assert not queries.extension_requests(actor(firm.stranger)).exists()
    assert queries.extension_requests(actor(firm.head)).get() == asked
    assert queries.clock_for_extension(actor(firm.stranger), clock.pk) is None
    assert queries.clock_for_extension(actor(firm.clerk), clock.pk) == clock


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [
        (LATER, "  ", "reason"),
        (cn(2026, 3, 17, 18), "x", "until"),
        (cn(2026, 3, 16, 11), "x", "until"),
        (cn(2026, 3, 18, 7), "x", "until"),
    ],
)
def test_what_cannot_be_asked(firm, clock, until, reason, field):
    with pytest.raises(Invalid) as refused:
        actions.request_extension(clock, by=actor(firm.clerk), until=until, reason=reason)
    assert field in refused.value.fields


def test_wrong_moments(firm, clock, asked):
    with pytest.raises(WrongMoment):
        actions.request_extension(clock, by=actor(firm.clerk), until=LATER, reason="again")
    actions.decide_extension(asked, by=actor(firm.head), granted=True)
    with pytest.raises(WrongMoment):
        actions.decide_extension(asked, by=actor(firm.head), granted=False, note="x")
    second = actions.request_extension(clock, by=actor(firm.clerk), until=cn(2026, 3, 20, 10), reason="again")
    with transaction.atomic():
        actions.stop(clock.matter, "handling", at=MONDAY, by=SYSTEM)
    with pytest.raises(WrongMoment):
        actions.decide_extension(second, by=actor(firm.head), granted=True)
    with pytest.raises(WrongMoment):
        actions.request_extension(clock, by=actor(firm.clerk), until=LATER, reason="done already")


def test_a_resting_clock_cannot_be_made_longer(firm, clock):
    with transaction.atomic():
        actions.pause(clock.matter, at=cn(2026, 3, 16, 10))
    with pytest.raises(WrongMoment):
        actions.request_extension(clock, by=actor(firm.clerk), until=LATER, reason="x")


def test_granting_a_clock_that_now_rests_gives_the_time_when_it_goes_on(firm, clock, asked):
    with transaction.atomic():
        actions.pause(clock.matter, at=cn(2026, 3, 16, 10))
    actions.decide_extension(asked, by=actor(firm.head), granted=True)
    clock.refresh_from_db()
    assert clock.remaining_minutes == 900 + 510 - 60
    with transaction.atomic():
        resumed = actions.resume(clock.matter, at=cn(2026, 3, 16, 11))[0]
    assert resumed.due_at == cn(2026, 3, 19, 11)
