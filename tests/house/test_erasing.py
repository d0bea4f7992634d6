"""Everything that hangs from a matter is named in the inventory of erasing: a new table or a new column of text is either erased with
the matter or said to hold nothing of a person (A6, P4)."""

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from yingxu.destruction.erasing.engine import empty
from yingxu.destruction.erasing.inventory import APART, BLANK, GONE, KEPT, LEDGERS, PLAIN
from yingxu.destruction.erasing.reach import label, tables
from yingxu.destruction.erasing.sweeping import SWEPT

TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField, SearchVectorField, models.GenericIPAddressField)
NOT_OURS = {"auth", "contenttypes", "sessions", "procrastinate"}
OF_US = {  # what the company set up, its people and machines; numbers and counts of matters at most
    m._meta.label for m in apps.get_models() if m._meta.app_label in {"people", "policies", "operations", "templates", "desk", "audit"}
} | {
    "api.ApiToken", "api.Endpoint", "approvals.Chain", "approvals.ChainStep", "approvals.Deputy", "archives.LevelName", "archives.Stamp", "customers.Section",
    "customers.Term", "deadlines.CalendarDay", "deadlines.CalendarVersion", "deadlines.DayWindow", "deadlines.LadderVersion", "deadlines.Rung", "deadlines.Target",
    "deadlines.TargetVersion", "deadlines.WorkCalendar", "intake.Mailbox", "intake.RememberedMapping", "matters.Counter", "matters.Cursor", "matters.Seal",
    "matters.Verification", "needs.DayEnd", "needs.DayEndSettings", "needs.DayList", "needs.Link", "notices.MailOut", "notices.Outgoing", "notices.Robot",
    "notices.SmsOut", "notices.SmsTemplate", "notices.Ways", "portal.FormPoint", "portal.Knock", "privacy.Handover", "privacy.Notice", "privacy.Purpose", "privacy.Recipient", "privacy.Retention",
    "privacy.Wording", "relations.Reckoning", "relations.Rulebook", "routing.Learned", "routing.RoutingRule", "routing.Stamp", "upkeep.Round", "upkeep.Settings",
}  # fmt: skip
WHERE = "name it in yingxu/destruction/erasing/inventory.py"


def _columns(model):
    fields = model._meta.local_concrete_fields
    return {f.name for f in fields if isinstance(f, TEXT) and not f.choices}


def test_every_column_of_text_that_hangs_from_a_matter_is_named():
    found = [m for m in tables() if not m._meta.auto_created and m._meta.label not in GONE | set(LEDGERS)]
    assert len(found) > 40
    missing = [
        f"{m._meta.label}.{name}" for m in found for name in sorted(_columns(m)) if name not in BLANK.get(m._meta.label, ()) + PLAIN.get(m._meta.label, ())
    ]  # fmt: skip
    assert not missing, f"{WHERE}: " + ", ".join(missing)


def test_every_other_table_is_looked_through_or_tells_of_us_alone():
    """A table that hangs from no matter: swept by what stands for the customer, or of accounts, rules and machines."""
    hanging = {m._meta.label for m in tables()}
    apart = {m._meta.label for m in apps.get_models() if m._meta.managed and m._meta.label not in hanging and m._meta.app_label not in NOT_OURS}
    open_ = apart - SWEPT - OF_US - KEPT
    assert not open_, f"sweep it in erasing/sweeping.py, or name it here: {sorted(open_)}"
    assert apart >= SWEPT | KEPT, "named and not there, or hanging from a matter by now"


def test_what_is_named_exists_and_is_reached():
    reached = {m._meta.label for m in tables()}
    named = (GONE | set(BLANK) | set(PLAIN) | set(LEDGERS))
    assert named <= reached, sorted(named - reached)
    for columns in (BLANK, PLAIN):
        for name, fields in columns.items():
            assert set(fields) <= {f.name for f in apps.get_model(name)._meta.local_concrete_fields}, name
    assert not {n for n in BLANK if set(BLANK[n]) & set(PLAIN.get(n, ()))} and not GONE & set(BLANK)
    known = {label(f) for m in apps.get_models() for f in m._meta.local_concrete_fields if isinstance(f, models.ForeignKey)}
    assert known >= APART and {m._meta.label for m in apps.get_models()} >= KEPT


def test_what_stays_of_an_emptied_column_is_nothing():
    for name, fields in BLANK.items():
        for field in fields:
            if field != "title":
                assert not empty(apps.get_model(name)._meta.get_field(field)), f"{name}.{field}"


def test_what_goes_is_held_back_by_nothing_that_stays():
    """A row that stays may point to one that goes only where it can let go of it."""
    held = [
        label(f) for m in apps.get_models() if m._meta.managed and m._meta.label not in GONE for f in m._meta.local_concrete_fields
        if isinstance(f, models.ForeignKey) and f.related_model._meta.label in GONE and not f.null
    ]  # fmt: skip
    assert not held, held
