"""Cleaning, limits and words of single fields (N1); no database."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingxu.templates.fields import Condition, Field, problems


def _field(type_: str, **more) -> Field:
    return Field(code="x", label="甲", type=type_, **more)


@pytest.mark.parametrize(
    ("type_", "raw", "kept"),
    [
        ("text", "  冰种  翡翠 ", "冰种 翡翠"),
        ("long_text", " 一行\n两行 ", "一行\n两行"),
        ("money", "420,000", "420000.00"),
        ("money", "¥ 42万", "420000.00"),
        ("money", "１２．５", "12.50"),
        ("money", "1.2亿", "120000000.00"),
        ("number", "003.50", "3.5"),
        ("percent", "2.4%", "2.4"),
        ("date", "2026/3/8", "2026-03-08"),
        ("date", "2026年3月8日", "2026-03-08"),
        ("date", date(2026, 3, 8), "2026-03-08"),
        ("date", datetime(2026, 3, 8, 9, 0), "2026-03-08"),
        ("yes_no", "是", True),
        ("yes_no", "off", False),
        ("phone", "+86 139-0000-2046", "13900002046"),
        ("text", "", None),
        ("text", None, None),
        ("choices", [], None),
    ],
)
def test_what_is_kept(type_, raw, kept):
    assert _field(type_).clean(raw) == kept


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("money", "四十二万"), ("money", "-1"), ("money", "1e9"), ("money", "99999999999999"), ("number", "NaN"), ("number", True),
        ("percent", ["2"]), ("date", "2026-02-30"), ("date", "昨天"), ("yes_no", "也许"), ("phone", "12"), ("phone", "139000020461"),
        ("text", "字" * 201), ("text", {"a": 1}), ("long_text", "字" * 5_001),
    ],
)  # fmt: skip
def test_what_is_refused(type_, raw):
    with pytest.raises(ValueError, match=r"."):
        _field(type_).clean(raw)


def test_choices_keep_the_order_of_the_template():
    field = _field("choices", options=["甲", "乙", "丙"])
    assert field.clean("丙、甲") == ["甲", "丙"]
    assert field.clean(["乙", "乙"]) == ["乙"]
    with pytest.raises(ValueError, match="丁"):
        field.clean(["丁"])


def test_limits_refuse_and_warnings_only_warn():
    rate = _field("percent", min="0", max="10", message="在 0 到 10 之间", warn_above="2.4", warning="高于牌价 2.4%，请核对")
    assert rate.warn(rate.clean("2.8")) == "高于牌价 2.4%，请核对"
    assert rate.warn(rate.clean("2.4")) == ""
    with pytest.raises(ValueError, match="在 0 到 10 之间"):
        rate.clean("10.01")


def test_a_date_may_be_limited_by_today():
    past = _field("date", max="today")
    assert past.clean(date(2020, 1, 1))
    with pytest.raises(ValueError, match="today"):
        past.clean("2999-01-01")


def test_values_in_words():
    assert _field("money").text("420000.00") == "¥ 420,000.00"
    assert _field("percent", unit="% / 月").text("2.4") == "2.4% / 月"
    assert _field("number", unit="批").text("5") == "5 批"
    assert _field("choices").text(["甲", "乙"]) == "甲、乙"
    assert _field("text").text(None) == ""


@given(st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False))
def test_money_is_kept_exactly(amount):
    assert _field("money").clean(f"{amount:,}") == f"{amount:.2f}"


@given(st.text(max_size=300), st.sampled_from(["text", "long_text", "number", "money", "percent", "date", "yes_no", "phone"]))
def test_any_text_is_kept_or_refused_with_a_sentence(raw, type_):
    """§7: nothing a person types breaks us, and what is kept is kept again unchanged."""
    field = _field(type_)
    try:
        value = field.clean(raw)
    except ValueError as refused:
        assert str(refused)
        return
    assert value is None or field.clean(value) == value


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ([Field(code="A", label="甲")], "code"),
        ([Field(code="a", label="甲"), Field(code="a", label="乙")], "code"),
        ([Field(code="a", label=" ")], "label"),
        ([Field(code="a", label="甲", type="choice", options=["一", "一"])], "options"),
        ([Field(code="a", label="甲", options=["一", "二"])], "options"),
        ([Field(code="a", label="甲", show_when=Condition(field="b", values=["一"]))], "show_when"),
        ([Field(code="a", label="甲", type="text", min="1")], "min"),
        ([Field(code="a", label="甲", type="date", max="soon")], "max"),
        ([Field(code="a", label="甲", width=13)], "width"),
    ],
)
def test_a_list_of_fields_is_checked(fields, where):
    assert [path.split(".")[-1] for path, _sentence in problems(fields)] == [where]
