"""Registering (N1–N3, N10): once, complete, in order, alone and by the thousand; and the whole loop twice round."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, Refusal
from yingxu.needs import actions, queries
from yingxu.needs.actions import Intake, Once
from yingxu.needs.models import Need
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db


def asked(body: str = "建议到期前三天发短信", **more) -> Intake:
    return Intake(**{"kind": "suggestion", "body": body, "channel": "phone", "customer_name": "季棠", "phone": "13900002046", "backfill": True} | more)


def test_a_need_comes_with_all_its_parts(story):
    """N1, N3: number, customer, clocks and the first line of its timeline in one go."""
    done = actions.register(asked(raised_at=clock.now() - timedelta(minutes=4)), by=story.by("沈岚"))
    need = queries.find(done.number, story.by("沈岚"))
    assert (need.state, need.customer.name, need.registered_by.name, need.matter.department.code) == (State.REGISTERED, "季棠", "沈岚", "service")
    assert dict(need.matter.clocks.values_list("step", "outcome")) == {"registration": "met", "first_response": "running", "triage": "running"}
    assert story.said(need) == ["needs.need_registered"] and need.matter.due_at
    assert need.matter.title == "建议到期前三天发短信"


def test_numbers_are_in_order_and_without_gaps(story):
    """N3: a refused registration uses no number."""
    first = actions.register(asked("一"), by=story.by("沈岚"))
    with pytest.raises(Invalid):
        actions.register(asked("", kind="nothing"), by=story.by("沈岚"))
    second = actions.register(asked("二"), by=story.by("沈岚"))
    assert int(second.number[5:]) == int(first.number[5:]) + 1 and first.number.startswith("2026-")


def test_the_same_key_is_the_same_need(story):
    """N3: nothing is recorded twice; other content under the same key is refused."""
    once = Once.of("form", "k1", {"body": "一"})
    first = actions.register(asked("一"), by=story.by("沈岚"), once=once)
    again = actions.register(asked("一"), by=story.by("沈岚"), once=once)
    assert again == actions.Registered(first.id, first.number, repeated=True) and Need.objects.count() == 1
    with pytest.raises(Refusal) as refusal:
        actions.register(asked("二"), by=story.by("沈岚"), once=Once.of("form", "k1", {"body": "二"}))
    assert refusal.value.status == 409 and Need.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nothing"}, {"body": " "}, {"channel": "pigeon"}, {"category": "huge"}, {"secrecy": 4}, {"body": "长" * 20_001},
        {"raised_at": clock.now().replace(tzinfo=None)}, {"raised_at": clock.now() + timedelta(days=4000)},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_field(story, wrong):
    with pytest.raises(Invalid) as refusal:
        actions.register(asked(**wrong), by=story.by("沈岚"))
    assert set(refusal.value.fields) == set(wrong) and not Need.objects.exists()


def test_required_template_fields_are_asked_for(story):
    """N1: only history may come incomplete."""
    with pytest.raises(Invalid):
        actions.register(asked(kind="pawn", backfill=False), by=story.by("沈岚"))


def test_registering_is_a_right(story, world):
    from dataclasses import replace

    nobody = replace(story.by("顾一鸣"), reaches={})
    for call in (lambda: actions.register(asked(), by=nobody), lambda: actions.register_many([asked()], by=nobody)):
        with pytest.raises(NotAllowed):
            call()


def test_a_batch_answers_row_by_row(story):
    """Good rows are kept, wrong ones say why, repeated ones point to the first."""
    onces = [Once.of("batch", key, key) for key in ("a", "b", "a", "c")]
    intakes = [asked("一"), asked("二", kind="nothing"), asked("一"), asked("三", phone="13900009999", customer_name="唐未")]
    done = actions.register_many(intakes, by=story.by("沈岚"), onces=onces)
    assert [type(d).__name__ for d in done] == ["Registered", "Invalid", "Registered", "Registered"]
    assert done[2].repeated and done[2].number == done[0].number and Need.objects.count() == 2
    assert actions.register_many(intakes[:1], by=story.by("沈岚"), onces=onces[:1])[0].repeated


def test_registered_and_routed_in_one_press(story):
    done = actions.register_and_route(asked(category="urgent"), by=story.by("沈岚"), department=story.world.department("pawn"))
    assert story.fresh(done.number).state == State.ACCEPTANCE
    by_clerk = actions.register_and_route(asked(category="urgent"), by=story.by("顾一鸣"), department=story.world.department("pawn"))
    assert story.fresh(by_clerk.number).state == State.REGISTERED


def test_registered_and_answered_in_one_press(story):
    """N10; when the answer cannot be given, nothing is registered either."""
    done = actions.register_and_answer(asked(), by=story.by("沈岚"), answer="记下了，谢谢。")
    assert story.fresh(done.number).state == State.CLOSED
    with pytest.raises(Invalid):
        actions.register_and_answer(asked("另一件"), by=story.by("沈岚"), answer="")
    assert Need.objects.count() == 1


def test_twice_round_the_loop(story):
    """N8, N18: rejected once, then confirmed; both rounds stand on one timeline."""
    need = story.at(State.REOPENED)
    for verb in ("triage", "assign", "accept", "plan", "submit", "review", "feed_back", "confirm", "visit"):
        story.step(need, verb, "important", "pawn")
    need = story.fresh(need.number)
    assert (need.state, need.round) == (State.CLOSED, 2)
    assert sorted(need.confirmations.values_list("round", "satisfied")) == [(1, False), (2, True)]
    assert sorted(need.plans.values_list("round", "version")) == [(1, 1), (2, 1)]
    assert story.said(need).count("needs.result_submitted") == 2


def test_any_two_characters_in_a_row_are_found(story):
    """N17"""
    number = story.register("翡翠手镯想当 42 万").number
    for words, hit in (("手镯想当", True), ("想当", True), ("42", True), (number, True), ("手镯当", False), ("珍珠", False)):
        assert bool(queries.inbox(story.by("沈岚"), queries.Filters(q=words)).rows) is hit, words
