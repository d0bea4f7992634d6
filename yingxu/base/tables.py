"""Spreadsheets coming in, as rows of values. Values are read, never evaluated; what cannot be read is said in a sentence.

Takes xlsx, and csv in UTF-8 (with or without mark), UTF-16 or GB18030 (which covers GBK and GB2312), also gzipped.
"""

import csv
import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from . import sheets
from .budget import Budget, Exhausted
from .errors import Invalid

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_BYTES = 200 * 1_048_576  # unpacked
RATIO = 100
MOST_WORDS = 64 * 1_048_576  # of the strings of a workbook, which are read at one go
MOST_EMPTY = 10_000  # lines without anything among the others
SECONDS = 30.0  # of the processor


@dataclass(frozen=True)
class Table:
    """Column names and, for each further row, its line in the file (from 2) and its cells by column name."""

    header: list[str]
    rows: list[tuple[int, dict[str, Any]]]


def read(path: Path, name: str) -> Table:
    """The first sheet, or the csv. Raises Invalid with a sentence."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"PK":
        lines = _xlsx(path)
    elif start[:2] == b"\x1f\x8b":
        lines = _csv(_unpacked(path))
    elif start[:4] == b"\xd0\xcf\x11\xe0":
        raise Invalid(_("This is an old .xls file. Save it as .xlsx or .csv and upload it again."))
    else:
        lines = _csv(path.read_bytes())
    try:
        return _table(lines, Budget(SECONDS))
    except Exhausted:
        raise Invalid(_("This file takes too long to read; split it.")) from None


def _xlsx(path: Path) -> Iterator[list[Any]]:
    try:
        yield from _cells(path)
    except Invalid:
        raise
    except Exception:  # noqa: BLE001  whatever a damaged workbook makes its readers raise: XML, zlib, types, missing parts
        raise Invalid(_("This file is not a readable workbook. Save it again as .xlsx or .csv.")) from None


def _cells(path: Path) -> Iterator[list[Any]]:
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        size, words = sum(e.file_size for e in parts), max((e.file_size for e in parts if e.filename.lower().endswith("sharedstrings.xml")), default=0)
        if len(parts) > 1_000 or size > MOST_BYTES or words > MOST_WORDS or size > RATIO * max(path.stat().st_size, 10_000):
            raise Invalid(_("This workbook unpacks to far more than a workbook should; it is not read."))
    import openpyxl  # here, since the library takes 10 MB of every process that never reads a workbook

    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            cells = [] if row.count(None) == len(row) else list(row)
            while cells and cells[-1] is None:  # rows come padded to the widest we read
                cells.pop()
            yield cells
    finally:
        book.close()


def _unpacked(path: Path) -> bytes:
    limit = min(MOST_BYTES, RATIO * path.stat().st_size)
    try:
        with gzip.open(path) as packed:
            data = packed.read(limit + 1)
    except (OSError, EOFError):
        raise Invalid(_("This packed file is damaged.")) from None
    if len(data) > limit:
        raise Invalid(_("This file unpacks to far more than it should; it is not read."))
    return data


def _csv(data: bytes) -> Iterator[list[Any]]:
    text = decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(10_000_000)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Invalid(_("The csv is broken: %(error)s.") % {"error": error}) from None


def decoded(data: bytes) -> str:
    """Text in whatever encoding Chinese offices save csv."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Invalid(_("The letters of this file cannot be read. Save it as “CSV UTF-8” or .xlsx."))


def _table(lines: Iterator[list[Any]], budget: Budget) -> Table:
    header: list[str] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    for line, cells in enumerate(lines, start=1):
        budget.spend()
        if line > MOST_ROWS + MOST_EMPTY:  # one row far below makes a million empty ones
            raise Invalid(_("There are too many empty rows between the others; take them out."))
        if not any(_text(c) for c in cells):
            continue
        if not header:
            header = _named(cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise Invalid(_("At most %(n)s rows in one file; split it.") % {"n": f"{MOST_ROWS:,}"})
        rows.append(
            (line, {name: cells[i] for i, name in enumerate(header) if i < len(cells) and cells[i] not in (None, "")})
        )
    if not header:
        raise Invalid(_("This file is empty."))
    return Table(header, rows)


def _named(cells: list[Any]) -> list[str]:
    names: list[str] = []
    for i, cell in enumerate(cells[:MOST_COLUMNS]):
        name = " ".join(_text(cell).split())[:80] or _("column %(n)s") % {"n": i + 1}
        while name in names:
            name += "'"
        names.append(name)
    return names


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def as_text(cell: Any) -> str:
    """A cell as people see it. Raises ValueError for a number too long to have been kept exactly."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, int | float) and abs(cell) >= 1e15:
        raise ValueError(
            _("A long number (such as an ID) is stored as a number and has lost digits; store it as text.")
        )
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return sheets.plain(str(cell).replace("\x00", "").strip())


# ── what columns mean ──


@dataclass(frozen=True)
class Target:
    """What a column may mean. `words` are fragments of column names that mean this."""

    code: str
    label: Any
    words: tuple[str, ...] = ()
    hint: Any = ""


def guess(header: Sequence[str], targets: Iterable[Target]) -> dict[str, str]:
    """A mapping by names: exact ones first, then fragments, longer fragments first; each target once."""
    chosen: dict[str, str] = {}
    pairs = [(word.lower(), target.code) for target in targets for word in (str(target.label), *target.words)]
    pairs.sort(key=lambda pair: -len(pair[0]))
    for exact in (True, False):
        for word, code in pairs:
            for name in header:
                low = name.lower()
                fits = low == word if exact else word in low
                if fits and name not in chosen and code not in chosen.values():
                    chosen[name] = code
                    break
    return chosen


def signature(header: Sequence[str]) -> str:
    """By which a header is known again."""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()
