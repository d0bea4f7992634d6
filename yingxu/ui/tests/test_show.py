"""Values are written as ui.md §8 says, in Chinese first."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from yingxu.base import clock
from yingxu.ui import show

NOW = datetime(2026, 3, 18, 10, 42, tzinfo=UTC)  # 18:42 in Shanghai, a Wednesday


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 18, 8, 30, tzinfo=UTC), "今天 16:30"),
        (datetime(2026, 3, 19, 1, 0, tzinfo=UTC), "明天 9:00"),
        (datetime(2026, 3, 17, 10, 22, tzinfo=UTC), "昨天 18:22"),
        (datetime(2026, 3, 18, 16, 5, tzinfo=UTC), "明天 0:05"),  # still the 18th in UTC
        (datetime(2026, 3, 9, 1, 0, tzinfo=UTC), "3 月 9 日"),
        (datetime(2025, 12, 30, 1, 0, tzinfo=UTC), "2025-12-30"),
        (date(2026, 3, 19), "明天"),
        (date(2026, 11, 2), "11 月 2 日"),
        (None, ""),
    ],
)
def test_when(moment, words):
    assert show.when(moment, NOW) == words


def test_moments_with_their_time():
    assert show.moment(datetime(2026, 3, 9, 1, 5, tzinfo=UTC), NOW) == "3 月 9 日 9:05"
    assert show.moment(datetime(2025, 12, 30, 1, 0, tzinfo=UTC), NOW) == "2025-12-30 9:00"
    assert show.full(datetime(2026, 3, 18, 8, 30, tzinfo=UTC)) == "2026-03-18 16:30"
    assert show.dayline(NOW, NOW) == "今天 3 月 18 日 星期三"
    assert show.dayline(datetime(2026, 3, 10, tzinfo=UTC), NOW) == "3 月 10 日 星期二"


def test_moments_in_sentences_are_told_as_everywhere():
    with clock.at(NOW):
        assert [show.told(v) for v in (NOW.isoformat(), NOW + timedelta(days=1), "2026-03-09", date(2025, 12, 30), None, "")] == [
            show.moment(NOW, NOW), show.moment(NOW + timedelta(days=1), NOW), "3 月 9 日", "2025-12-30", "", "",
        ]  # fmt: skip
    assert show.told(NOW.isoformat()) and "-" not in show.moment(NOW, NOW)


def test_time_element_carries_the_whole_moment():
    made = show.time_tag(datetime(2026, 3, 18, 8, 30, tzinfo=UTC), now=NOW)
    assert made == '<time datetime="2026-03-18T16:30:00+08:00" title="2026-03-18 16:30">今天 16:30</time>'
    assert show.time_tag(None) == ""


@pytest.mark.parametrize(
    ("minutes", "day", "words"),
    [
        (0, 1440, "不到 1 分"), (0.4, 1440, "不到 1 分"), (38, 1440, "38 分"), (60, 1440, "1 小时"), (135, 480, "2 小时 15 分"),
        (660, 480, "1 天 3 小时"), (480, 480, "1 天"), (485, 480, "1 天"), (1485, 1440, "1 天"), (-22, 480, "22 分"), (None, 480, ""),
        (4800 + 59, 480, "10 天"), (4800 + 61, 480, "10 天 1 小时"),
    ],
)  # fmt: skip
def test_durations_have_at_most_two_units(minutes, day, words):
    assert show.duration(minutes, day) == words


@pytest.mark.parametrize(
    ("state", "minutes", "words"),
    [("ok", 135, "2 小时 15 分"), ("soon", 38, "38 分"), ("late", 22, "超 22 分"), ("paused", 660, "已停 1 天 3 小时"), ("met", 6, "提前 6 分"), ("broken", 120, "晚 2 小时")],
)  # fmt: skip
def test_clock_words(state, minutes, words):
    assert show.clock_words(state, minutes, 480) == words


def test_clock_words_in_a_sentence():
    assert show.clock_words("ok", 58, left=True) == "剩 58 分"
    assert show.clock_words("late", 58, left=True) == "超 58 分"


@pytest.mark.parametrize(
    ("value", "words"),
    [(1280000, "128 万"), (1284600, "128.5 万"), (96400, "9.6 万"), (960, "960"), (0, "0"), (10000, "1 万"), (1234567890, "12.3 亿"), (-20000, "-2 万"), (None, "")],
)  # fmt: skip
def test_large_numbers_by_ten_thousands(value, words):
    assert show.short(value) == words


def test_large_numbers_in_english_by_thousands():
    with translation.override("en"):
        assert show.short(1284600) == "1.3M"
        assert show.duration(660, 480) == "1 day 3 h"


def test_sums_and_shares():
    assert show.money(1280000) == "¥ 1,280,000.00"
    assert show.money("-5") == "−¥ 5.00"
    assert show.money("0.005") == "¥ 0.01"
    assert show.money(None) == ""
    assert show.percent(0.924) == "92.4%"
    assert show.percent(None) == ""
    assert show.points(-0.018) == "1.8 个点"
    assert show.number(4812) == "4,812"
    assert show.number(4.384, 2) == "4.38"
    assert [show.capped(n) for n in (7, 99, 100)] == ["7", "99", "99+"]
    assert show.spoken("420,000") == "肆拾贰万元整"
    assert show.spoken("about 3") == ""


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (900, "900 B"), (1258291, "1.2 MB"), (2048, "2 KB"), (157286400, "150 MB"), (None, "")],
)
def test_file_sizes(count, words):
    assert show.size(count) == words


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("139 0000 2046", "phone", "139 **** 2046"), ("13900002046", "phone", "139 **** 2046"), ("6222000000000118", "card", "6222 **** **** 118"),
        ("110101199003074258", "", "11 **** **** 58"), ("liang@example.com", "email", "l***@example.com"), ("1234", "", "****"), ("12345", "", "1 **** 5"),
        ("", "", ""), (None, "phone", ""),
    ],
)  # fmt: skip
def test_identifiers_keep_their_middle(value, kind, words):
    """C8: what is covered never shows more than it must."""
    assert show.masked(value, kind) == words


def test_nothing_a_person_wrote_becomes_markup():
    assert show.highlight("<b>续当</b>续当", "续当") == "&lt;b&gt;<mark>续当</mark>&lt;/b&gt;<mark>续当</mark>"
    assert show.highlight("a<b", "") == "a&lt;b"
    assert show.paragraphs("一<i>\n二\n\n三") == "<p>一&lt;i&gt;<br>二</p><p>三</p>"
    assert (
        show.attrs(hx_post='/a?b=1&c="2"', disabled=True, hidden=False, title=None)
        == ' hx-post="/a?b=1&amp;c=&#34;2&#34;" disabled'
    )
    assert "&lt;x&gt;" in show.icon("bell", "<x>")


def test_what_is_missing_says_so():
    assert show.given(None) == '<span class="quiet">未填</span>'
    assert show.given(0) == 0


def test_faces_are_stable():
    assert [show.variant(n) for n in range(6)] == ["", "v2", "v3", "v4", "v5", ""]
    assert show.variant("沈岚") == show.variant("沈岚")
    assert [show.initial(name) for name in ("沈岚", " li", "", None)] == ["沈", "L", "?", "?"]
