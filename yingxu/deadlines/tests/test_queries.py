"""What pages ask about time."""

from dataclasses import replace

import pytest
from django.db import transaction

from yingxu.base import clock as now_clock
from yingxu.base.access import SYSTEM, Reach, Rule
from yingxu.deadlines import actions, queries
from yingxu.deadlines.models import ExtensionRequest
from yingxu.matters import access

from .cast import MONDAY, actor, cn, matter, start


def run(verb, *args, **kwargs):
    with transaction.atomic():
        return verb(*args, **kwargs)


def test_open_clocks_come_first(firm, django_assert_num_queries):
    need = matter(firm)
    for step in ("first_response", "handling", "acceptance"):
        start(need, step)
    run(actions.stop, need, "first_response", at=cn(2026, 3, 16, 10), by=SYSTEM)
    with django_assert_num_queries(1):
        assert [c.step for c in queries.clocks(need)] == ["acceptance", "handling", "first_response"]
    run(actions.cancel, need, ["acceptance"], at=cn(2026, 3, 16, 10))
    assert [c.step for c in queries.clocks(need)] == ["handling", "first_response"]


def test_nearest_runs_before_what_rests(firm, django_assert_num_queries):
    one, two, none = matter(firm), matter(firm), matter(firm)
    start(one, "handling")
    start(one, "acceptance")
    start(two, "handling")
    run(actions.pause, one, ["acceptance"], at=MONDAY)
    run(actions.pause, two, at=MONDAY)
    with django_assert_num_queries(1):
        found = queries.nearest_of([one.pk, two.pk, none.pk])
    assert {pk: c.step for pk, c in found.items()} == {one.pk: "handling", two.pk: "handling"}
    assert queries.nearest(none) is None


@pytest.mark.parametrize(
    ("now", "state", "minutes"),
    [
        (cn(2026, 3, 16, 10), "ok", 180),
        (cn(2026, 3, 16, 13, 45), "soon", 45),
        (cn(2026, 3, 16, 14, 30), "soon", 0),
        (cn(2026, 3, 16, 14, 52), "late", 22),
    ],
)
def test_the_face_of_a_running_clock(firm, now, state, minutes):
    clock = start(matter(firm), "acceptance")
    face = queries.face(clock, now)
    assert (face.state, face.minutes, face.day) == (state, minutes, 450)
    assert face.share == pytest.approx(max(0, minutes if state != "late" else 0) / 240)


def test_the_face_of_a_resting_and_an_ended_clock(firm):
    need, other = matter(firm), matter(firm)
    start(need, "acceptance")
    start(other, "acceptance")
    resting = run(actions.pause, need, at=cn(2026, 3, 16, 10))[0]
    face = queries.face(resting, cn(2026, 3, 16, 11))
    assert (face.state, face.minutes, face.share) == ("paused", 60, 0.75)
    early = run(actions.stop, other, "acceptance", at=cn(2026, 3, 16, 14, 24), by=SYSTEM)
    assert queries.face(early, cn(2027, 1, 1)) == queries.Face("met", 6, 6 / 240, 450)
    run(actions.resume, need, at=cn(2026, 3, 16, 11))
    late = run(actions.stop, need, "acceptance", at=cn(2026, 3, 16, 17, 30), by=SYSTEM)
    assert queries.face(late).state == "broken" and queries.face(late).minutes == 120


def test_the_arithmetic_can_be_shown(firm):
    """K3 and the tooltip: days, stretches, minutes; pauses left out; the sum is what has elapsed."""
    need = matter(firm, at=cn(2026, 3, 13, 16))
    start(need, "handling", at=cn(2026, 3, 13, 16))  # a Friday afternoon
    run(actions.pause, need, at=cn(2026, 3, 16, 10))
    run(actions.resume, need, at=cn(2026, 3, 16, 11))
    done = run(actions.stop, need, "handling", at=cn(2026, 3, 16, 15), by=SYSTEM)
    rows = queries.explain(done)
    assert [(row.day.isoformat(), row.minutes) for row in rows] == [("2026-03-13", 120), ("2026-03-16", 60 + 60 + 90)]
    assert [(a.strftime("%H:%M"), b.strftime("%H:%M")) for a, b in rows[1].pieces] == [
        ("09:00", "10:00"), ("11:00", "12:00"), ("13:30", "15:00"),
    ]  # fmt: skip
    assert sum(row.minutes for row in rows) == done.elapsed_minutes


SEE = Rule("deadlines.tried_in_a_test", "see", secrecy=None)


@pytest.fixture
def seen(firm, monkeypatch):
    """A kind of matter for this room's tests: its rows (requests, keyed like the matter) are seen within the department."""
    monkeypatch.setitem(access.VIEWS, "tried", access.View(SEE, ExtensionRequest))

    def make(step, category="general", at=MONDAY):
        clock = start(matter(firm, at=at, kind="tried"), step, category, at)
        ExtensionRequest.objects.create(
            pk=clock.matter_id, matter=clock.matter, clock=clock, asked_by=firm.clerk, asked_at=at, reason="x",
            asked_minutes=1, due_before=at, due_asked=at,
        )  # fmt: skip
        return clock.matter_id

    return make


def test_due_lists_show_what_one_may_see(firm, seen, django_assert_max_num_queries):
    late, today, tomorrow = seen("first_response", "urgent"), seen("acceptance"), seen("handling")
    start(matter(firm), "acceptance")  # a matter of a kind nobody may see
    by = replace(actor(firm.head), reaches={SEE.name: Reach.DEPARTMENT})
    with now_clock.at(cn(2026, 3, 16, 10)), django_assert_max_num_queries(5):
        found = queries.due_lists(by)
    assert [c.matter_id for c in found.overdue] == [late]
    assert [c.matter_id for c in found.today] == [today]
    assert [c.matter_id for c in found.tomorrow] == [tomorrow]
    other = replace(actor(firm.stranger), reaches={SEE.name: Reach.DEPARTMENT})
    assert queries.due_lists(other, now=cn(2026, 3, 16, 10)) == queries.DueLists([], [], [])


def test_on_friday_tomorrow_reaches_to_monday(firm, seen):
    monday = seen("handling", at=cn(2026, 3, 20, 9))
    seen("handling", at=cn(2026, 3, 20, 15))  # due on Tuesday
    found = queries.due_lists(SYSTEM, now=cn(2026, 3, 20, 16))
    assert [c.matter_id for c in found.tomorrow] == [monday]
