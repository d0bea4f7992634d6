"""How spans and hours are written: 2h, 3d, 09:00-12:00."""

import re
from collections.abc import Iterable
from datetime import time
from decimal import Decimal

from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid

from . import working
from .models import Unit

SPAN = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)\s*(m|min|h|d)")
UNITS = {"m": Unit.MINUTES, "min": Unit.MINUTES, "h": Unit.HOURS, "d": Unit.DAYS}
DASHES = re.compile(r"\s*[-–—~～]\s*")
BETWEEN = re.compile(r"[\s,，、;；]+")


def span(text: str) -> tuple[Decimal, Unit]:
    """"30m", "2h", "1.5d" as amount and unit. Raises Invalid for anything else."""
    found = SPAN.fullmatch(str(text).strip())
    if found is None:
        raise Invalid.field("within", _("“%(text)s” is no span of time: write 30m, 2h or 3d.") % {"text": text})
    return Decimal(found[1]), UNITS[found[2]]


def window(text: str) -> working.Window:
    """"09:00-12:00" as times; 24:00 is the end of the day. Raises Invalid for anything else."""
    try:
        start, end = DASHES.split(text.strip().replace("：", ":"))
        return _time(start), _time("0:00" if end == "24:00" else end)
    except ValueError:
        raise Invalid.field("windows", _("“%(text)s” is no stretch of time: write 09:00-12:00.") % {"text": text}) from None


def windows(text: str) -> list[working.Window]:
    """"09:00-12:00 13:30-18:00" as windows; nothing is a free day. Raises Invalid."""
    parts = [part for part in BETWEEN.split(DASHES.sub("-", text.strip())) if part]
    return [window(part) for part in parts]


def written(found: Iterable[working.Window]) -> str:
    """Windows as text."""
    return " ".join(f"{start:%H:%M}-{'24:00' if end == working.MIDNIGHT else f'{end:%H:%M}'}" for start, end in found)


def _time(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
