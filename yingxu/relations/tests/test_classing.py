"""Reckoning by the rules, and a person who says otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.customers.models import Change, Customer
from yingxu.matters.models import Entry, Matter
from yingxu.needs import actions as needs
from yingxu.relations import actions, jobs, queries
from yingxu.relations.models import Override, Reckoned, Reckoning, Standing, Turn

from .conftest import MORNING, opened, reckoned, signed


def fresh(customer: Customer) -> Customer:
    return Customer.objects.select_related("matter", "standing").get(pk=customer.pk)


@pytest.mark.parametrize(("days", "stage", "tenure"), [
    ((), "prospect", ""), ((20,), "new", "new"), ((200,), "growing", "new"), ((400,), "lost", "old"), ((1500, 200, 100), "mature", "loyal"),
    ((900, 60), "won_back", "old"), ((600, 300, 200, 100, 10), "growing", "old"),
])  # fmt: skip
def test_lifecycle_and_years_together(morning: Any, days: tuple[int, ...], stage: str, tenure: str):
    customer = opened(morning, "砚台巷文玩行")
    for back in days:
        signed(customer, "1000", clock.today() - timedelta(days=back))
    if days and days[0] == 1500:
        signed(customer, "2000", clock.today() - timedelta(days=500))
        signed(customer, "2000", clock.today() - timedelta(days=860))
        signed(customer, "2000", clock.today() - timedelta(days=1200))
    reckoned(morning)
    found = fresh(customer)
    assert (found.standing.stage, found.standing.tenure) == (stage, tenure)
    assert found.grade == ("" if stage == "prospect" else found.grade or "?")


def test_a_customer_declines(morning: Any):
    customer = opened(morning, "竹节茶社")
    signed(customer, "10000", clock.today() - timedelta(days=500))
    signed(customer, "1000", clock.today() - timedelta(days=200))
    reckoned(morning)
    assert fresh(customer).standing.stage == "declining"


def test_again_changes_nothing_and_says_nothing(morning: Any):
    customer = opened(morning, "砚台巷文玩行")
    signed(customer, "1000", clock.today() - timedelta(days=10))
    first = reckoned(morning)
    said, turns = Entry.objects.filter(matter=customer.matter).count(), Turn.objects.count()
    assert first.changed >= 1 and Entry.objects.filter(matter=customer.matter, event="relations.customer_classified").count() == 1
    again = reckoned(morning)
    assert again.changed == 0 and not Reckoned.objects.exists()
    assert (Entry.objects.filter(matter=customer.matter).count(), Turn.objects.count()) == (said, turns)
    turn = Turn.objects.get(customer=customer, dimension="grade")
    assert (turn.old, turn.new, turn.cause, turn.version) == ("", "A", "rule", first.version) and turn.figures["contracts"] == 1
    assert Change.objects.filter(customer=customer, part="customer", field="grade", old="", new="A").exists()


def test_goes_on_where_it_stopped(morning: Any):
    files = [opened(morning, f"第{n}家商行") for n in range(5)]
    for n, customer in enumerate(files):
        signed(customer, str(1000 + n), clock.today())
    with transaction.atomic():
        run = actions.reckon(by=morning.by("苏慕青"))
    assert actions.carry_on(run, size=2)
    run.refresh_from_db()
    assert run.after == files[1].pk and Standing.objects.count() == 2
    with transaction.atomic():
        assert actions.reckon(by=morning.by("苏慕青")).pk == run.pk  # what runs already is the same
    jobs.finish(Reckoning.objects.get(pk=run.pk))
    assert Standing.objects.count() == 5 and Turn.objects.filter(dimension="grade").count() == 5


def test_the_night_is_done_once(morning: Any):
    opened(morning, "砚台巷文玩行")
    run = actions.nightly(clock.today())
    assert run is not None
    jobs.finish(run)
    assert actions.nightly(clock.today()) is None
    with clock.at(MORNING + timedelta(days=1)):
        assert actions.nightly(clock.today()) is not None


def test_a_person_says_otherwise(morning: Any):
    customer, by = opened(morning, "砚台巷文玩行"), morning.by("苏慕青")
    signed(customer, "1000", clock.today())
    reckoned(morning)
    actions.override(customer, by=by, dimension="grade", value="C", reason="老板换人，合作待观察", until=clock.today() + timedelta(days=3))
    assert fresh(customer).grade == "C"
    reckoned(morning)
    assert fresh(customer).grade == "C" and fresh(customer).standing.by_rule["grade"] == "A"
    with clock.at(MORNING + timedelta(days=4)):
        reckoned(morning)
    assert fresh(customer).grade == "A"
    assert [t.cause for t in queries.turns(customer) if t.dimension == "grade"] == ["over", "person", "rule"]


def test_taken_back_the_rules_hold(morning: Any):
    customer, by = opened(morning, "砚台巷文玩行"), morning.by("苏慕青")
    signed(customer, "1000", clock.today())
    reckoned(morning)
    actions.override(customer, by=by, dimension="stage", value="declining", reason="订单减半")
    assert fresh(customer).standing.stage == "declining"
    actions.take_back(customer, by=by, dimension="stage")
    assert fresh(customer).standing.stage == "new"
    with pytest.raises(WrongMoment):
        actions.take_back(customer, by=by, dimension="stage")


def test_without_a_reason_or_a_right_nothing_is_set(morning: Any):
    customer = opened(morning, "砚台巷文玩行")
    for wrong in ({"reason": " "}, {"value": "Z"}, {"dimension": "colour"}, {"until": clock.today() - timedelta(days=1)}):
        with pytest.raises(Invalid):
            actions.override(customer, by=morning.by("苏慕青"), **({"dimension": "grade", "value": "A", "reason": "重点"} | wrong))
    with pytest.raises(NotAllowed) as refusal:
        actions.override(customer, by=morning.by("顾一鸣"), dimension="grade", value="A", reason="重点")
    assert refusal.value.code == "relations.grade" and not Override.objects.exists()


def test_a_grade_typed_into_the_file_is_kept_as_said_by_that_person(morning: Any):
    customer = opened(morning, "砚台巷文玩行")
    customers.edit(customer, by=morning.by("沈岚"), grade="B", why="老板换人")
    held = Override.objects.get(customer=customer, ended_at=None)
    assert (held.value, held.by_name) == ("B", "沈岚")
    reckoned(morning)
    assert fresh(customer).grade == "B"
    customers.edit(fresh(customer), by=morning.by("沈岚"), grade="", why="按规则")
    assert not Override.objects.filter(ended_at=None).exists()


def test_a_grade_of_before_the_rules_stays(morning: Any):
    customer = opened(morning, "砚台巷文玩行", grade="A")
    reckoned(morning)
    assert fresh(customer).grade == "A" and Override.objects.get(customer=customer).value == "A"


def test_a_higher_need_does_not_count(morning: Any):
    customer, by = opened(morning, "砚台巷文玩行"), morning.by("沈岚")
    made = needs.register(needs.Intake(kind="pawn", body="想赎回一只手镯", customer=customer, channel="phone", backfill=True), by=by)
    Matter.objects.filter(number=made.number).update(secrecy=2)
    reckoned(morning)
    assert fresh(customer).standing.stage == "prospect" and fresh(customer).standing.figures["needs"] == 0


def test_rules_change_in_versions(morning: Any):
    by, now = morning.by("苏慕青"), queries.content("classification")
    version = queries.version("classification")
    wished = now | {"grades": {"a": 70, "b": 90}}
    made = actions.set_rules(by=by, part="classification", content=wished, was=version)
    assert made.version == version + 1 and queries.content("classification")["grades"]["a"] == 70
    with pytest.raises(WrongMoment):
        actions.set_rules(by=by, part="classification", content=now, was=version)
    with pytest.raises(Invalid) as wrong:
        actions.set_rules(by=by, part="classification", content=now | {"grades": {"a": 95, "b": 90}})
    assert "grades_b" in wrong.value.fields
