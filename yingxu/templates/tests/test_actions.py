"""Templates: one rule set for every way in; versions; what processes remember (N1)."""

import pytest

from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed, Stale
from yingxu.templates import actions, queries
from yingxu.templates.models import TemplateVersion

pytestmark = pytest.mark.django_db
PAWN = {"item": "翡翠手镯一只", "amount": "42万"}


def test_validate_cleans_and_names_every_wrong_field(world):
    version = queries.version_for("pawn")
    assert actions.validate(version, PAWN) == {"item": "翡翠手镯一只", "amount": "420000.00"}
    with pytest.raises(Invalid) as refused:
        actions.validate(version, {"amount": "很多", "custody": ["床底下"], "colour": "绿"})
    assert set(refused.value.fields) == {"item", "amount", "custody", "colour"}


def test_a_requirement_belongs_to_a_step(world):
    """N1: the term may be missing at registration and not any more at triage."""
    version = queries.version_for("pawn")
    assert actions.validate(version, PAWN, at="registration")
    with pytest.raises(Invalid) as refused:
        actions.validate(version, PAWN, at="triage")
    assert list(refused.value.fields) == ["term"]
    assert queries.missing(version, PAWN, "triage") == ["期限"]
    assert queries.missing(version, PAWN, "registration") == []


def test_history_comes_as_it_is(world):
    """U4: imports ask for nothing and leave out what the template does not know; wrong values are still refused."""
    version = queries.version_for("pawn")
    assert actions.validate(version, {"colour": "绿", "item": "表"}, at="import") == {"item": "表"}
    with pytest.raises(Invalid):
        actions.validate(version, {"amount": "很多"}, at="import")


def test_a_hidden_field_is_neither_asked_nor_kept(world):
    version = queries.version_for("pawn")
    kept = actions.validate(version, {**PAWN, "item_kind": "车辆", "plate": "云A·7F206"})
    assert kept["plate"] == "云A·7F206"
    assert "plate" not in actions.validate(version, {**PAWN, "item_kind": "腕表", "plate": "云A·7F206"})
    version = queries.version_for("renewal")
    base = {"item": "表", "due_on": "2026-03-18", "term": "1 个月", "way": "委托他人"}
    with pytest.raises(Invalid) as refused:
        actions.validate(version, base, at="plan")
    assert list(refused.value.fields) == ["proxy"]
    assert actions.validate(version, {**base, "way": "本人到店"}, at="plan")


def test_old_records_keep_their_version(world):
    """N1: what was asked then is shown as it was then."""
    old = queries.version_for("pawn")
    kept = actions.validate(old, {**PAWN, "rate": "2.8"})
    template = queries.template("pawn")
    actions.remove_field(template, "rate", by=SYSTEM, seen=1)
    new = queries.version_for("pawn")
    assert ("期望利率", "2.8% / 月") in queries.display(old, kept)
    assert [label for label, _text in queries.display(new, kept)] == ["当物", "期望金额"]
    assert TemplateVersion.objects.get(pk=old.pk).fields == old.fields
    assert [d.how for d in queries.differences(old, new)] == ["removed"]


def test_forms_show_what_was_typed_and_what_is_wrong(world):
    version = queries.version_for("pawn")
    rows = {i.spec.code: i for i in queries.form(version, {"rate": "2.8", "amount": "x"}, errors={"amount": ["不对"]})}
    assert rows["rate"].warning == "高于牌价 2.4%，请核对" and rows["amount"].errors == ["不对"] and rows["amount"].value == "x"
    assert rows["item"].required and not rows["term"].required and not rows["plate"].shown
    assert queries.warnings(version, {"rate": "2.8"}) == {"rate": "高于牌价 2.4%，请核对"}


def test_what_a_process_remembers_is_never_stale_in_its_own_transaction(world):
    assert [t.code for t in queries.kinds()][0] == "pawn"
    actions.archive(queries.template("pawn"), by=SYSTEM)
    assert "pawn" not in [t.code for t in queries.kinds()] and queries.version_for("pawn") is None
    actions.archive(queries.template("pawn"), by=SYSTEM, active=True)
    assert queries.version_for("pawn") is not None


def test_kinds_cost_one_question(world, django_assert_num_queries):
    queries.kinds()
    with django_assert_num_queries(1):
        queries.kinds()


def test_the_last_kind_stays(world):
    for template in queries.kinds()[1:]:
        actions.archive(queries.template(template.code), by=SYSTEM)
    with pytest.raises(Invalid):
        actions.archive(queries.template(queries.kinds()[0].code), by=SYSTEM)


def test_only_who_manages_templates_changes_them(world):
    template, by = queries.template("pawn"), world.by("顾一鸣")
    field = {"label": "颜色"}
    for verb in (
        lambda: actions.create(by=by, code="x", name="甲"),
        lambda: actions.rename(template, by=by, name="甲"),
        lambda: actions.archive(template, by=by),
        lambda: actions.add_field(template, by=by, seen=1, field=field),
        lambda: actions.edit_field(template, "rate", by=by, seen=1, field=field),
        lambda: actions.remove_field(template, "rate", by=by, seen=1),
        lambda: actions.move_field(template, "rate", by=by, seen=1, places=1),
        lambda: actions.set_must_ask(template, by=by, seen=1, lines=[]),
        lambda: actions.describe(queries.category_texts()[0], by=by, label="急", definition="急", examples=[]),
        lambda: actions.put_quick_text(by=by, code="x", place="reply", title="甲", body="乙"),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert TemplateVersion.objects.filter(template=template).count() == 1


def test_a_field_others_depend_on_cannot_go(world):
    with pytest.raises(Invalid):
        actions.remove_field(queries.template("pawn"), "item_kind", by=SYSTEM, seen=1)
    with pytest.raises(Stale):
        actions.remove_field(queries.template("pawn"), "rate", by=SYSTEM, seen=7)
    with pytest.raises(Invalid):
        actions.remove_field(queries.template("pawn"), "nothing", by=SYSTEM, seen=1)
