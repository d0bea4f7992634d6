"""Who may do what: one thing, a queryset and a list of holders give the same answer, for every rule of every room (S1, S2)."""

import itertools
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction

from tests.house.rows import MOMENT, row
from yingxu.base import access, clock
from yingxu.base.access import RULES, SYSTEM, Actor, Reach, Rule
from yingxu.matters.models import Admission, Matter, Watcher
from yingxu.people import actions as people
from yingxu.people import queries
from yingxu.people.models import Department, User

pytestmark = pytest.mark.django_db


def _resolves(model: type[models.Model], path: str) -> bool:
    here: Any = model
    for part in path.replace("_id", "").split("."):
        try:
            field = here._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        here = field.related_model or here
    return True


def _model(rule: Rule) -> type[models.Model] | None:
    """The table a rule speaks of: the first of its room (else of any) on which all its paths lead somewhere."""
    paths = [*rule.own, *rule.department, *([rule.secrecy] if rule.secrecy else [])]
    if not paths:
        return None
    room = rule.name.partition(".")[0]
    every = sorted(apps.get_models(), key=lambda m: m._meta.app_label != room)
    found = [m for m in every if m._meta.app_label in RULES_ROOMS and all(_resolves(m, p) for p in paths)]
    assert found, f"{rule.name}: no table has {paths}"
    return found[0]


RULES_ROOMS = {"matters", *(name.partition(".")[0] for name in RULES)}


@pytest.fixture
def world() -> SimpleNamespace:
    """Office > service > night; pawn beside service. A person in each, with every clearance in turn."""
    with transaction.atomic():
        people.install(
            [{"code": "office", "name": "总经理室"}, {"code": "service", "name": "客服部", "parent": "office"},
             {"code": "night", "name": "夜班", "parent": "service"}, {"code": "pawn", "name": "典当部", "parent": "office"}], []
        )  # fmt: skip
    departments = list(Department.objects.order_by("id"))
    users = [
        User.objects.create(username=f"u{i}", name=f"u{i}", department=department, clearance=i % 4)
        for i, department in enumerate([*departments, None])
    ]
    Department.objects.filter(pk=departments[2].pk).update(head=users[0])
    return SimpleNamespace(departments=list(Department.objects.order_by("id")), users=users)


def _rows(model: type[models.Model], world: SimpleNamespace, rule: Rule) -> list[models.Model]:
    """Rows of every department × owner × secrecy that matters, some followed, some in a circle of persons, some of those governed by
    another; every other one is one's own in another way, too."""
    made: list[models.Model] = []
    shut = row(Matter)
    Matter.objects.filter(pk=shut.pk).update(circle=shut)
    direct = [path[:-3] for path in rule.own if "." not in path and path.endswith("_id")]
    owners = [None, world.users[0], world.users[2]]
    for department, owner, secrecy in itertools.product([None, *world.departments], owners, (0, 2, 3)):
        matter = row(Matter, department=department, owner=owner, secrecy=secrecy, circle=shut if len(made) % 5 == 3 else None)
        if len(made) % 5 == 4:
            Matter.objects.filter(pk=matter.pk).update(circle=matter)
            matter.refresh_from_db()
        mine = {direct[len(made) // 2 % len(direct)]: world.users[len(made) % 3]} if direct and len(made) % 2 else {}
        made.append(_hung(model, matter, **mine))
        if owner is None and secrecy != 2:
            Watcher.objects.create(matter=matter, user=world.users[4], since=matter.opened_at)
    return made


def _hung(model: type[models.Model], matter: Matter, **more: Any) -> models.Model:
    """A row of the model whose matter is this one, however far away it is."""
    names = {f.name for f in model._meta.concrete_fields}
    if model is Matter:
        return matter
    if "matter" in names:
        return row(model, matter=matter, **more)
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and not field.null and any(f.name == "matter" for f in field.related_model._meta.concrete_fields):
            return row(model, **{field.name: row(field.related_model, matter=matter)}, **more)
    if "department" in names:  # no matter behind it: it stands in the department itself
        more["department"] = matter.department or row(Department)
        days = {f.name: MOMENT.date() + timedelta(days=matter.pk) for f in model._meta.concrete_fields if type(f) is models.DateField and not f.null}
        return row(model, **days, **more)
    return row(model, **more)


def _actors(rule: Rule, world: SimpleNamespace, rows: list[models.Model]):
    for user, reach, admitted in itertools.product(world.users, (None, *Reach), (frozenset(), _admitted(rule, rows))):
        yield Actor(
            kind="user", name=user.name, id=user.pk, user_id=user.pk, department_id=user.department_id, admitted=admitted,
            subtree=queries.subtree(user.department_id), reaches={rule.name: reach} if reach else {}, clearance=user.clearance,
        )  # fmt: skip
    yield Actor(kind="token", name="t", id=9, reaches={rule.name: Reach.ALL}, clearance=1)
    yield SYSTEM


def _admitted(rule: Rule, rows: list[models.Model]) -> frozenset[int]:
    """To the circle that governs several, to one that governs itself, and to some that no circle bounds."""
    keys = [_at(thing, rule.matter) for thing in rows[::7] if rule.secrecy]
    return frozenset({_at(rows[3], rule.place + "circle_id"), *keys} - {None}) if rule.secrecy else frozenset()


def _at(thing: Any, path: str) -> Any:
    for part in path.split("."):
        thing = getattr(thing, part, None)
    return thing


@pytest.mark.parametrize("name", sorted(RULES))
def test_one_thing_and_the_queryset_agree(name: str, world: SimpleNamespace):
    rule = RULES[name]
    model = _model(rule)
    if model is None:  # it asks nothing of a thing
        held = Actor(kind="user", name="a", id=1, user_id=1, reaches={name: Reach.ALL})
        assert rule.allows(held) and not rule.allows(Actor(kind="user", name="b", id=2, user_id=2))
        return
    rows = _rows(model, world, rule)
    told_apart = set()
    for by in [*_actors(rule, world, rows), *_customers(rows, rule)]:
        one_by_one = {thing.pk for thing in rows if rule.allows(by, thing)}
        at_once = set(model._base_manager.filter(rule.where(by), pk__in=[r.pk for r in rows]).values_list("pk", flat=True))
        assert at_once == one_by_one, (by.name, by.reaches, by.clearance)
        told_apart.add(len(at_once))
        if rule.secrecy and by.kind in ("user", "token"):  # no reach, no admission to something else, lifts a level or opens a circle
            assert all(access.within(by, _matter(thing, rule)) for thing in rows if thing.pk in one_by_one)
            whole = {thing.pk for thing in rows if access.within(by, _matter(thing, rule))}
            assert whole == set(model._base_manager.filter(access.bounds(by, _lookup(rule)), pk__in=[r.pk for r in rows]).values_list("pk", flat=True))
    assert {0, len(rows)} <= told_apart and len(told_apart) > (4 if rule.department else 2), "the rows must tell the actors apart"


def _matter(thing: Any, rule: Rule) -> Any:
    return _at(thing, rule.place.removesuffix(".")) if rule.place else thing


def _lookup(rule: Rule) -> str:
    return rule.place.removesuffix(".").replace(".", "__")


def _customers(rows: list[models.Model], rule: Rule):
    of = [getattr(rows[3], rule.matter, None) if rule.matter != "pk" else rows[3].pk]
    yield Actor(kind="customer", name="c", id=5, matters=frozenset(m for m in of if m))
    yield Actor(kind="customer", name="d", id=6, matters=frozenset())


def test_customers_touch_only_what_is_theirs(world: SimpleNamespace):
    rule = RULES["needs.view"]
    mine, other = _rows(_model(rule), world, rule)[:2]
    by = Actor(kind="customer", name="c", id=1, matters=frozenset({mine.matter_id}))
    assert rule.allows(by, mine) and not rule.allows(by, other)
    assert not RULES["needs.triage"].allows(by, mine), "no rule of staff opens to the customer"


def test_holders_are_those_the_rule_allows(world: SimpleNamespace):
    """`holders(thing)` names exactly the active people for whom `allows` says yes, those in the circle among them."""
    rule = RULES["needs.view"]
    for user, reach in zip(world.users, ("own", "department", "subtree", "all", "department"), strict=True):
        role = people.add_role(by=SYSTEM, name=user.name, granted={rule.name: reach})
        people.grant(user, role, by=SYSTEM)
    world.users[3].is_active = False
    world.users[3].save()
    told = set()
    rows = _rows(_model(rule), world, rule)
    for pk in _admitted(rule, rows):
        row(Admission, matter_id=pk, user=world.users[1])
    for thing in rows:
        named = {u.pk for u in queries.holders(rule, thing)}
        assert named == {u.pk for u in world.users if u.is_active and rule.allows(queries.actor(u), thing)}
        told.add(frozenset(named))
    assert len(told) > 2
    closed = [thing for thing in rows if thing.matter.circle_id]
    assert closed and any(queries.holders(rule, thing) for thing in closed)


def test_reading_rules_go_further_with_an_admission_and_no_further(world: SimpleNamespace):
    """Who is admitted reads without any reach, never above the clearance; what writes is not widened."""
    read, write = RULES["needs.view"], RULES["needs.amend"]
    thing = next(thing for thing in _rows(_model(read), world, read) if thing.matter.secrecy == 2 and thing.matter.circle_id)

    def actor(clearance: int, *admitted: int) -> Actor:
        own = {read.name: Reach.OWN, write.name: Reach.ALL}
        return Actor(kind="user", name="a", id=9_999, user_id=9_999, reaches=own, clearance=clearance, admitted=frozenset(admitted))

    inside = actor(2, thing.matter.circle_id)
    assert read.allows(inside, thing) and write.allows(inside, thing)
    assert not read.allows(actor(1, thing.matter.circle_id), thing), "clearance is a hard bound"
    assert not read.allows(actor(3), thing) and not write.allows(actor(3), thing), "the circle bounds even who reaches everything"
    assert not read.allows(replace(inside, reaches={write.name: Reach.ALL}), thing), "an admission without the rule opens nothing"
    free = next(thing for thing in _rows(_model(read), world, read) if thing.matter.circle_id is None)
    assert read.allows(actor(3, free.matter_id), free) and not RULES["needs.plan"].allows(actor(3, free.matter_id), free)


def test_an_ended_admission_admits_nobody(world: SimpleNamespace):
    shut = row(Matter)
    for user, more in zip(world.users, ({}, {"ends_at": MOMENT}, {"ends_at": clock.now() + timedelta(days=1)}, {"begins_at": clock.now() + timedelta(days=1)}), strict=False):
        row(Admission, matter=shut, user=user, **more)
    assert [bool(queries.actor(user).admitted) for user in world.users] == [True, False, True, False, False]
    with clock.at(clock.now() + timedelta(days=2)):
        assert [bool(queries.actor(user).admitted) for user in world.users] == [True, False, False, True, False]


def test_an_ended_role_grants_nothing(world: SimpleNamespace):
    rule = RULES["needs.view"]
    role = people.add_role(by=SYSTEM, name="看", granted={rule.name: "all"})
    held = people.grant(world.users[0], role, by=SYSTEM)
    assert queries.actor(world.users[0]).may(rule)
    people.end_grant(held, by=SYSTEM)
    assert not queries.actor(world.users[0]).may(rule)


def test_the_widest_of_several_reaches_counts(world: SimpleNamespace):
    rule = RULES["needs.view"]
    for name, reach in (("窄", "own"), ("宽", "subtree"), ("中", "department")):
        people.grant(world.users[1], people.add_role(by=SYSTEM, name=name, granted={rule.name: reach}), by=SYSTEM)
    assert queries.actor(world.users[1]).reaches[rule.name] == Reach.SUBTREE
