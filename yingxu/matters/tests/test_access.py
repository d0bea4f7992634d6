"""Visibility is decided in one place, and every question gets the same answer (A2, S2)."""

import pytest
from django.db import transaction

from yingxu.base.access import SYSTEM, Reach
from yingxu.matters import access, actions, queries
from yingxu.matters.models import Matter

from .conftest import actor

pytestmark = pytest.mark.django_db


def test_a_matter_is_seen_as_its_room_says(matter, cast):
    for by, sees in ((cast.by, True), (actor(cast.gu), False), (actor(cast.gu, Reach.ALL), True), (SYSTEM, True)):
        assert queries.may_see(by, matter) is sees
        assert queries.visible_matters(by).filter(pk=matter.pk).exists() is sees


def test_secrecy_hides_from_its_owner_too(matter, cast):
    Matter.objects.filter(pk=matter.pk).update(secrecy=2)
    matter.refresh_from_db()
    assert not queries.may_see(cast.by, matter) and not queries.visible_matters(cast.by).exists()
    cleared = actor(cast.shen, clearance=2)
    assert queries.may_see(cleared, matter) and queries.visible_matters(cleared).exists()


def test_following_lets_see(matter, cast):
    with transaction.atomic():
        actions.watch(matter, [cast.gu.pk])
    assert queries.may_see(actor(cast.gu), matter)
    assert queries.visible_matters(actor(cast.gu)).get() == matter


def test_a_kind_nobody_registered_is_seen_by_nobody(cast):
    with transaction.atomic():
        odd = actions.open_matter("odd", "x", number="X-1", owner_id=cast.shen.pk)
    assert not queries.may_see(cast.by, odd) and not queries.visible_matters(SYSTEM).filter(kind="odd").exists()
    assert queries.page_of(odd) == "" == queries.page_of(None)


def test_rows_of_other_tables_are_filtered_the_same_way(matter, cast):
    from yingxu.matters.models import Watcher

    with transaction.atomic():
        actions.watch(matter, [cast.gu.pk])
    assert Watcher.objects.filter(queries.seen_by(cast.by, "matter_id")).count() == 1
    assert Watcher.objects.filter(queries.seen_by(actor(cast.gu, Reach.OWN), "matter_id")).count() == 1
    with transaction.atomic():
        actions.unwatch(matter, cast.gu.pk)
        actions.watch(matter, [cast.shen.pk])
    assert Watcher.objects.filter(queries.seen_by(actor(cast.gu, Reach.OWN), "matter_id")).count() == 0


def test_every_kind_in_use_is_registered():
    assert {"need", "customer"} <= set(access.VIEWS)
