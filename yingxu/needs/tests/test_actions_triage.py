"""Triage, assignment, answering at once, watching (N4, N5, N10, N11): done, refused, wrong moment."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.needs import actions
from yingxu.needs.states import Category, Outcome, State

pytestmark = pytest.mark.django_db


def test_triage_sets_category_and_asks_for_a_department(story):
    """N4: the category is set by a person; what the system had proposed is kept with it."""
    need = actions.triage(story.register(), by=story.by("沈岚"), category="important", urgency=4, suggested="general", confidence=71)
    assert (need.state, need.category, need.urgency) == (State.ASSIGNMENT, "important", 4)
    fact = need.matter.entries.get(event="needs.need_triaged")
    assert fact.facts["suggested"] == "general" and fact.facts["confidence"] == 71


@pytest.mark.parametrize("given", [{"category": "huge"}, {"category": "urgent", "urgency": 6}, {"category": "urgent", "kind": "nothing"}])
def test_triage_refuses_what_does_not_exist(story, given):
    need = story.register()
    with pytest.raises(Invalid):
        actions.triage(need, by=story.by("沈岚"), **given)
    assert story.fresh(need.number).state == State.REGISTERED


def test_triage_later_on_only_changes_the_category(story):
    need = actions.triage(story.at(State.HANDLING), by=story.by("沈岚"), category="urgent")
    assert (need.state, need.category) == (State.HANDLING, "urgent")


@pytest.mark.parametrize("state", [State.REVIEW, State.CONFIRMATION, State.CLOSED, State.VOID])
def test_triage_has_its_moment(story, state):
    with pytest.raises(WrongMoment):
        actions.triage(story.at(state), by=story.by("沈岚"), category="urgent")


def test_a_clerk_does_not_triage(story):
    with pytest.raises(NotAllowed):
        actions.triage(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), category="urgent")


def test_assign_gives_it_to_a_department_and_starts_its_clock(story):
    need = story.at(State.ASSIGNMENT)
    need = actions.assign(need, by=story.by("沈岚"), department=story.world.department("pawn"), owner=story.world.user("顾一鸣"))
    assert need.state == State.ACCEPTANCE and need.matter.department.code == "pawn" and need.matter.owner.name == "顾一鸣"
    assert need.matter.clocks.filter(step="acceptance", outcome="running").exists()


def test_assign_wants_the_category_first(story):
    need = story.at(State.TRIAGE)
    with pytest.raises(WrongMoment):
        actions.assign(need, by=story.by("沈岚"), department=story.world.department("pawn"))


def test_assign_refuses_somebody_of_another_department(story):
    with pytest.raises(Invalid) as refusal:
        actions.assign(story.at(State.ASSIGNMENT), by=story.by("沈岚"), department=story.world.department("pawn"), owner=story.world.user("方屿"))
    assert "owner" in refusal.value.fields


def test_assign_is_refused_without_the_rule(story):
    with pytest.raises(NotAllowed):
        actions.assign(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), department=story.world.department("vault"))


def test_assess_does_both_or_neither(story):
    """评估并分派 is one press: a department that cannot be undoes the category too."""
    need = story.register()
    department = story.world.department("pawn")
    with pytest.raises(Invalid):
        actions.assess(need, by=story.by("沈岚"), category="urgent", department=department, owner=story.world.user("方屿"))
    assert story.fresh(need.number).category == ""
    need = actions.assess(need, by=story.by("沈岚"), category="urgent", department=department)
    assert need.state == State.ACCEPTANCE


def test_answer_closes_in_one_step(story):
    """N10"""
    need = actions.answer_now(story.register(), by=story.by("沈岚"), answer="一个月 2.4%。")
    assert (need.state, need.outcome, need.category) == (State.CLOSED, Outcome.ANSWERED, Category.GENERAL)
    assert need.matter.closed_at and need.matter.notes.filter(voice="told").exists()
    assert not need.matter.clocks.filter(outcome="running").exists()


def test_answer_needs_words_and_its_moment(story):
    with pytest.raises(Invalid):
        actions.answer_now(story.register(), by=story.by("沈岚"), answer="  ")
    with pytest.raises(WrongMoment):
        actions.answer_now(story.at(State.HANDLING), by=story.by("沈岚"), answer="好")
    with pytest.raises(NotAllowed):
        actions.answer_now(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), answer="好")


def test_watch_and_promote(story):
    """N11: on the watch list until a day; from there back to triage."""
    need = actions.watch(story.register(), by=story.by("沈岚"), review_on=clock.today() + timedelta(days=14), signals="三位客户问到")
    assert (need.state, need.category) == (State.WATCHING, Category.POTENTIAL)
    assert need.matter.clocks.filter(step="watch_review", outcome="running").exists()
    need = actions.promote(need, by=story.by("沈岚"), reason="又有人问")
    assert (need.state, need.category, need.review_on) == (State.TRIAGE, "", None)


def test_watch_and_promote_have_their_moment(story):
    with pytest.raises(Invalid):
        actions.watch(story.register(), by=story.by("沈岚"), review_on=clock.today())
    with pytest.raises(WrongMoment):
        actions.watch(story.at(State.HANDLING), by=story.by("沈岚"), review_on=clock.today() + timedelta(days=3))
    with pytest.raises(WrongMoment):
        actions.promote(story.register(), by=story.by("沈岚"))
    with pytest.raises(NotAllowed):
        actions.promote(story.at(State.WATCHING), by=story.by("顾一鸣"))
