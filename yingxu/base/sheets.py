"""Tables going out (xlsx, csv) and the one rule that keeps a spreadsheet from reading our text as a formula (S17).

Rule: every cell is text. When the first character that is not a space is one of = + - @ (also in full width), a tab, a line break
or an apostrophe, one apostrophe is put in front. Taking one leading apostrophe off where such a character follows gives the
text back exactly; `plain` does it, and our own import uses it. Characters no workbook can hold become U+FFFD.

What leaves carries its mark (marks.py): a workbook says it on a sheet of its own after the others and in its properties, so that the
first sheet still imports as it is; a text file, which has no room for either, in its name.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .marks import Mark, taken

LONGEST = 32_767  # characters a cell of a workbook can hold
_RISKY = re.compile(r"[^\S\t\r\n]*[=+\-@＝＋－＠\t\r\n']")
_NEUTRALISED = re.compile(r"'[^\S\t\r\n]*[=+\-@＝＋－＠\t\r\n']")
_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def safe(value: Any) -> str:
    """The cell's text by the rule above."""
    text = _UNKEEPABLE.sub("\ufffd", _text(value))
    text = f"'{text}" if _RISKY.match(text) else text
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def plain(cell: str) -> str:
    """What was written before `safe`."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, list | tuple | set):
        return "、".join(_text(v) for v in value)
    return str(value)


def write_xlsx(out: IO[bytes], heads: Sequence[Any], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """A workbook with one sheet, its head row fixed; rows are written as they come."""
    write_book(out, [(title, heads, rows)])


def write_book(out: IO[bytes], tables: Iterable[tuple[Any, Sequence[Any], Iterable[Sequence[Any]]]], *, mark: Mark | None = None) -> None:
    """A workbook with a sheet for each (title, heads, rows), and one that says what it is when it carries a mark."""
    from openpyxl import Workbook  # here, since the library takes 10 MB of every process that never writes a workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for title, heads, rows in tables:
        sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", str(title))[:31] or None)
        sheet.freeze_panes = "A2"
        for column, head in enumerate(heads, 1):
            sheet.column_dimensions[get_column_letter(column)].width = max(12, min(40, 2 * len(str(head)) + 4))
        sheet.append([_cell(sheet, head, bold=True) for head in heads])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    if mark is not None:
        _say(book, mark)
    book.save(out)


def _say(book: Any, mark: Mark) -> None:
    from openpyxl.packaging.custom import StringProperty

    sheet = book.create_sheet(str(_("About this file")))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 48
    for row in about(mark):
        sheet.append([_cell(sheet, value) for value in row])
    book.properties.creator, book.properties.identifier, book.properties.description = safe(mark.who), mark.code, mark.code
    book.custom_doc_props.append(StringProperty(name="YingxuExport", value=mark.code))


def about(mark: Mark) -> list[tuple[Any, Any]]:
    """What a file or a print says of itself: label and value."""
    rows = [(_("Rows"), mark.rows)] if mark.rows is not None else []
    return [(_("Contents"), mark.listed), *rows, (_("Taken by"), mark.who), (_("As of"), mark.at), (_("Mark"), mark.code)]


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type, cell.number_format = safe(value), "s", "@"
    if bold:
        cell.font = Font(bold=True)
    if "\n" in cell._value:
        cell.alignment = Alignment(wrap_text=True)
    return cell


def write_csv(out: IO[bytes], heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """UTF-8 with a mark at the beginning, as spreadsheets expect; CRLF."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe(head) for head in heads])
    writer.writerows([safe(value) for value in row] for row in rows)
    text.detach()


def download(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]], *, kind: str = "xlsx") -> FileResponse:
    """The table as a file to keep, called `name`.`kind`. Written as a whole before the answer begins, so a fault is no half file."""
    if kind != "csv":
        return download_book(name, [(name, heads, rows)])
    out = tempfile.SpooledTemporaryFile(max_size=2_000_000)  # noqa: SIM115  the response closes it
    write_csv(out, heads, rows)
    mark = taken()
    return _answer(out, f"{name} {mark.code}" if mark else name, kind)


def download_book(name: str, tables: Iterable[tuple[Any, Sequence[Any], Iterable[Sequence[Any]]]]) -> FileResponse:
    """The same with a sheet for each (title, heads, rows)."""
    out = tempfile.SpooledTemporaryFile(max_size=2_000_000)  # noqa: SIM115  the response closes it
    write_book(out, tables, mark=taken())
    return _answer(out, name, "xlsx")


def _answer(out: IO[bytes], name: str, kind: str) -> FileResponse:
    out.seek(0)
    response = FileResponse(out, content_type=TYPES[kind])
    response["Content-Disposition"] = f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{quote(f'{name}.{kind}', safe='')}"
    return response
