"""A pack goes in, is edited, upgraded and written out again (V1, V2)."""

from copy import deepcopy
from dataclasses import replace

import pytest

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import NotAllowed
from yingxu.deadlines import actions as deadlines
from yingxu.matters.models import Entry
from yingxu.people.models import Department, Role
from yingxu.policies import actions, packs, queries
from yingxu.policies.models import Clause, InstalledPack
from yingxu.routing import queries as routing
from yingxu.templates import actions as templates
from yingxu.templates import queries as kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def pawnshop() -> packs.Pack:
    return packs.load(packs.folder("pawnshop"))


@pytest.mark.parametrize("name", packs.shipped())
def test_installing_makes_the_configuration_what_the_pack_says(name):
    """V1: everything a pack declares is in force afterwards."""
    pack = packs.load(packs.folder(name))
    actions.install(pack, by=SYSTEM)
    assert queries.present() == pack.content
    assert queries.installed().digest == pack.digest
    assert Entry.objects.filter(event="policies.pack_installed").count() == 1


def test_installing_twice_changes_nothing(pawnshop):
    """V2: idempotent."""
    first = actions.install(pawnshop, by=SYSTEM)
    entries = Entry.objects.count()
    assert actions.install(pawnshop, by=SYSTEM) == first
    assert (InstalledPack.objects.count(), Entry.objects.count()) == (1, entries)


def test_only_who_holds_the_rule_installs(pawnshop):
    with pytest.raises(NotAllowed):
        actions.install(pawnshop, by=Actor(kind="user", name="沈岚", id=1, user_id=1))
    assert not InstalledPack.objects.exists()


def test_an_upgrade_keeps_what_was_edited_on_screen(pawnshop):
    """V2: untouched things follow the pack, edited ones stay, both changed is a conflict and the company's stays."""
    actions.install(pawnshop, by=SYSTEM)
    template = kinds.template("pawn")
    templates.rename(template, by=SYSTEM, name="典当业务")
    number = kinds.template("pawn").current.number
    templates.add_field(template, by=SYSTEM, seen=number, field={"label": "介绍人", "type": "text"})
    deadlines.set_target("urgent", "triage", by=SYSTEM, amount=20, unit="minutes", round_the_clock=True)

    newer = deepcopy(pawnshop.content)
    newer["templates"]["pawn"]["must_ask"] = ["当物从哪里来？"]
    newer["templates"]["pawn"]["name"] = "质押"
    newer["templates"]["pawn"]["fields"][0]["hint"] = "品名和数量"
    newer["targets"]["urgent/plan"]["within"] = "90m"
    newer["targets"]["urgent/triage"]["within"] = "10m"
    newer["departments"]["online"] = {"name": "线上业务部", "parent": "office", "service": False, "response_group": False}
    done = actions.install(replace(pawnshop, version="1.1", content=newer), by=SYSTEM)

    now = queries.present()
    pawn = now["templates"]["pawn"]
    assert pawn["name"] == "典当业务"
    assert pawn["must_ask"] == ["当物从哪里来？"]
    assert [f["label"] for f in pawn["fields"]][-1] == "介绍人"
    assert pawn["fields"][0]["hint"] == "品名和数量"
    assert now["targets"]["urgent/triage"]["within"] == "20m"
    assert now["targets"]["urgent/plan"]["within"] == "90m"
    assert Department.objects.filter(code="online").exists()
    assert {c["path"] for c in done.conflicts} == {"templates.pawn.name", "targets.urgent/triage.within"}
    assert done.version == "1.1"


def test_an_upgrade_takes_away_what_the_pack_took_away(pawnshop):
    """V2: a clause, a rule and a text the company never touched go with the pack."""
    actions.install(pawnshop, by=SYSTEM)
    newer = deepcopy(pawnshop.content)
    del newer["clauses"]["7.2"], newer["routing"]["leak"], newer["words"]["handover"]
    actions.install(replace(pawnshop, version="2", content=newer), by=SYSTEM)
    assert not Clause.objects.filter(number="7.2").exists()
    assert "leak" not in [r.code for r in routing.rules() if r.active]
    assert "handover" not in [t.code for t in kinds.quick_texts()]


def test_what_is_exported_loads_to_the_same(pawnshop, tmp_path):
    """V2: out and in again, with an edit made on screen in between."""
    actions.install(pawnshop, by=SYSTEM)
    template = kinds.template("redeem")
    templates.add_field(
        template, by=SYSTEM, seen=template.current.number,
        field={"label": '备注 "引号" 与 \\ 斜杠', "type": "long_text", "hint": "一行\n两行"},
    )  # fmt: skip
    written = actions.export(tmp_path / "ours", by=SYSTEM)
    again = packs.load(tmp_path / "ours")
    assert len(written) == len(packs.FILES)
    assert again.content == queries.present()
    assert again.content != pawnshop.content


def test_roles_grant_exactly_what_the_pack_says(pawnshop):
    """S1: no more and no fewer rules, after an upgrade too."""
    actions.install(pawnshop, by=SYSTEM)
    newer = deepcopy(pawnshop.content)
    del newer["roles"]["auditor"]["rules"]["needs.export"]
    actions.install(replace(pawnshop, version="2", content=newer), by=SYSTEM)
    assert "needs.export" not in Role.objects.get(code="auditor").rules.values_list("rule", flat=True)
