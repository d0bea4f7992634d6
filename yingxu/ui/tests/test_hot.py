"""Components drawn by Python escape what people wrote, as templates do."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.utils import translation

from yingxu.ui import hot

from .page import Page

EVIL = """<script>alert("1")</script>' onmouseover='x"""
ROW = dict.fromkeys(
    ("number", "href", "subject", "category", "category_name", "customer", "kind", "latest", "state_name", "department", "person", "clock_note", "preview_href"),
    EVIL,
)  # fmt: skip


@pytest.mark.parametrize(
    "drawn",
    [
        hot.chip(EVIL, EVIL), hot.tag(EVIL, EVIL, "lock", EVIL), hot.number(EVIL, EVIL), hot.avatar(EVIL, 1, EVIL, EVIL), hot.stage(EVIL, 3),
        hot.clock("ok", 5, 10, text=EVIL, title=EVIL), hot.event(EVIL, "flag", EVIL, EVIL), hot.tick_box(EVIL, EVIL, EVIL, data_x=EVIL),
        hot.need_row({**ROW, "at": 4, "clock": {"state": "late", "minutes": 3, "title": EVIL}}, preview=EVIL),
    ],
)  # fmt: skip
def test_nothing_a_person_wrote_becomes_markup(drawn):
    page = Page(str(drawn))
    assert page.wrong == []
    assert not page.all("script")
    assert not [a for a in page.all() if any(name.startswith("on") for name in a)]


def test_a_row_needs_only_number_address_and_subject():
    """Rows come as mappings and as objects; what is not there is not shown."""
    bare = {"number": "2026-000001", "href": "/needs/2026-000001/", "subject": "续当", "state_name": "新登记", "at": 1}
    with translation.override("zh-hans"):
        row = hot.need_row(bare)
        assert row == hot.need_row(SimpleNamespace(**bare))
        assert "未分派" in row and "选择 2026-000001" in row and "None" not in row
        assert 'class="pick"' not in hot.need_row(bare, pick=False)
        assert 'aria-selected="true"' in hot.need_row({**bare, "selected": True})


def test_a_row_shows_the_columns_chosen_and_its_open_tasks():
    row = {**ROW, "number": "2026-000001", "customer": "季棠", "left": ("1 项任务未完成", "bad"), "tags": [EVIL, "二", "三"], "rating": "4", "registered": "今天"}
    assert '<span class="number">2026-000001</span><span>季棠</span>' in hot.need_row(row) and '<span class="tag bad">1 项任务未完成</span>' in hot.need_row(row)
    chosen = hot.need_row(row, columns=("tasks", "tags", "registered"))
    assert Page(str(chosen)).wrong == [] and not Page(str(chosen)).all("script")
    assert "今天" in chosen and "+1" in chosen and "项任务" in chosen and "季棠" not in chosen and "stage" not in chosen


def test_the_open_tasks_stand_beside_the_number_of_a_row():
    row = hot.need_row({"number": "2026-000001", "href": "/needs/2026-000001/", "subject": "续当", "customer": "季棠", "at": 1, "left": (EVIL, "warn")})
    page = Page(str(row))
    assert page.wrong == [] and not page.all("script")
    assert '<span class="number">2026-000001</span><span>季棠</span><span class="tag warn">' in row


def test_words_follow_the_language():
    """Remembered words are remembered by language."""
    for language, words in (("zh-hans", "超 22 分"), ("en", "over by 22 min"), ("zh-hans", "超 22 分")):
        with translation.override(language):
            assert words in hot.clock("late", 22)
    with translation.override("zh-hans"):
        assert "第 4 步，共 9 步" in hot.loop(4)
        assert "9:05" in hot.event("到期", at=datetime(2026, 3, 18, 1, 5, tzinfo=UTC))
        assert hot.stage("已撤销", None) == '<span class="stage">已撤销</span>'


def test_a_clock_that_runs_tells_the_script_what_it_needs():
    made = Page(str(hot.clock("soon", 38, 240, 480, runs=True))).all("span")[0]
    assert {k: v for k, v in made.items() if k.startswith("data-")} == {"data-state": "soon", "data-minutes": "38", "data-total": "240", "data-day": "480"}
    assert "data-minutes" not in hot.clock("paused", 38, 240, 480, runs=True)
