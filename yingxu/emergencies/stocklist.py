"""Reserves from a spreadsheet: what its columns mean, and each row as the register would take it, or why it cannot."""

import re
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from yingxu.base import tables
from yingxu.base.errors import Invalid

from . import forms, queries
from .actions.reserves import amount
from .states import Kind

MOST = 500
COLUMNS = (
    tables.Target("kind", gettext_lazy("Kind of reserve"), hint=pgettext_lazy("what a column may be called", "kind|category")),
    tables.Target("name", pgettext_lazy("reserve", "Name"), hint=pgettext_lazy("what a column may be called", "name|item")),
    tables.Target("unit", pgettext_lazy("reserve", "Unit"), hint=pgettext_lazy("what a column may be called", "unit|measure")),
    tables.Target("total", gettext_lazy("In stock"), hint=pgettext_lazy("what a column may be called", "quantity|amount")),
    tables.Target("place", pgettext_lazy("reserve", "Place"), hint=pgettext_lazy("what a column may be called", "place|location")),
    tables.Target("keeper", gettext_lazy("Keeper"), hint=pgettext_lazy("what a column may be called", "keeper|custodian")),
    tables.Target("expires_on", gettext_lazy("Good until"), hint=pgettext_lazy("what a column may be called", "expires|good until")),
    tables.Target("notes", pgettext_lazy("reserve", "Notes"), hint=pgettext_lazy("what a column may be called", "notes|remark")),
)
NEEDED = ("kind", "name", "unit", "total", "keeper")
_LONGEST = {"name": 80, "unit": 12, "place": 80, "notes": 2_000}


@dataclass
class Row:
    """One line: what was written, what it is read as, what is wrong with it, and whether the register holds it already."""

    line: int
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    held: bool = False


def read(upload: UploadedFile) -> list[Row]:
    """Every row of the list, judged. Raises Invalid for a file that is none, or lacks a column."""
    if upload.size is None or upload.size > settings.FILE_MAX_BYTES:
        raise Invalid.field("file", _("At most %(mb)s MB; split the file.") % {"mb": settings.FILE_MAX_BYTES >> 20})
    with tempfile.NamedTemporaryFile() as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        try:
            table = tables.read(Path(kept.name), upload.name or "")
        except Invalid as refusal:
            raise Invalid.field("file", refusal.message) from None
    meanings = tables.guess(table.header, [replace(target, words=_called(target)) for target in COLUMNS])
    missing = [str(target.label) for target in COLUMNS if target.code in NEEDED and target.code not in meanings.values()]
    if missing:
        raise Invalid.field("file", _("These columns are missing: %(names)s.") % {"names": "、".join(missing)})
    if len(table.rows) > MOST:
        raise Invalid.field("file", _("At most %(n)s rows in one file; split it.") % {"n": MOST})
    return judged([Row(line, _cells(cells, meanings)) for line, cells in table.rows])


def _called(target: tables.Target) -> tuple[str, ...]:
    """What a column of this meaning may be called, in every language of ours."""
    found: dict[str, None] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= dict.fromkeys([str(target.label), *str(target.hint).split("|")])
    return tuple(found)


def _cells(cells: dict[str, Any], meanings: dict[str, str]) -> dict[str, str]:
    found = {}
    for name, code in meanings.items():
        cell = cells.get(name)
        try:
            found[code] = cell.date().isoformat() if isinstance(cell, datetime) else tables.as_text(cell)
        except ValueError:  # a number that has lost digits: said beside the row, as something that cannot be read
            found[code] = str(cell)
    return found


def judged(rows: list[Row]) -> list[Row]:
    """Read each row, and see which the register holds already, or the list twice."""
    kinds, held, keeper = _kinds(), queries.reserve_marks(), cache(forms.person)
    for row in rows:
        for code in _LONGEST:
            row.values[code] = _words(row, code)
        row.values["kind"] = kinds.get(row.cells.get("kind", "").lower(), "")
        if not row.values["kind"]:
            row.errors.append(_("Choose what kind of reserve it is."))
        for code, reading in (("total", lambda text: amount(text.replace(",", ""), "total", zero=True)), ("keeper", keeper), ("expires_on", _day)):
            try:
                row.values[code] = reading(row.cells.get(code, ""))
            except Invalid as refusal:
                row.errors += [str(message) for messages in refusal.fields.values() for message in messages]
            except ValidationError as error:
                row.errors += error.messages
        if not row.errors:
            mark = queries.reserve_mark(**{code: row.values[code] for code in ("kind", "name", "unit", "place")})
            row.held = mark in held
            held.add(mark)
    return rows


def _words(row: Row, code: str) -> str:
    text, most = row.cells.get(code, ""), _LONGEST[code]
    label = next(target.label for target in COLUMNS if target.code == code)
    if not text and code in NEEDED:
        row.errors.append(_("%(column)s is empty.") % {"column": label})
    if len(text) > most:
        row.errors.append(_("%(column)s: at most %(most)s characters.") % {"column": label, "most": most})
    return text


def _kinds() -> dict[str, str]:
    """What a kind may be called, in every language of ours."""
    found = {value.lower(): value for value in Kind.values}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(kind.label).lower(): kind.value for kind in Kind}
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        year, month, day = (int(part) for part in re.findall(r"\d+", text.split(" ")[0]))
        return date(year, month, day)
    except ValueError:
        raise ValidationError(_("“%(text)s” is not a day."), params={"text": text[:20]}) from None
