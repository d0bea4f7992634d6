"""Needs in any state, made by the verbs and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import company
from yingxu.base import clock
from yingxu.needs import actions, queries
from yingxu.needs.actions.handle import Node
from yingxu.needs.models import Need
from yingxu.needs.states import State

MORNING = datetime(2026, 3, 18, 9, 12, tzinfo=clock.zone())  # a Wednesday

# the way through the loop, one step after the other: (state reached, who, verb)
WAY = (
    (State.REGISTERED, None), (State.ASSIGNMENT, "triage"), (State.ACCEPTANCE, "assign"), (State.HANDLING, "accept"), (State.HANDLING, "plan"),
    (State.REVIEW, "submit"), (State.FEEDBACK, "review"), (State.CONFIRMATION, "feed_back"), (State.VISIT, "confirm"), (State.CLOSED, "visit"),
)  # fmt: skip


class Story:
    """Needs of the pawnshop: `at(state)` gives one that stands there. 沈岚 takes it, 典当业务部 handles it, 苏慕青 reviews."""

    def __init__(self, world: Any) -> None:
        self.world, self.by = world, world.by

    def register(self, body: str = "翡翠手镯想当 42 万，别家估过这个价。", **more: Any) -> Need:
        given = {"kind": "suggestion", "channel": "phone", "customer": self.world.customer("季棠"), "backfill": True} | more
        done = actions.register(actions.Intake(body=body, **given), by=self.by("沈岚"))
        return self.fresh(done.number)

    def fresh(self, number: str) -> Need:
        return Need.objects.select_related("matter").get(matter__number=number)

    def at(self, state: State, *, planned: bool = True, category: str = "important", department: str = "pawn", **more: Any) -> Need:
        """A need in this state; handling has its plan, with all nodes done, unless `planned` is False."""
        need = self.register(**more)
        if state == State.WATCHING:
            actions.watch(need, by=self.by("沈岚"), review_on=clock.today() + timedelta(days=14))
        elif state == State.REOPENED:
            return self.reject(self.at(State.CONFIRMATION, category=category, department=department, **more))
        elif state == State.TRIAGE:
            return self.sent_back(self.at(State.ACCEPTANCE, category=category, department=department, **more))
        elif state == State.MERGED:
            actions.merge(need, by=self.by("沈岚"), into=self.register("同一件事"))
        elif state == State.VOID:
            actions.void(need, by=self.by("苏慕青"), reason="登记错了")
        else:
            for reached, verb in WAY:
                if verb and not (verb == "plan" and not planned):
                    self.step(need, verb, category, department)
                if reached == state and (verb == "plan" or state != State.HANDLING or not planned):
                    break
        return self.fresh(need.number)

    def step(self, need: Need, verb: str, category: str, department: str) -> None:
        shen, gu, head = self.by("沈岚"), self.by(self.handler(department)), self.by("苏慕青")
        {
            "triage": lambda: actions.triage(need, by=shen, category=category),
            "assign": lambda: actions.assign(need, by=shen, department=self.world.department(department), owner=self.world.user(self.handler(department))),
            "accept": lambda: actions.accept(need, by=gu),
            "plan": lambda: actions.plan(need, by=gu, measures="重看实物"),
            "submit": lambda: actions.submit(need, by=gu, done="重看过了", answer="维持 36 万元。"),
            "review": lambda: actions.review(need, by=head),
            "feed_back": lambda: actions.feed_back(need, by=shen),
            "confirm": lambda: actions.confirm(need, by=shen, rating=5, channel="phone"),
            "visit": lambda: actions.record_visit(need, by=shen, satisfied=True, notes="满意"),
        }[verb]()  # fmt: skip

    @staticmethod
    def handler(department: str) -> str:
        return {"pawn": "顾一鸣", "appraisal": "周予安", "vault": "方屿"}[department]

    def reject(self, need: Need) -> Need:
        actions.reject(need, by=self.by("沈岚"), reason="没有换人重看", channel="phone")
        return self.fresh(need.number)

    def sent_back(self, need: Need) -> Need:
        actions.return_to_triage(need, by=self.by("顾一鸣"), reason="不归我们")
        return self.fresh(need.number)

    def node(self, need: Need, *, days: int = 1) -> Any:
        """A plan with one open time node; returns the node."""
        due = clock.now() + timedelta(days=days)
        actions.plan(need, by=self.by("顾一鸣"), measures="复评", nodes=[Node(title="第三方检测", due_at=due)])
        return queries.plans(need)[0].nodes.all()[0]

    def said(self, need: Need) -> list[str]:
        """The names of everything stated on the need."""
        return list(need.matter.entries.values_list("event", flat=True))


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop, founded a month before the morning of these tests."""
    with clock.at(MORNING - timedelta(days=30)):
        return company()


@pytest.fixture
def story(world: Any) -> Any:
    with clock.at(MORNING):
        yield Story(world)
