"""One field of a record template: what it is, and how a given value is cleaned, judged and shown. Plain Python.

Kept values are JSON: text as text, number, money and percent as decimal text ("420000.00"), dates as "2026-03-18", several choices
as a list, yes or no as a boolean. A value that was not given is absent.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext as _

from yingxu.base import clock

Kind = Literal["text", "long_text", "number", "money", "percent", "date", "choice", "choices", "yes_no", "phone"]
Stage = Literal["registration", "triage", "plan", "close"]
STAGES: tuple[str, ...] = ("registration", "triage", "plan", "close")
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LENGTHS = {"text": 200, "long_text": 5_000}
_BIG = Decimal(10) ** 13


class Condition(msgspec.Struct, forbid_unknown_fields=True):
    """Show a field only while another one has (one of) these values; yes_no fields say "yes" or "no"."""

    field: str
    values: list[str]

    def holds(self, values: Mapping[str, Any]) -> bool:
        given = values.get(self.field)
        if isinstance(given, bool):
            given = "yes" if given else "no"
        found = given if isinstance(given, list) else [given]
        return any(value in self.values for value in found)


class Field(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`min` and `max` refuse with `message`; `warn_below` and `warn_above` only warn with `warning`. Dates may say "today".

    `required_at` names the step from which a required field may no longer be empty. `width` is in twelfths of the form.
    """

    code: str
    label: str
    type: Kind = "text"
    required: bool = False
    required_at: Stage = "registration"
    affix: str = ""
    unit: str = ""
    hint: str = ""
    options: list[str] = []
    show_when: Condition | None = None
    min: str = ""
    max: str = ""
    message: str = ""
    warn_below: str = ""
    warn_above: str = ""
    warning: str = ""
    width: int = 4

    def needed(self, at: str) -> bool:
        """Must it be filled in at this step? "import" asks for nothing: old records come as they are."""
        return self.required and at in STAGES and STAGES.index(self.required_at) <= STAGES.index(at)

    def clean(self, raw: Any) -> Any:
        """The value to keep, or None for nothing given. Raises ValueError with a sentence."""
        if isinstance(raw, str):
            raw = unicodedata.normalize("NFC", raw).replace("\x00", "").strip()
        if raw is None or raw == "" or raw == []:
            return None
        value = _CLEANERS[self.type](self, raw)
        if value is not None:
            self._limits(value)
        return value

    def warn(self, value: Any) -> str:
        """The warning for a kept value, or ""."""
        if value is None or not (self.warn_below or self.warn_above):
            return ""
        below = self.warn_below and self._place(value) < self._bound(self.warn_below)
        above = self.warn_above and self._place(value) > self._bound(self.warn_above)
        return (self.warning or _("Unusual value, please check.")) if below or above else ""

    def text(self, value: Any) -> str:
        """A kept value in words, with its unit."""
        if value is None:
            return ""
        if self.type == "money":
            return f"{self.affix or '¥'} {Decimal(value):,.2f}" + (f" {self.unit}" if self.unit else "")
        if self.type in ("number", "percent"):
            unit = self.unit or ("%" if self.type == "percent" else "")
            space = "" if unit.startswith("%") else " "
            return f"{_plain(Decimal(value))}{space if unit else ''}{unit}"
        if self.type == "yes_no":
            return _("Yes") if value else _("No")
        if self.type == "choices":
            return "、".join(value)
        return f"{self.affix}{value}{self.unit and ' ' + self.unit}"

    def _limits(self, value: Any) -> None:
        if self.min and self._place(value) < self._bound(self.min):
            raise ValueError(self.message or _("Not below %(limit)s.") % {"limit": self.min})
        if self.max and self._place(value) > self._bound(self.max):
            raise ValueError(self.message or _("Not above %(limit)s.") % {"limit": self.max})

    def _place(self, value: Any) -> Any:
        return date.fromisoformat(value) if self.type == "date" else Decimal(value)

    def _bound(self, limit: str) -> Any:
        if self.type == "date":
            return clock.today() if limit == "today" else date.fromisoformat(limit)
        return Decimal(limit)


def problems(fields: list[Field], path: str = "fields") -> list[tuple[str, str]]:
    """What is wrong with a list of fields, as (path, sentence): doubled codes, limits of the wrong sort, loose conditions."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for i, field in enumerate(fields):
        for key, sentence in _field_problems(field, seen):
            found.append((f"{path}[{i}].{key}", sentence))
        seen.add(field.code)
    return found


def _field_problems(field: Field, before: set[str]):
    if not CODE.fullmatch(field.code):
        yield "code", _("A code is small letters, digits and _, beginning with a letter.")
    if field.code in before:
        yield "code", _("The code “%(code)s” is used twice.") % {"code": field.code}
    if not field.label.strip():
        yield "label", _("A field needs a label.")
    if field.type in ("choice", "choices") and len(set(field.options)) < 2:
        yield "options", _("A choice needs at least two different options.")
    if field.options and field.type not in ("choice", "choices"):
        yield "options", _("Only a choice has options.")
    if field.show_when and field.show_when.field not in before:
        yield "show_when", _("A condition may only ask a field above it.")
    if not 1 <= field.width <= 12:
        yield "width", _("A width is between 1 and 12.")
    for key in ("min", "max", "warn_below", "warn_above"):
        limit = getattr(field, key)
        if limit and not _fits(field, limit):
            yield key, _("“%(limit)s” is no limit for this type of field.") % {"limit": limit}


def _fits(field: Field, limit: str) -> bool:
    if field.type not in ("number", "money", "percent", "date"):
        return False
    try:
        field._bound(limit)
    except (ValueError, InvalidOperation):
        return False
    return True


def _text(field: Field, raw: Any) -> str:
    if isinstance(raw, bool | list | dict):
        raise ValueError(_("This must be text."))
    value = str(raw)
    if len(value) > LENGTHS[field.type]:
        raise ValueError(_("At most %(count)s characters.") % {"count": LENGTHS[field.type]})
    return value if field.type == "long_text" else " ".join(value.split())


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool | list | dict):
        raise ValueError(_("This must be a number."))
    text = re.sub(r"[\s,，¥￥$%]", "", unicodedata.normalize("NFKC", str(raw))).removesuffix("元")
    factor = 1
    for word, times in (("万", 10_000), ("亿", 100_000_000)):
        if text.endswith(word):
            text, factor = text[:-1], times
    if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,8})?", text):
        raise ValueError(_("This must be a number."))
    value = Decimal(text) * factor
    if abs(value) >= _BIG:
        raise ValueError(_("This number is too large."))
    return value


def _plain(value: Decimal) -> str:
    whole = f"{value:,f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def _number(field: Field, raw: Any) -> str:
    return _plain(_decimal(raw)).replace(",", "")


def _money(field: Field, raw: Any) -> str:
    value = _decimal(raw)
    if value < 0:
        raise ValueError(_("A sum of money cannot be negative."))
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _date(field: Field, raw: Any) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", unicodedata.normalize("NFKC", str(raw)))
    try:
        return date(*map(int, found.groups())).isoformat()  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise ValueError(_("This must be a date such as 2026-03-18.")) from None


def _choice(field: Field, raw: Any) -> str:
    value = str(raw)
    if value not in field.options:
        raise ValueError(_("“%(value)s” is not one of the options.") % {"value": value[:40]})
    return value


def _choices(field: Field, raw: Any) -> list[str] | None:
    given = raw if isinstance(raw, list | tuple) else re.split(r"[、，,;；|\n]", str(raw))
    chosen = {_choice(field, str(part).strip()) for part in given if str(part).strip()}
    return [option for option in field.options if option in chosen] or None


def _yes_no(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in ("yes", "true", "1", "on", "是", "有", "要"):
        return True
    if word in ("no", "false", "0", "off", "否", "无", "不要"):
        return False
    raise ValueError(_("This must be yes or no."))


def _phone(field: Field, raw: Any) -> str:
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", str(raw))).removeprefix("+86")
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}|400\d{7}|\+\d{6,15}", digits):
        raise ValueError(_("This is no telephone number."))
    return digits


_CLEANERS = {
    "text": _text, "long_text": _text, "number": _number, "money": _money, "percent": _number, "date": _date,
    "choice": _choice, "choices": _choices, "yes_no": _yes_no, "phone": _phone,
}  # fmt: skip
