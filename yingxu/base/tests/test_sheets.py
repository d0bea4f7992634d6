"""Tables going out: text only, no formula, back again exactly (S17)."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from yingxu.base import sheets

FORMULAS = ["=1+1", "+86 139", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "  =1+1", "\u3000=1", "'=1", "'quoted'"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_neutralised_and_come_back(text):
    assert sheets.safe(text) == "'" + text
    assert sheets.plain(sheets.safe(text)) == text


@pytest.mark.parametrize("text", ["", "梁雯", "a=b", "139 **** 2046", "2026-000123", "\"x\""])
def test_harmless_text_stays(text):
    assert sheets.safe(text) == text == sheets.plain(text)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=50))
def test_any_text_comes_back(text):
    assert sheets.plain(sheets.safe(text)) == text


def test_values():
    assert sheets.safe(None) == ""
    assert sheets.safe(datetime(2026, 3, 18, 8, 30, tzinfo=UTC)) == "2026-03-18 16:30:00"
    assert sheets.safe(date(2026, 3, 18)) == "2026-03-18"
    assert sheets.safe(Decimal("1280000.50")) == "1280000.5"
    assert sheets.safe(["a", "b"]) == "a、b"
    assert sheets.safe("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert len(sheets.safe("x" * 40_000)) == sheets.LONGEST


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_xlsx_has_text_cells_only():
    response = sheets.download("客户/名单", ["名称", "=头"], [["=HYPERLINK(\"http://x\")", 42], [date(2026, 3, 18), "两\n行"]])
    sheet = load_workbook(io.BytesIO(body(response))).active
    cells = [[(c.value, c.data_type) for c in row] for row in sheet.iter_rows()]
    assert cells == [
        [("名称", "s"), ("'=头", "s")],
        [("'=HYPERLINK(\"http://x\")", "s"), ("42", "s")],
        [("2026-03-18", "s"), ("两\n行", "s")],
    ]
    assert "filename*=UTF-8''%E5%AE%A2%E6%88%B7%2F" in response["Content-Disposition"]


def test_csv_is_utf8_with_mark():
    raw = body(sheets.download("x", ["名称"], [["-1+2"], ["a,\"b"]], kind="csv"))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig")))) == [["名称"], ["'-1+2"], ["a,\"b"]]
