"""Everything the journal may say, room by room: each event's sentence with blanks where it names something."""

import re
import typing
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import Choices
from django.utils.translation import get_language

from yingxu.base.events import EVENTS, Event
from yingxu.people.queries import ROOMS

BLANK = "…"
MANY, DAY = 987_654, datetime(1987, 6, 5, 4, 3, tzinfo=UTC)  # stand where a number or a moment stands, and become blanks
_STANDING = re.compile(r"987[,.]?654|1987-06-0\d( \d\d:\d\d)?|98,?765,?400(\.0)?")
_WORDS = {"routing.routing_rule_changed": {"how": "changed"}}  # fields that take one of a few words without a list of choices
_UNKNOWN = re.compile(r"'?([^' ]+)'? is not a valid (\w+)")


@dataclass
class Room:
    """The events of one room: (name, sentence with blanks, what is worth knowing about it)."""

    name: Any
    events: list[tuple[str, str]] = field(default_factory=list)


def names() -> list[str]:
    """Every event that may be stated."""
    return sorted(name for name, event in EVENTS.items() if _stated(event) and ".tests" not in event.__module__)


def rooms(of: Iterable[str]) -> list[Room]:
    """The events named, sorted by name, grouped by room, in the language of the moment."""
    found = []
    for room, group in groupby(of, key=lambda name: name.partition(".")[0]):
        found.append(Room(ROOMS.get(room, room), [(name, title(name)) for name in group]))
    return sorted(found, key=lambda room: -len(room.events))


def title(name: str) -> str:
    """The event's sentence with blanks where it names something, in the language of the moment; the name itself for one nobody knows."""
    return _title(name, get_language() or "")


@cache
def _title(name: str, _language: str) -> str:
    event = EVENTS.get(name)
    if event is None:
        return name
    hints = typing.get_type_hints(event)
    least = [f.name for f in fields(event) if f.default is f.default_factory is MISSING]
    values = {field: _blank(hints[field]) for field in least} | _WORDS.get(name, {})
    labels: list[str] = []
    for _try in range(len(values) + 8):
        try:
            said = str(event(**values).sentence())
        except ValueError as error:
            if not _mended(values, str(error), event.NAME.partition(".")[0], labels):
                return name
        except (KeyError, TypeError, AttributeError):
            return name
        else:
            for label in labels:
                said = said.replace(label, BLANK, 1)
            return re.sub(f"({BLANK})+", BLANK, _STANDING.sub(BLANK, said)).strip() or name
    return name


def _stated(event: type[Event]) -> bool:
    """Does it state something itself, or is it only what others are made from?"""
    return any("sentence" in cls.__dict__ for cls in event.__mro__[:-1] if cls is not Event)


def _blank(hint: Any) -> Any:
    options = [part for part in typing.get_args(hint) if part is not type(None)] if typing.get_origin(hint) not in (list, dict) else []
    hint = options[0] if options else hint
    samples: dict[Any, Any] = {int: MANY, bool: True, float: float(MANY), datetime: DAY, date: DAY.date(), str: BLANK}
    if hint in samples:
        return samples[hint]
    return {} if typing.get_origin(hint) is dict or hint is dict else [BLANK]


def _mended(values: dict[str, Any], error: str, room: str, labels: list[str]) -> bool:
    """A blank that must be one of a few codes becomes the first of them, whose word becomes a blank again."""
    wrong = _UNKNOWN.search(error)
    member = _first(wrong[2], room) if wrong else None
    if wrong is None or member is None:
        return False
    for key, value in values.items():
        if str(value) == wrong[1]:
            values[key] = member.value
            labels.append(str(member.label))
            return True
    return False


def _first(name: str, room: str) -> Any:
    found = sorted((sub for sub in _all(Choices) if sub.__name__ == name), key=lambda sub: f".{room}." not in sub.__module__)
    return next(iter(found[0]), None) if found else None  # type: ignore[call-overload]


def _all(kind: type) -> Iterable[type]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _all(sub)
