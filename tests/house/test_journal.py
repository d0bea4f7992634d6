"""The journal is append-only, for everybody (K1)."""

from dataclasses import fields

import pytest
from django.db import DatabaseError, connection, transaction

from yingxu.base.events import EVENTS
from yingxu.matters.models import Entry

from .rows import row
from .tree import code, name

pytestmark = pytest.mark.django_db
CODES = {
    "kind", "type", "field", "fields", "state", "step", "channel", "category", "number", "code", "digest", "what", "how", "month", "origin", "chain", "dimension",
    "certificate", "by_matter", "part", "parts", "tasks", "version", "until", "day", "due", "found", "identifiers", "into", "out_of", "other", "of", "outcome",
    "suggested", "raised_at", "changes", "results", "old_category", "old_kind", "need", "section", "change", "source", "by_mail", "next_on", "closes", "then",
    "unit", "quantity", "returned", "used", "purpose", "label", "was", "now",
}  # fmt: skip
STAFF = {
    "to", "before", "who", "whom", "head", "user", "owner", "department", "old_department", "promised_by", "instead", "waiting", "told", "joined", "left", "people",
    "step_name", "where",
}  # fmt: skip
OURS = {  # what the company configured is called, or whom of ours it names
    "archives.levels_named.old", "archives.levels_named.new", "archives.many_looked.name", "archives.section_raised.name", "archives.section_lowered.name",
    "archives.section_lowering_asked.name", "customers.fields_changed.name", "customers.section_filled.name", "customers.value_revealed.name",
    "deadlines.rung.names", "deadlines.clock_escalated.names", "deadlines.alarm_told.names", "emergencies.people_called.names",
    "emergencies.update_overdue.names", "emergencies.lead_handed_over.old", "emergencies.lead_handed_over.new", "emergencies.reserve_arrived.name",
    "emergencies.reserve_dispatched.name", "emergencies.reserve_returned.name", "emergencies.stock_adjusted.old", "emergencies.stock_adjusted.new",
    "intake.mailbox_changed.name", "notices.robot_changed.name", "privacy.consent_event.name", "privacy.consent_given.name",
    "privacy.consent_refused.name", "privacy.consent_withdrawn.name", "privacy.purpose_said.name", "privacy.purpose_switched.name",
    "privacy.assessment_reviewed.review_on", "privacy.assessment_submitted.decision", "privacy.assessment_submitted.risk", "privacy.breach_described.size",
    "privacy.breach_reported.size", "privacy.handed_over.name", "privacy.handed_over.outlet", "privacy.handover_ended.name", "privacy.handover_ended.outlet",
    "privacy.recipient_said.name", "privacy.recipient_said.region", "privacy.recipient_switched.name",
    "relations.care_planned.name", "relations.care_settled.name", "relations.care_withheld.name", "relations.class_set.old", "relations.class_set.new",
    "relations.prospect_lost.reason", "consulting.glass_broken.emergency", "consulting.glass_reviewed.finding",
}  # fmt: skip
ABOUT_US = ("api.", "operations.", "people.", "policies.", "routing.", "templates.", "approvals.chain_", "approvals.deputy_")
CHAINS = ("approvals.", ".name")  # every approval says what its chain is called  # of accounts, rules and machines, never of a customer


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


def test_no_word_of_anybody_is_sealed_for_ever():
    """A field of an event is sealed for ever unless it is PERSONAL. Text that is not may only be a code, a number of ours, a name of
    somebody of ours or of something the company configured (P4, P12)."""
    found = {
        f"{event}.{field.name}" for event, cls in EVENTS.items() if cls.__module__.startswith("yingxu.") and ".tests." not in cls.__module__
        for field in fields(cls)
        if any(kind in str(field.type) for kind in ("str", "list", "tuple", "dict", "Any")) and "date" not in str(field.type) and field.name not in cls.PERSONAL
    }  # fmt: skip
    assert len(found) > 100
    open_ = sorted(one for one in found if one.split(".")[-1] not in CODES | STAFF and one not in OURS and not one.startswith(ABOUT_US)
                   and not (one.startswith(CHAINS[0]) and one.endswith(CHAINS[1])))
    assert not open_, f"PERSONAL, or named here: {open_}"


def test_no_row_of_a_ledger_is_written_with_a_customers_name():
    """Who acted stands in a sealed column for ever: whoever writes one takes `sealed_name` and `personal` of the actor (P12)."""
    writers = [path for path in code() if "actor_name" in (text := path.read_text()) and ("INSERT INTO matters_" in text or "matters_entry (" in text or "Entry(" in text)]
    assert len(writers) >= 4
    missing = [name(path) for path in writers if not ("by.sealed_name" in (text := path.read_text()) and "by.personal(" in text) and "class Entry(" not in text]
    assert not missing, missing
