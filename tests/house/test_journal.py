"""The journal is append-only, for everybody (K1)."""

import pytest
from django.db import DatabaseError, connection, transaction

from yingxu.matters.models import Entry

from .rows import row
from .tree import code, name

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE matters_entry SET facts = '{\"a\": 1}' WHERE id = %s",
        "UPDATE matters_entry SET at = now() WHERE id = %s",
        "UPDATE matters_entry SET actor_name = 'nobody' WHERE id = %s",
        "UPDATE matters_entry SET matter_id = NULL, event = 'other.thing' WHERE id = %s",
        "DELETE FROM matters_entry WHERE id = %s",
        "TRUNCATE matters_entry CASCADE -- %s",
    ],
)
def test_no_entry_is_changed_or_removed(change: str):
    entry = row(Entry)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as sql:
        sql.execute(change, [entry.pk])
    assert Entry.objects.filter(pk=entry.pk, facts={}, actor_name=entry.actor_name).exists()


def test_personal_data_may_be_blanked_when_the_law_asks():
    entry = row(Entry, personal={"name": "温知夏"})
    with connection.cursor() as sql:
        sql.execute("SELECT matters_erase(ARRAY[%s]::bigint[])", [entry.pk])
        assert sql.fetchone() == (1,)
    entry.refresh_from_db()
    assert entry.personal == {}


def test_no_row_of_a_ledger_is_written_with_a_customers_name():
    """Who acted stands in a sealed column for ever: whoever writes one takes `sealed_name` and `personal` of the actor (P12)."""
    writers = [path for path in code() if "actor_name" in (text := path.read_text()) and ("INSERT INTO matters_" in text or "matters_entry (" in text or "Entry(" in text)]
    assert len(writers) >= 4
    missing = [name(path) for path in writers if not ("by.sealed_name" in (text := path.read_text()) and "by.personal(" in text) and "class Entry(" not in text]
    assert not missing, missing
