"""Spreadsheets made to break us, or broken: each ends in rows or in a sentence (S17), and nothing in them is evaluated or fetched."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from yingxu.base import sheets, tables
from yingxu.base.errors import Invalid

SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def parts() -> dict[str, bytes]:
    out = io.BytesIO()
    sheets.write_xlsx(out, ["姓名", "电话"], [["季棠", "13900004245"], ["=1+1", "2"]])
    with zipfile.ZipFile(out) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(inside: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in inside.items():
            book.writestr(name, content)
    return out.getvalue()


def rows(body: bytes, head: bytes = b"") -> bytes:
    return packed(parts() | {SHEET: head + b"<worksheet " + MAIN + b"><sheetData>" + body + b"</sheetData></worksheet>"})


def read(raw: bytes, folder: Path) -> tables.Table:
    path = folder / "list"
    path.write_bytes(raw)
    return tables.read(path, "list.xlsx")


def test_damaged_workbooks_are_a_sentence(tmp_path: Path) -> None:
    """Bytes changed, parts cut or missing: rows, or Invalid; nothing else comes out."""
    chance, good, refused = random.Random(7), parts(), 0  # noqa: S311
    for _n in range(150):
        inside, name = dict(good), chance.choice(list(good))
        content = bytearray(inside.pop(name))
        for _i in range(3):
            content[chance.randrange(len(content))] = chance.randrange(32, 127)
        raw = bytearray(packed(inside if chance.random() < 0.2 else inside | {name: bytes(content[: chance.randrange(1, len(content))] if chance.random() < 0.4 else content)}))
        if chance.random() < 0.3:
            raw[chance.randrange(4, len(raw))] ^= 0x55
        try:
            assert read(bytes(raw), tmp_path).header
        except Invalid:
            refused += 1
    assert refused > 20


def test_a_row_far_below_makes_no_million_of_rows(tmp_path: Path) -> None:
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>2</v></c></row>'
    with pytest.raises(Invalid, match="空行"):
        read(rows(far), tmp_path)
    near = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="900"><c r="A900"><v>2</v></c></row>'
    assert read(rows(near), tmp_path).rows == [(900, {"1": 2})]


def test_entities_are_neither_multiplied_nor_fetched(tmp_path: Path) -> None:
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a8;</t></is></c></row>'
    many = b"<!DOCTYPE x [" + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(9)) + b"]>"
    secret = tmp_path / "secret"
    secret.write_text("hush")
    out = b'<!DOCTYPE x [<!ENTITY a8 SYSTEM "%s">]>' % secret.as_uri().encode()
    for head in (many, out):
        with pytest.raises(Invalid):
            read(rows(cell, head), tmp_path)


def test_what_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(parts() | {"xl/sharedStrings.xml": b"0" * 5_000_000})
    with pytest.raises(Invalid, match="大得不正常"):
        read(bomb, tmp_path)
    monkeypatch.setattr(tables, "MOST_WORDS", 100)
    with pytest.raises(Invalid):
        read(packed(parts() | {"xl/sharedStrings.xml": b"<sst " + MAIN + b"/>" + b" " * 100}), tmp_path)


def test_nobody_reads_longer_than_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SECONDS", -60.0)
    with pytest.raises(Invalid, match="太久"):
        read("姓名\n季棠\n".encode(), tmp_path)


def test_what_goes_out_comes_in_as_it_was(tmp_path: Path) -> None:
    found = read(packed(parts()), tmp_path)
    assert [{k: tables.as_text(v) for k, v in row.items()} for _line, row in found.rows] == [{"姓名": "季棠", "电话": "13900004245"}, {"姓名": "=1+1", "电话": "2"}]
