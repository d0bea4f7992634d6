"""Kept questions: the text is made once for everybody of one shape, and what differs is given anew each time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q, QuerySet

from yingxu.base import clock
from yingxu.base import kept as keeping
from yingxu.base.access import RULES, Actor, Reach, Rule
from yingxu.base.kept import NotKept, kept, scalars, size, sizes, text
from yingxu.matters.models import Matter
from yingxu.people.models import Department, User

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 18, 9, tzinfo=clock.zone())


@pytest.fixture(autouse=True)
def _of_its_own(monkeypatch):
    monkeypatch.setattr(keeping, "_kept", type(keeping._kept)())


@pytest.fixture
def rule():
    made = Rule("test.kept", "test", secrecy="secrecy", own=("owner_id",), department=("department_id",), matter="pk")
    yield made
    del RULES[made.name]


@pytest.fixture
def people() -> list[User]:
    return [User.objects.create(username=name, name=name) for name in ("lan", "yu")]


def matter(title: str, **given: Any) -> Matter:
    number = f"T-{Matter.objects.count()}"
    return Matter.objects.create(kind="test", number=number, title=title, **{"opened_at": MARCH, "changed_at": MARCH, **given})


def actor(user: User, reach: Reach = Reach.OWN, **given: Any) -> Actor:
    return Actor("user", user.name, id=user.pk, user_id=user.pk, reaches={"test.kept": reach}, **given)


def test_one_text_for_two_people_of_one_shape_and_each_sees_their_own(rule, people):
    made = []

    @kept
    def mine(by: Actor) -> QuerySet[Matter]:
        made.append(by)
        return Matter.objects.filter(rule.where(by))

    matter("a", owner=people[0])
    matter("b", owner=people[1])
    assert [[m.title for m in mine(actor(user))] for user in people] == [["a"], ["b"]] and len(made) == 1


@pytest.mark.parametrize("more", [{"clearance": 2}, {"reach": Reach.ALL}, {"matters": frozenset({1})}, {"reach": Reach.SUBTREE, "subtree": frozenset({7})}])
def test_what_an_actor_may_see_makes_it_another_question(rule, people, more):
    assert keeping.shape(actor(people[0])) == keeping.shape(actor(people[1])) != keeping.shape(actor(people[0], **more))


def test_the_answer_is_the_rules_for_every_shape(rule, people):
    here = Department.objects.create(code="x", name="x")
    for secrecy in range(4):
        matter(f"own {secrecy}", owner=people[0], secrecy=secrecy)
        matter(f"here {secrecy}", department=here, secrecy=secrecy)

    @kept
    def seen(by: Actor) -> QuerySet[Matter]:
        return Matter.objects.filter(rule.where(by)).order_by("id")

    for reach in Reach:
        for clearance in range(4):
            for user in people:
                by = actor(user, reach, clearance=clearance, department_id=here.pk, subtree=frozenset({here.pk}))
                assert seen(by) == list(Matter.objects.filter(rule.where(by)).order_by("id"))


def test_keys_words_and_several_keys_are_given_anew(people):
    rows = [matter(title) for title in "abc"]

    @kept
    def asked(key: int, word: str, keys: list[int], *, descending: bool = False) -> QuerySet[Matter]:
        return Matter.objects.filter(Q(pk=key) | Q(title=word) | Q(pk__in=keys)).order_by("-id" if descending else "id")

    def titles(*given: Any, **wish: Any) -> str:
        return "".join(m.title for m in asked(*given, **wish))

    a, b, c = (row.pk for row in rows)
    assert titles(a, "b", [c]) == "abc" and titles(a, "x", [b]) == "ab" and titles(c, "x", [a, b, c]) == "abc"
    assert titles(a, "c", [a], descending=True) == "ca" and len(keeping._kept) == 2  # and the other order


def test_nothing_is_asked_when_there_can_be_no_answer(django_assert_num_queries):
    @kept
    def none(keys: list[int]) -> QuerySet[Matter]:
        return Matter.objects.filter(pk__in=keys)

    with django_assert_num_queries(0):
        assert none([]) == []


def test_the_present_is_the_present(people):
    matter("early", due_at=MARCH)
    matter("tonight", due_at=MARCH.replace(hour=23))

    @kept
    def late() -> QuerySet[Matter]:
        return Matter.objects.filter(due_at__lt=clock.now()).order_by("id")

    def at(moment: datetime) -> list[str]:
        with clock.at(moment):
            return [m.title for m in late()]

    assert at(MARCH) == [] and at(MARCH + timedelta(minutes=1)) == ["early"] and at(MARCH + timedelta(days=1)) == ["early", "tonight"]


def test_related_rows_and_plain_values_come_as_from_any_queryset(people, django_assert_num_queries):
    matter("a", owner=people[0])

    @kept
    def whole() -> QuerySet[Matter]:
        return Matter.objects.select_related("owner").prefetch_related("entries")

    @kept
    def plain(owner: int) -> Any:
        return Matter.objects.filter(owner_id=owner).values("title", "owner__name")

    for _again in range(2):
        with django_assert_num_queries(2):
            assert [(m.owner.name, list(m.entries.all())) for m in whole()] == [("lan", [])]
        assert plain(people[0].pk) == [{"title": "a", "owner__name": "lan"}]


def test_what_cannot_be_kept_is_refused_when_it_is_first_asked(people):
    def computed(key: int) -> QuerySet[Matter]:
        return Matter.objects.filter(pk=key + 1_000_000)

    def ago() -> QuerySet[Matter]:
        return Matter.objects.filter(opened_at__gt=clock.now() - timedelta(days=90))

    def within(word: str) -> QuerySet[Matter]:
        return Matter.objects.filter(title__icontains=word)

    def not_in(keys: list[int]) -> QuerySet[Matter]:
        return Matter.objects.filter(entries__id__range=(keys[0], keys[0]))

    for build, given in ((not_in, [[1, 2]]), (computed, [1]), (ago, []), (within, ["a"]), (computed, [None])):
        with pytest.raises(NotKept):
            kept(build)(*given)


def test_several_questions_in_one_round_trip(rule, people, django_assert_num_queries):
    @kept
    def mine(by: Actor) -> QuerySet[Matter]:
        return Matter.objects.filter(rule.where(by)).values("pk")

    @kept
    def none(by: Actor) -> QuerySet[Matter]:
        return Matter.objects.filter(pk__in=[])

    matter("a", owner=people[0])
    matter("b", owner=people[1])
    matter("c", owner=people[1])
    asked = [text(mine, actor(user)) for user in people] + [text(none, actor(people[0]))]
    assert asked[0][0] == asked[1][0]
    with django_assert_num_queries(1):
        assert sizes(asked) == [1, 2, 0]
    with django_assert_num_queries(1):
        assert scalars([("SELECT %s || '!'", ("a",)), size(asked[1])]) == ["a!", 2]
    with django_assert_num_queries(0):
        assert sizes([]) == []
