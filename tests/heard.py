"""That everything stated so far was heard by whoever listens, within a test."""

import time

from django.db import connection, transaction

from yingxu.matters import dispatch
from yingxu.matters.models import Failure

TRIES = 2_400  # what tidies the database up holds a transaction of its own for a while; not by the clock, since a machine may stand still


def settle() -> None:
    """Deliver the journal to every listener; a listener that fails is an error. A test is one transaction, whose entries count as settled
    once a later one has ended (ours, by a write that is taken back: only a write takes a number of its own) and none of other databases,
    asked anew each time, is taken for one of ours."""
    for _try in range(TRIES):
        with connection.cursor() as sql:
            sql.execute("SELECT pg_stat_clear_snapshot(), pg_current_xact_id()::text::bigint")
            ours = sql.fetchone()[1]
            with transaction.atomic():
                sql.execute("SAVEPOINT later")
                sql.execute("CREATE TEMP TABLE later ()")
                sql.execute("ROLLBACK TO SAVEPOINT later")
        if dispatch.settled() <= ours:
            time.sleep(0.05)
        elif not dispatch.run_once():
            break
    else:
        raise AssertionError("the journal was not heard to its end")
    assert not Failure.objects.exists(), list(Failure.objects.values_list("listener", "error"))[:3]
