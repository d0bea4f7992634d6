"""The journal: stated in the verb's own transaction, never changed (K1, S2, F34)."""

from dataclasses import dataclass

import pytest
from django.db import DatabaseError, connection, transaction

from yingxu.base import events
from yingxu.base.access import CUSTOMER, SYSTEM, Actor
from yingxu.base.events import Event, react
from yingxu.matters import actions, queries
from yingxu.matters.models import Entry, Look, Note

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class PhoneNoted(Event):
    PERSONAL = ("phone",)
    what: str = ""
    phone: str = ""

    def sentence(self):
        return f"noted {self.what} {self.phone}"


@dataclass(frozen=True, kw_only=True)
class CustomerAnswered(Event):
    PUBLIC = True

    def sentence(self):
        return "answered"


def _record(matter, by=SYSTEM, **facts):
    with transaction.atomic():
        return actions.record(PhoneNoted(**facts), on=matter, by=by, tell=[None, 3, 3, by.user_id, 1])


def test_a_customers_name_is_in_the_part_that_can_be_blanked(matter):
    by = Actor(kind="customer", name="季棠", matters=frozenset({matter.pk}))
    entry = _record(matter, by, what="x", phone="139")
    entry.refresh_from_db()
    assert (entry.actor_name, entry.who, entry.personal["phone"]) == (CUSTOMER, "季棠", "139")
    assert events.revive(entry.event, entry.facts, entry.personal).phone == "139", "the name is no field of the event"
    actions.looked(matter, by=by, what="page")
    look = Look.objects.get()
    assert (look.actor_name, look.who) == (CUSTOMER, "季棠")
    with transaction.atomic():
        actions.erase_personal([entry.pk])
    entry.refresh_from_db()
    assert "季棠" not in str(vars(entry)) and entry.who == "客户"


def test_an_entry_says_who_when_and_what(matter, cast):
    entry = _record(matter, cast.by, what="x", phone="139")
    entry.refresh_from_db()
    assert (entry.event, entry.facts, entry.personal) == ("matters.phone_noted", {"what": "x"}, {"phone": "139"})
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("user", cast.shen.pk, "沈岚")
    assert cast.shen.pk not in entry.tell and entry.tell == sorted(set(entry.tell))
    assert entry.recorded_at >= entry.at and entry.tx > 0
    matter.refresh_from_db()
    assert matter.changed_at == entry.at


def test_no_verb_no_entry(matter):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record(PhoneNoted(), on=matter, by=SYSTEM)
        1 / 0  # noqa: B018
    assert not Entry.objects.exists()


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE matters_entry SET facts = '{}'",
        "UPDATE matters_entry SET personal = '{\"phone\": \"138\"}'",
        "UPDATE matters_entry SET personal = '{}', at = now()",
        "UPDATE matters_entry SET matter_id = NULL",
        "UPDATE matters_entry SET actor_name = ''",
        "DELETE FROM matters_entry",
    ],
)
def test_nothing_in_the_journal_changes(matter, change, allowed):
    """Not even with the mark of the erasing function: it lets blank the personal part and nothing else."""
    entry = _record(matter, what="x", phone="139")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as sql:
        if allowed:
            sql.execute("SELECT set_config('yingxu.erase', 'on', true)")
        sql.execute(change)
    entry.refresh_from_db()
    assert (entry.facts, entry.personal) == ({"what": "x"}, {"phone": "139"})


def test_the_journal_cannot_be_emptied(matter):
    with pytest.raises(DatabaseError, match="TRUNCATE refused"), transaction.atomic(), connection.cursor() as sql:
        sql.execute("ALTER TABLE matters_entry ENABLE TRIGGER matters_entry_no_truncate")  # tests run with it off
        sql.execute("TRUNCATE matters_entry CASCADE")


def test_the_law_may_blank_what_is_personal(matter):
    one, other = _record(matter, what="x", phone="139"), _record(matter, what="y", phone="138")
    with transaction.atomic():
        assert actions.erase_personal([one.pk, one.pk + 1_000]) == 1
        assert actions.erase_personal([one.pk]) == 0, "there is nothing left to blank"
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.personal, one.facts, other.personal) == ({}, {"what": "x"}, {"phone": "138"})
    assert events.revive(one.event, one.facts, one.personal).sentence() == "noted x "
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=other.pk).update(personal={})


def test_numbers_have_no_gaps_and_begin_anew_each_year(matter):
    """N3."""
    with transaction.atomic():
        first = [actions.next_number("need") for _ in range(3)]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.next_number("need")
        1 / 0  # noqa: B018
    with transaction.atomic():
        later = actions.next_number("need")
        assert actions.next_number("customer", prefix="KH").startswith("KH-")
    serials = [int(n[-6:]) for n in [*first, later]]
    assert serials == [1, 2, 3, 4]


def test_a_reaction_inside_runs_in_the_same_transaction(matter):
    heard = []
    react(PhoneNoted, inside=True)(lambda event, entry: heard.append((event.what, entry.pk)))
    try:
        entry = _record(matter, what="x")
        assert heard == [("x", entry.pk)]
    finally:
        events.INSIDE.pop(PhoneNoted.NAME)


def test_customers_read_only_what_is_theirs(matter, cast):
    with transaction.atomic():
        _record(matter, cast.by, what="inside")
        for voice, event in ((Note.Voice.INTERNAL, CustomerAnswered()), (Note.Voice.TOLD, PhoneNoted()), (Note.Voice.SAID, PhoneNoted())):
            actions.say(matter, actions.record(event, on=matter, by=cast.by), voice, f"{voice} 手镯")
        actions.record(CustomerAnswered(), on=matter, by=cast.by)
    assert len(queries.timeline(matter)) == 5
    public = queries.timeline(matter, public=True)
    assert [line.note.voice if line.note else None for line in public] == ["told", "said", None]
    assert queries.last_entry(matter) == public[-1].entry.pk
    assert len(queries.timeline(matter, since=public[0].entry.pk)) == 2


def test_words_are_found_where_they_were_said(matter, cast):
    """N17."""
    from yingxu.base import searching

    with transaction.atomic():
        actions.say(matter, actions.record(PhoneNoted(), on=matter, by=cast.by), Note.Voice.SAID, "封签录像")
    found = type(matter).objects.extra(where=["search @@ %s::tsquery"], params=[searching.query("签录像")])  # noqa: S610
    assert list(found) == [matter]
    assert found.query and not type(matter).objects.extra(where=["search @@ %s::tsquery"], params=[searching.query("录音")])  # noqa: S610


def test_drafts_are_kept_replaced_and_thrown_away(cast):
    actions.save_draft(cast.shen.pk, "needs.reply:1", {"text": "您好", "empty": ""})
    actions.save_draft(cast.shen.pk, "needs.reply:1", {"text": "您好，"})
    assert queries.draft(cast.shen.pk, "needs.reply:1").content == {"text": "您好，"}
    assert queries.draft(cast.gu.pk, "needs.reply:1") is None
    assert actions.save_draft(cast.shen.pk, "big", {"text": "字" * 70_000}) is None
    actions.save_draft(cast.shen.pk, "needs.reply:1", {"text": ""})
    assert not queries.drafts(cast.shen.pk).exists()


def test_following(matter, cast):
    with transaction.atomic():
        actions.watch(matter, [cast.gu.pk, cast.gu.pk])
        actions.watch(matter, [cast.gu.pk])
    assert queries.is_watching(matter, cast.gu.pk) and len(queries.watchers(matter)) == 1
    with transaction.atomic():
        actions.unwatch(matter, cast.gu.pk)
    assert not queries.is_watching(matter, cast.gu.pk)
