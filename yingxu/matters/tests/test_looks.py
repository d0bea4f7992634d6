"""The access log: who looked at what has a level, took a list away, came, went or was refused; nothing is shown unwritten (S2, R8)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Reach
from yingxu.base.web import Busy
from yingxu.matters import actions, queries
from yingxu.matters.models import Look, Matter

from .conftest import actor

pytestmark = pytest.mark.django_db
What = Look.What


def _raised(matter: Matter, level: int = 2) -> Matter:
    Matter.objects.filter(pk=matter.pk).update(secrecy=level)
    matter.refresh_from_db()
    return matter


def test_an_ordinary_matter_costs_nothing(matter, cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        actions.look(matter, by=cast.by)


def test_a_look_at_a_level_is_one_row_and_one_statement(matter, cast, django_assert_num_queries):
    _raised(matter)
    need = Matter.objects.create(kind="need", number="2026-000009", title="x", opened_at=clock.now(), changed_at=clock.now())
    with django_assert_num_queries(1):
        actions.look(matter, by=cast.by, need=need, detail="history")
    look = Look.objects.get()
    assert (look.what, look.matter, look.serves, look.facts, look.user_id) == ("page", matter, need, {"detail": "history"}, cast.shen.pk)
    assert (look.actor_kind, look.actor_name) == ("user", "沈岚") and look.recorded_at >= look.at and look.tx > 0


def test_the_same_look_within_ten_minutes_is_one(matter, cast):
    _raised(matter)
    begin = clock.now()
    other = actor(cast.gu)
    for minutes, by, kept in ((0, cast.by, 1), (9, cast.by, 1), (9, other, 2), (11, cast.by, 3)):
        with clock.at(begin + timedelta(minutes=minutes)):
            actions.look(matter, by=by)
        assert Look.objects.count() == kept, minutes
    actions.look(matter, by=cast.by, what=What.FILE, detail="1")
    actions.look(matter, by=cast.by, what=What.FILE, detail="2")
    assert Look.objects.filter(what="file").count() == 2, "two files are two looks"
    for what in (What.PRINT, What.REVEAL):
        for _ in range(2):
            actions.look(matter, by=cast.by, what=what)
        assert Look.objects.filter(what=what).count() == 2, "what leaves the house has a row each time"


def test_a_list_that_leaves_names_each_levelled_matter(matter, cast):
    plain = Matter.objects.create(kind="need", number="2026-000009", title="x", opened_at=clock.now(), changed_at=clock.now())
    _raised(matter)
    actions.exported("needs", by=cast.by, rows=2, words="q=翡翠", of=[matter.pk, plain.pk])
    whole, one = Look.objects.order_by("id")
    assert (whole.matter, whole.facts, whole.personal) == (None, {"list": "needs", "rows": 2}, {"words": "q=翡翠"})
    assert (one.matter, one.what, one.facts) == (matter, "export", {"list": "needs"})


def test_what_cannot_be_written_is_not_shown(matter, cast):
    """R8, F34."""
    _raised(matter)
    with connection.cursor() as sql:
        sql.execute("ALTER TABLE matters_look RENAME TO matters_look_away")
    with pytest.raises(Busy) as refusal, transaction.atomic():
        actions.look(matter, by=cast.by)
    assert refusal.value.status == 503
    with pytest.raises(Busy), transaction.atomic():
        actions.exported("needs", by=cast.by, rows=1)


@pytest.mark.parametrize("change", ["UPDATE matters_look SET at = now()", "UPDATE matters_look SET personal = '{\"a\": 1}'", "DELETE FROM matters_look"])
@pytest.mark.parametrize("allowed", [False, True])
def test_nothing_in_the_access_log_changes(matter, cast, change, allowed):
    actions.exported("needs", by=cast.by, rows=1, words="翡翠")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as sql:
        if allowed:
            sql.execute("SELECT set_config('yingxu.erase', 'on', true)")
        sql.execute(change)
    for table in ("matters_look", "matters_seal"):
        with pytest.raises(DatabaseError, match="TRUNCATE refused"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")  # tests run with it off
            sql.execute(f"TRUNCATE {table}")


def test_a_look_s_words_may_be_blanked_and_that_is_written_down(cast):
    actions.exported("needs", by=cast.by, rows=1, words="季棠")
    one = Look.objects.get()
    with transaction.atomic():
        assert actions.erase_personal([one.pk], by=SYSTEM, ledger="looks") == 1
        assert actions.erase_personal([one.pk], by=SYSTEM, ledger="looks") == 0
    one.refresh_from_db()
    said = Look.objects.exclude(pk=one.pk).get()
    assert one.personal == {} and (said.what, said.facts) == ("erased", {"ledger": "looks", "rows": 1, "ids": [one.pk]})


def test_who_may_see_the_matter_may_see_who_looked(matter, cast):
    _raised(matter, 1)
    actions.look(matter, by=cast.by)
    assert queries.looks(actor(cast.shen, Reach.ALL, clearance=1), matter).count() == 1
    assert not queries.looks(actor(cast.gu, Reach.OWN, clearance=3), matter).exists()
    assert not queries.looks(actor(cast.shen, Reach.ALL, clearance=0), matter).exists()
