"""Who sees which task, the one work list, what a matter's pages show (N14)."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.access import RULES, Actor, Reach
from yingxu.base.errors import Gone
from yingxu.matters.models import Matter
from yingxu.people import queries as people
from yingxu.tasks import actions, queries
from yingxu.tasks.models import State, Task

pytestmark = pytest.mark.django_db
PEOPLE = ("沈岚", "顾一鸣", "周予安", "方屿", "程可", "许清和", "江听雨", "秦望舒", "陆砚秋", "管鹿鸣")


@pytest.fixture
def many(desk):
    """Tasks in several hands and states, on several matters, one of them secret."""
    secret = desk.open("2026-900002", "机密的事", "江听雨", secrecy=2)
    other = desk.open("2026-900003", "库房的事", "方屿")
    made = [
        desk.give(owner="周予安"), desk.give(owner="方屿", hours=2), desk.give(department="vault"), desk.give(department="appraisal"),
        desk.give(by="江听雨", on=secret, owner="周予安", title="机密的活"), desk.give(by="方屿", on=other, owner="方屿"),
    ]  # fmt: skip
    actions.finish(made[0], by=desk.by("周予安"))
    actions.withdraw(made[3], by=desk.by("顾一鸣"), reason="不用了")
    return made


@pytest.mark.parametrize("name", ["tasks.view", "tasks.finish", "tasks.hand_over", "tasks.postpone", "tasks.manage"])
def test_rules_say_the_same_of_one_and_of_many(desk, many, name):
    rule = RULES[name]
    for person in PEOPLE:
        by = desk.by(person)
        one_by_one = {task.pk for task in Task.objects.all() if rule.allows(by, task)}
        assert one_by_one == set(Task.objects.filter(rule.where(by)).values_list("pk", flat=True)), person
    for task in Task.objects.all():
        named = {u.name for u in people.holders(rule, task)}
        assert named & set(PEOPLE) == {p for p in PEOPLE if rule.allows(desk.by(p), task)}


def test_the_rule_of_giving_is_about_the_matter(desk, many):
    rule = RULES["tasks.give"]
    for person in PEOPLE:
        by = desk.by(person)
        assert {m.pk for m in Matter.objects.all() if rule.allows(by, m)} == set(Matter.objects.filter(rule.where(by)).values_list("pk", flat=True))


def test_a_task_is_seen_by_whom_it_concerns(desk, many):
    """The owner, the giver and the department see the task, though none of them may see the matter; others see nothing of it."""
    seen = {person: set(queries.visible_to(desk.by(person)).values_list("pk", flat=True)) for person in PEOPLE}
    first = many[0].pk
    assert first in seen["周予安"] and first in seen["顾一鸣"] and first in seen["程可"]
    assert first not in seen["方屿"] and first not in seen["沈岚"]
    with pytest.raises(Gone):
        queries.find(first, desk.by("方屿"))
    with pytest.raises(Gone):
        queries.find(0, desk.by("周予安"))


def test_nothing_secret_shows_in_a_task(desk, many):
    """Whoever is not cleared for the matter does not learn the title of its task, even as its owner (A2)."""
    assert many[4].pk not in set(queries.visible_to(desk.by("周予安")).values_list("pk", flat=True))
    assert many[4].pk in set(queries.visible_to(desk.by("江听雨")).values_list("pk", flat=True))


def test_customers_and_nobody_see_no_tasks(desk, many):
    customer = Actor(kind="customer", name="季棠", matters=frozenset({desk.matter.pk}))
    token = Actor(kind="token", name="网站", reaches={"tasks.view": Reach.OWN})
    for by in (customer, token):
        assert not queries.visible_to(by).exists() and queries.counts(by)["mine"] == 0


def test_the_list_by_part(desk, many):
    def titles(person, **wish):
        return {t.pk for t in queries.listed(desk.by(person), queries.Wish(**wish)).rows}

    assert titles("方屿") == {many[1].pk, many[5].pk}
    assert titles("许清和") == {many[2].pk}, "what nobody has waits for the head"
    assert titles("许清和", whose="department") == {many[1].pk, many[2].pk, many[5].pk}
    assert titles("顾一鸣", whose="given") == {many[1].pk, many[2].pk}
    assert titles("顾一鸣", whose="given", state="") == {t.pk for t in many[:4]}
    assert titles("顾一鸣", whose="given", state=State.WITHDRAWN) == {many[3].pk}
    with clock.at(clock.now() + timedelta(hours=3)):
        assert titles("方屿", whose="late") == {many[1].pk} == titles("顾一鸣", whose="given", state="late")
    assert titles("方屿", q="2026-900003") == {many[5].pk} and titles("方屿", q="没有") == set()
    assert queries.counts(desk.by("顾一鸣")) == {"mine": 0, "department": 0, "given": 2, "late": 0}


def test_the_list_pages_and_sorts(desk, django_assert_max_num_queries):
    for n in range(7):
        desk.give(owner="周予安", title=f"第 {n} 件", hours=24 - n)
    undated = desk.give(owner="周予安", title="不急", due_at=None)
    by, seen, cursor = desk.by("周予安"), [], ""
    with django_assert_max_num_queries(1):
        [(t.matter.number, t.department.name) for t in queries.listed(by, queries.Wish()).rows]
    while True:
        part = queries.listed(by, queries.Wish(), cursor, size=3)
        seen += [t.title for t in part.rows]
        cursor = part.next
        if not cursor:
            break
    assert seen == [f"第 {n} 件" for n in range(6, -1, -1)] + ["不急"]
    assert [t.pk for t in queries.listed(by, queries.Wish(sort="-given")).rows][0] == undated.pk
    assert [t.title for t in queries.nearest(by, 2)] == ["第 6 件", "第 5 件"]


def test_what_is_left_on_a_matter(desk, many, django_assert_num_queries):
    with clock.at(clock.now() + timedelta(hours=3)), django_assert_num_queries(1):
        left = queries.left_on([desk.matter.pk, many[5].matter_id, 0])
    assert left == {desk.matter.pk: (2, 1), many[5].matter_id: (1, 0)}
    assert [t.pk for t in queries.open_on(desk.matter)] == [many[1].pk, many[2].pk]
    assert {t.pk for t in queries.on(desk.matter)} == {many[0].pk, many[1].pk, many[2].pk}


def test_how_a_date_is_drawn(desk):
    """In working time: due tomorrow morning is not a day away."""
    task = desk.give(owner="周予安", hours=2)
    assert queries.face(task).state == "soon" and queries.face(task).minutes == 120
    with clock.at(task.due_at + timedelta(minutes=30)):
        assert (queries.face(task).state, queries.face(task).minutes) == ("late", 30)
        done = actions.finish(task, by=desk.by("周予安"))
        assert (queries.face(done).state, queries.face(done).minutes) == ("broken", 30)
    assert queries.looks([desk.give(owner="周予安", due_at=None)])[0][1] is None


def test_who_holds_a_task_may_be_let_see_its_matter(desk, many):
    """HOLDING, in SQL and one by one: the department only while it is open, who had it for ever."""
    from yingxu.matters.models import Matter
    from yingxu.tasks.rules import HOLDING

    class Thing:
        def __init__(self, matter):
            self.matter_id = matter.pk

    def held(person):
        by = desk.by(person)
        one = {m.number for m in Matter.objects.all() if any(part.holds(by, Thing(m)) for part in HOLDING)}
        tasks = Task.objects.all()
        many_ = {n for part in HOLDING for n in tasks.filter(part.where(by)).values_list("matter__number", flat=True)}
        assert one == many_, person
        return one

    assert held("周予安") == {"2026-900001", "2026-900002"} and held("方屿") == {"2026-900001", "2026-900003"}
    assert held("许清和") == {"2026-900001", "2026-900003"} and held("沈岚") == set()
    for task in (many[1], many[2]):
        actions.finish(task, by=desk.by("方屿"))
    assert "2026-900001" in held("方屿"), "who did it still may see what it was for"
    assert held("许清和") == {"2026-900003"}, "the others no longer"
