"""ABC: the definition, and that the database finds the same."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yingxu.base import clock
from yingxu.customers.models import Customer
from yingxu.relations.grading import abc

from .conftest import opened, reckoned, signed

POINTS = st.dictionaries(st.integers(1, 10_000), st.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100), max_size=30)
BOUNDS = st.tuples(st.integers(1, 98), st.integers(2, 99)).filter(lambda pair: pair[0] < pair[1])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(POINTS, BOUNDS)
def test_grades_follow_the_contribution(points: dict[int, Decimal], bounds: tuple[int, int]):
    grades = abc(points, *bounds)
    assert grades.keys() == points.keys()
    ordered = sorted(points, key=lambda key: (-points[key], key))
    assert [grades[key] for key in ordered] == sorted(grades.values())  # nobody with more has a worse grade
    assert all(grades[key] == "C" for key, value in points.items() if value == 0)
    if ordered and points[ordered[0]] > 0:
        assert grades[ordered[0]] == "A"
    whole = sum(points.values())
    firm = [key for key in ordered if grades[key] == "A"]
    if whole:  # the As are just enough: without the last of them the share is below the bound
        assert sum(points[key] for key in firm[:-1]) * 100 < bounds[0] * whole


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(POINTS, BOUNDS, st.randoms())
def test_the_same_figures_give_the_same_grades_in_any_order(points: dict[int, Decimal], bounds: tuple[int, int], random: Any):
    keys = list(points)
    random.shuffle(keys)
    assert abc({key: points[key] for key in keys}, *bounds) == abc(points, *bounds)


def test_of_equal_ones_the_older_file_stands_first():
    equal = {key: Decimal(100) for key in range(1, 11)}
    grades = abc(equal, 80, 95)
    assert [grades[key] for key in range(1, 11)] == ["A"] * 8 + ["B", "B"]
    assert abc({1: Decimal(9), 2: Decimal(1)}, 80, 95) == {1: "A", 2: "B"}
    assert abc({}, 80, 95) == {} and abc({7: Decimal(0)}, 80, 95) == {7: "C"}


def test_the_database_finds_the_same(morning: Any):
    sums = ["500000", "0.01", "100000", "100000", "70000", "70000", "3000", "3000", "3000", "12.50", "0"]
    today = clock.today()
    points = {}
    for n, amount in enumerate(sums):
        customer = opened(morning, f"第{n}家商行")
        signed(customer, amount, today - timedelta(days=n))
        points[customer.pk] = Decimal(amount)
    reckoned(morning)
    assert dict(Customer.objects.filter(pk__in=points).values_list("pk", "grade")) == abc(points, 80, 95)
