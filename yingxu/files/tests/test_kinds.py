"""What is kept is told by the bytes; the name has only to agree (S16)."""

import io
import zipfile

import pytest

from yingxu.base.errors import Invalid
from yingxu.files import kinds

from .samples import EXE, JPEG, KEPT, REFUSED, packed


@pytest.mark.parametrize("name", KEPT)
def test_kept(name):
    content, mime = KEPT[name]
    assert kinds.recognise(io.BytesIO(content), name).mime == mime


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence(name):
    with pytest.raises(Invalid) as refusal:
        kinds.recognise(io.BytesIO(REFUSED[name]), name)
    assert name[:20] in str(refusal.value) and list(refusal.value.fields) == ["files"]


@pytest.mark.parametrize("name", KEPT)
def test_a_program_under_any_name(name):
    with pytest.raises(Invalid):
        kinds.recognise(io.BytesIO(EXE), name)


@pytest.mark.parametrize("name", KEPT)
def test_the_right_bytes_under_the_name_of_a_program(name):
    for ending in ("exe", "html", "svg", "js", "docm"):
        with pytest.raises(Invalid):
            kinds.recognise(io.BytesIO(KEPT[name][0]), f"{name}.{ending}")


def test_an_archive_that_unpacks_to_too_much():
    """A megabyte of nothing in a thousand bytes."""
    with pytest.raises(Invalid, match="100|hundredfold"):
        kinds.recognise(io.BytesIO(packed({"a.txt": b"\0" * 3_000_000})), "a.zip")
    with pytest.raises(Invalid):
        kinds.recognise(io.BytesIO(packed({"[Content_Types].xml": b" " * 3_000_000, "xl/workbook.xml": b"x"})), "a.xlsx")


def test_an_archive_of_too_many():
    with pytest.raises(Invalid):
        kinds.recognise(io.BytesIO(packed({f"{i}.txt": b"x" for i in range(kinds.ENTRIES + 1)}, method=zipfile.ZIP_STORED)), "a.zip")


def test_an_archive_that_lies_about_its_size():
    """Declared sizes beyond the limit are enough."""
    raw = bytearray(packed({"a.txt": b"x" * 100}, method=zipfile.ZIP_STORED))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (300 * 1_048_576).to_bytes(4, "little")
    with pytest.raises(Invalid):
        kinds.recognise(io.BytesIO(bytes(raw)), "a.zip")


def test_an_archive_with_a_password():
    raw = bytearray(packed({"a.txt": b"x"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Invalid, match="password|密码"):
        kinds.recognise(io.BytesIO(bytes(raw)), "a.zip")


def test_a_picture_that_is_an_archive_too_is_a_picture():
    """Bytes behind the picture do not matter: we only ever serve it as a picture or a download."""
    assert kinds.recognise(io.BytesIO(JPEG + packed({"a.exe": EXE})), "a.jpg") is kinds.JPEG


def test_nothing_that_may_be_shown_in_a_page_can_carry_script():
    assert {k.mime for k in kinds.KINDS.values() if k.inline} == {"image/jpeg", "image/png", "image/gif", "image/webp"}
