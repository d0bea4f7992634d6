"""Reading packs: everything wrong is said with file, line and key (V1)."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingxu.policies import packs, toml
from yingxu.policies.merging import merge
from yingxu.policies.places import line_of, lines


@pytest.fixture
def ours(tmp_path):
    shutil.copytree(packs.folder("pawnshop"), tmp_path / "ours")
    return tmp_path / "ours"


def _spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("name", packs.shipped())
def test_every_shipped_pack_is_sound(name):
    """V3: no clause without a control; the pawnshop has at least 25 clauses."""
    pack = packs.load(packs.folder(name))
    assert len(pack.content["clauses"]) >= 25 and all(c["controls"] for c in pack.content["clauses"].values())
    steps = {"registration", "first_response", "triage", "acceptance", "plan", "progress", "handling", "review", "feedback",
             "confirmation", "follow_up"}  # fmt: skip
    for category in ("urgent", "important", "general", "potential"):
        assert steps <= {key.split("/")[1] for key in pack.content["targets"] if key.startswith(category + "/")}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("departments.toml", 'name = "财务部"', 'nmae = "财务部"', ["departments[7]", "nmae"]),
        ("departments.toml", "\nservice = true", '\nservice = "yes"', ["departments[1].service", "bool"]),
        ("departments.toml", 'parent = "office"', 'parent = "ofice"', ["departments[1].parent", "office"]),
        ("departments.toml", 'code = "finance"', 'code = "pawn"', ["departments[7].code", "pawn"]),
        ("roles.toml", '"needs.triage"', '"needs.traige"', ["roles[0].all", "needs.traige", "needs.triage"]),
        ("templates.toml", 'type = "money"', 'type = "monye"', ["templates[0].fields[1].type", "monye"]),
        ("templates.toml", 'field = "item_kind"', 'field = "no_such"', ["templates[0].fields[7].show_when"]),
        ("templates.toml", 'min = "100"', 'min = "wenig"', ["templates[0].fields[1].min", "wenig"]),
        ("categories.toml", 'category = "urgent"', 'category = "general"', ["categories.toml"]),
        ("targets.toml", 'within = "5m"', 'within = "soon"', ["urgent.registration", "soon"]),
        ("targets.toml", "[urgent]", "[urgently]", ["targets.toml"]),
        ("targets.toml", "warn = 60", "warn = 160", ["urgent.first_response"]),
        ("ladders.toml", 'after = "2h" }', 'after = "soon" }', ["default", "soon"]),
        ("ladders.toml", '{ who = "leader", after = "1d" }', '{ who = "leader", after = "1h" }', ["default", "越往上"]),
        ("ladders.toml", 'code = "executive"', 'code = "exekutive"', ["exekutive", "executive"]),
        ("ladders.toml", 'who = "owner"', 'who = "ower"', ["ladders.toml", "ower"]),
        ("approvals.toml", 'code = "response-lead"', 'code = "response-led"', ["approvals.toml", "response-led", "response-lead"]),
        ("approvals.toml", 'within = "1d"', 'within = "soon"', ["approvals.toml", "soon"]),
        ("approvals.toml", 'code = "archives.lower"', 'code = "lower"', ["approvals.toml", "archives.lower"]),
        ("approvals.toml", 'who = "head"', 'who = "hed"', ["approvals.toml", "hed"]),
        ("approvals.toml", 'who = "head"', 'who = "role"', ["approvals.toml", "code"]),
        ("ladders.toml", "[urgent]", "[urgnt]", ["urgnt", "urgent"]),
        ("ladders.toml", "[emergency]\nround", "[emergenzy]\nround", ["emergency"]),
        ("calendar.toml", '"09:00-12:00"', '"9-12"', ["week.monday", "9-12"]),
        ("calendar.toml", '"09:00-12:00", "13:30-18:00"', '"09:00-14:00", "13:30-18:00"', ["week.monday"]),
        ("calendar.toml", "Asia/Shanghai", "Asia/Yunxiu", ["zone", "Asia/Yunxiu"]),
        ("routing.toml", 'department = "vault"', 'department = "valut"', ["rules[1].department", "valut", "vault"]),
        ("routing.toml", 'amount_over = "500000"', 'amount_over = "-5"', ["rules[9].amount_over"]),
        ("routing.toml", 'kinds = ["pawn"]', 'kinds = ["pwan"]', ["rules[9].kinds", "pwan"]),
        ("survey.toml", '"一般", ', "", ["scale"]),
        ("words.toml", 'kinds = ["pawn"]', 'kinds = ["nothing"]', ["words[1].kinds", "nothing"]),
        ("words.toml", 'place = "reply"', 'place = "answer"', ["words[0].place"]),
        ("clauses.toml", '"needs.on_one_timeline"', '"needs.on_one_timelime"', ["clauses[0].controls", "needs.on_one_timeline"]),
        ("clauses.toml", 'controls = ["needs.channel_kept"]', "controls = []", ["clauses[3].controls"]),
        ("pack.toml", 'version = "1.0"', "", ["pack.toml", "version"]),
        ("survey.toml", "question = ", "question == ", ["survey.toml:3"]),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(ours, file, old, new, said):
    line = _spoil(ours, file, old, new)
    with pytest.raises(packs.PackError) as refused:
        packs.load(ours)
    text = "\n".join(refused.value.faults)
    assert f"ours/{file}" in text
    for part in said:
        assert part in text
    if "[" in said[0] and new:  # a key inside a list: its line, or the line of the thing it belongs to
        at = int(text.split(f"ours/{file}:")[1].split(":")[0])
        assert line - 12 <= at <= line + 1


def test_missing_and_strange_files_are_named(ours):
    (ours / "roles.toml").unlink()
    (ours / "words.toml").write_bytes(b"\xff\xfe\x00")
    (ours / "holidays.toml").write_text("x = 1")
    with pytest.raises(packs.PackError) as refused:
        packs.load(ours)
    assert len(refused.value.faults) == 3
    assert {f.split(":")[0] for f in refused.value.faults} == {"ours/roles.toml", "ours/words.toml", "ours/holidays.toml"}
    with pytest.raises(packs.PackError):
        packs.folder("no-such-pack")


@pytest.mark.parametrize("name", packs.shipped())
def test_what_is_written_reads_the_same(name, tmp_path):
    pack = packs.load(packs.folder(name))
    toml.write(tmp_path / "again", {"name": name, "title": pack.title, "version": pack.version}, pack.content)
    assert packs.load(tmp_path / "again").content == pack.content


def test_lines_are_found():
    text = 'a = 1\n[t]\nb = ["x",\n  "y = 2",\n]\n[[l]]\n# [[l]]\n"c.d" = """\nz = 1\n"""\n[[l.m]]\nn = { o = 1 }\n[[l]]\nc = 2\n'
    found = lines(text)
    assert found["a"] == 1 and found["t.b"] == 3 and found["l[0]"] == 6 and found["l[0].c.d"] == 8
    assert found["l[0].m[0].n"] == 12 and found["l[1].c"] == 14
    assert "y" not in found and "z" not in found
    assert line_of(found, "l[0].m[0].n.o") == 12 and line_of(found, "l[1].zzz") == 13 and line_of(found, "q") is None


LEAVES = st.one_of(st.text(max_size=4), st.integers(0, 9), st.booleans(), st.lists(st.text(max_size=3), max_size=3))
TREES = st.dictionaries(st.sampled_from("abcd"), st.one_of(LEAVES, st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=3)), max_size=4)


@given(TREES, TREES)
def test_merging_takes_what_only_one_side_changed(base, theirs):
    """V2: untouched → the pack's; only ours changed → ours; nothing new in the pack → everything stays."""
    assert merge(base, base, theirs) == (theirs, [])
    assert merge(base, theirs, base) == (theirs, [])
    assert merge(base, theirs, theirs) == (theirs, [])


@given(TREES, TREES, TREES)
def test_merging_never_loses_an_edit(base, mine, theirs):
    """V2: whatever we changed is in the result, or we took it away."""
    merged, conflicts = merge(base, mine, theirs)
    for key in mine:
        if mine[key] != base.get(key) and not isinstance(mine[key], dict):
            assert merged[key] == mine[key]
    for key in set(base) - set(mine):
        if theirs.get(key) == base[key]:
            assert key not in merged
    assert all(c.mine != c.theirs for c in conflicts)


def test_a_new_rule_comes_after_its_neighbour():
    """A rule that catches everything stays last although we changed the order."""
    base = {"a": {"n": 1}, "b": {"n": 2}, "rest": {"n": 9}}
    mine = {"b": {"n": 2}, "a": {"n": 1}, "rest": {"n": 9}}
    theirs = {"a": {"n": 1}, "new": {"n": 5}, "b": {"n": 2}, "rest": {"n": 9}}
    merged, conflicts = merge(base, mine, theirs)
    assert list(merged) == ["b", "a", "new", "rest"] and not conflicts


def test_steps_of_an_approval_chain_are_merged_as_a_whole():
    """Their `code` names whom the step means, not the step: two heads are two steps, and half of two orders is nobody's."""
    head, boss = {"name": "主管", "who": "head", "code": ""}, {"name": "总经理", "who": "role", "code": "executive"}
    keeper = {"name": "保密", "who": "matter_head", "code": ""}
    base, mine, theirs = ({"approvals": {"a.b": {"steps": steps}}} for steps in ([head], [head, keeper], [head, boss]))
    merged, conflicts = merge(base, mine, theirs)
    assert merged == mine and [c.path for c in conflicts] == ["approvals.a.b.steps"]
    assert merge(base, base, theirs) == (theirs, [])
