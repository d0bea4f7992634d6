"""Reserves (E3): taken in, dispatched, returned, adjusted; never over-committed, whoever asks at once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, Stale, WrongMoment
from yingxu.emergencies import actions, events, jobs
from yingxu.emergencies.models import Dispatch, Movement, Resource
from yingxu.emergencies.states import Move, State
from yingxu.matters.models import Entry

pytestmark = pytest.mark.django_db


def fresh(resource: Resource) -> Resource:
    return Resource.objects.select_related("matter").get(pk=resource.pk)


def test_out_and_back_with_a_ledger(fire):
    lead, found, aircon = fire.by("秦望舒"), fire.at(State.RUNNING), fire.reserve(3)
    row = actions.dispatch(aircon, by=lead, emergency=found, quantity=2, carrier="方屿")
    assert fresh(aircon).left == 1
    with pytest.raises(Invalid) as refusal:
        actions.dispatch(aircon, by=lead, emergency=found, quantity=2)
    assert "quantity" in refusal.value.fields
    actions.arrive(aircon, by=lead, dispatch=row.pk)
    actions.give_back(aircon, by=lead, dispatch=row.pk, returned=1, used=1)
    held = fresh(aircon)
    assert (held.total, held.out) == (2, 0)
    assert list(Movement.objects.filter(resource=aircon).order_by("id").values_list("kind", flat=True)) == [
        Move.OPENED, Move.DISPATCHED, Move.RETURNED, Move.CONSUMED,
    ]  # fmt: skip
    with pytest.raises(WrongMoment):
        actions.give_back(aircon, by=lead, dispatch=row.pk, returned=1)
    assert Entry.objects.filter(matter=found.matter, event=events.ReserveDispatched.NAME).exists(), "the log shows it"
    assert Entry.objects.filter(matter=aircon.matter, event=events.ReserveDispatched.NAME).exists()


def test_not_to_an_ended_emergency_and_not_by_anybody(fire):
    aircon, ended = fire.reserve(), fire.at(State.CALLED_OFF)
    with pytest.raises(WrongMoment):
        actions.dispatch(aircon, by=fire.by("秦望舒"), emergency=ended, quantity=1)
    with pytest.raises(NotAllowed):
        actions.dispatch(aircon, by=fire.by("沈岚"), emergency=fire.at(State.RUNNING), quantity=1)


def test_adjusting_needs_a_reason_and_never_goes_below_what_is_out(fire):
    lead, aircon = fire.by("秦望舒"), fire.reserve(3)
    actions.dispatch(aircon, by=lead, emergency=fire.at(State.RUNNING), quantity=2)
    for wrong in ({"total": 1, "reason": "盘亏"}, {"total": 5, "reason": ""}, {"total": 3, "reason": "没变"}, {"total": "1.234", "reason": "x"}, {"total": "NaN", "reason": "x"}):
        with pytest.raises(Invalid):
            actions.adjust(fresh(aircon), by=lead, **wrong)
    actions.adjust(fresh(aircon), by=lead, total="4", reason="新购一台")
    assert fresh(aircon).total == 4


def test_a_stale_change_is_refused(fire):
    aircon = fire.reserve()
    actions.amend(aircon, by=fire.by("秦望舒"), version=1, place="城北仓")
    with pytest.raises(Stale):
        actions.amend(aircon, by=fire.by("秦望舒"), version=1, place="城西仓")
    assert fresh(aircon).place == "城北仓"


def test_the_table_itself_refuses_more_out_than_there_is(fire):
    aircon = fire.reserve(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(pk=aircon.pk).update(out=Decimal(2))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_take_more_than_there_is(fire):
    """Ten people on connections of their own ask for one each of four: four get one, six are told how many are left."""
    aircon, found = fire.reserve(4), fire.at(State.RUNNING)
    lead, start, got, refused = fire.by("秦望舒"), threading.Barrier(10), [], []

    def ask() -> None:
        start.wait()
        try:
            got.append(actions.dispatch(aircon, by=lead, emergency=found, quantity=1).pk)
        except Invalid as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = fresh(aircon)
    assert (len(got), len(refused)) == (4, 6) and held.out == held.total == 4
    assert Dispatch.objects.filter(resource=aircon).count() == 4


def test_keepers_are_reminded_once_for_each_date(fire):
    today = clock.today()
    aircon = fire.reserve(expires_on=today + timedelta(days=20))
    assert actions.remind_of_reserves() == 1 and actions.remind_of_reserves() == 0
    entry = Entry.objects.get(matter=aircon.matter, event=events.ReserveDue.NAME)
    assert entry.tell == [fire.world.user("许清和").pk]
    actions.dispatch(fresh(aircon), by=fire.by("秦望舒"), emergency=fire.at(State.RUNNING), quantity=1, back_on=today)
    assert actions.remind_of_reserves() == 0
    with clock.at(clock.now() + timedelta(days=2)):
        assert actions.remind_of_reserves() == 1 and actions.remind_of_reserves() == 0
    actions.look_over(fresh(aircon), by=fire.by("许清和"), next_on=today + timedelta(days=90))
    assert fresh(aircon).check_on == today + timedelta(days=90)


def test_a_clock_that_is_wrong_reminds_nobody(fire):
    now = timezone.now()
    with clock.at(now):
        aircon = fire.reserve(expires_on=clock.today() + timedelta(days=20))
    with clock.at(now + timedelta(days=1)):
        jobs.reserves(timestamp=0)
    due = Entry.objects.filter(matter=aircon.matter, event=events.ReserveDue.NAME)
    assert not due.exists()
    with clock.at(now):
        jobs.reserves(timestamp=0)
    assert due.count() == 1
