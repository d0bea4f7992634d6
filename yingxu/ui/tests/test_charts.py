"""Charts are honest: from zero where lengths are compared, gaps stay gaps, every chart says what it is."""

import xml.etree.ElementTree as Tree

import pytest

from yingxu.ui import charts


def parsed(svg) -> Tree.Element:
    return Tree.fromstring(str(svg))


@pytest.mark.parametrize(
    ("low", "high", "steps", "ticks"),
    [(0, 100, 4, [0, 25, 50, 75, 100]), (30, 78, 4, [20, 40, 60, 80]), (0, 1, 4, [0, 0.25, 0.5, 0.75, 1]), (0, 0.08, 4, [0, 0.02, 0.04, 0.06, 0.08]), (5, 5, 2, [5, 5.5, 6])],
)  # fmt: skip
def test_ticks_are_round(low, high, steps, ticks):
    assert charts.scale(low, high, steps) == ticks


def test_line_breaks_at_a_gap_and_draws_the_target():
    svg = parsed(
        charts.line(
            [{"values": [1, None, 3, 4], "last": "4"}],
            ["一", "二", "三", "四"],
            label="件数",
            target=2,
            target_name="目标",
        )
    )
    assert svg.get("aria-label") == "件数"
    (path,) = [p for p in svg.iter("path") if p.get("class") == "line"]
    assert path.get("d").count("M") == 2
    assert not [p for p in svg.iter("path") if p.get("class") == "area"]
    assert [e.get("class") for e in svg.iter("line")].count("target") == 1
    assert "目标" in [t.text for t in svg.iter("text")]


def test_no_more_than_three_lines():
    svg = parsed(charts.line([{"values": [1, 2]}] * 5, ["a", "b"], label="x"))
    assert len([p for p in svg.iter("path") if p.get("class") == "line"]) == 3


def test_bars_start_at_zero_and_are_in_proportion():
    svg = parsed(
        charts.bars(
            [{"name": "甲", "value": 1}, {"name": "乙", "value": 0.5}, {"name": "丙", "value": 0}], label="率", most=1
        )
    )
    lengths = [float(r.get("width")) for r in svg.iter("rect") if r.get("class").startswith("bar")]
    assert lengths[1] == pytest.approx(lengths[0] / 2)
    assert lengths[2] == 0


def test_stacks_add_up():
    svg = parsed(charts.stacks([{"name": "6", "values": [10, 30]}], ["c5", "c3"], label="类别"))
    tall = [float(r.get("height")) + 1 for r in svg.iter("rect")]
    assert tall[1] == pytest.approx(3 * tall[0], rel=0.01)


def test_heat_keeps_nothing_apart_from_little():
    svg = parsed(charts.heat([("周一", [0, 1, 14])], [7, 8, 9], label="何时", say="{row} {column} 时：{value} 件"))
    assert [r.get("class") for r in svg.iter("rect")] == ["h0", "h1", "h6"]
    assert [t.text for t in svg.iter("title")][2] == "周一 9 时：14 件"


def test_spark_needs_two_points():
    assert charts.spark([1]) == ""
    assert charts.spark([None, 1, None]) == ""
    assert 'aria-hidden="true"' in charts.spark([1, 2])


def test_text_in_charts_is_text():
    assert "<b>" not in charts.bars([{"name": "<b>x", "value": 1}], label='"<b>')
    parsed(charts.bars([{"name": "<b>x", "value": 1}], label='"<b>'))
