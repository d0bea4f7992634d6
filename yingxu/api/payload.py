"""What a webhook says: that something happened, to what, and the codes that belong to it. Words stay in the house.

A body is thin on purpose. Facts are sent when they are numbers, yes or no, moments, register numbers, or codes of the few fields named
here; sentences, names, reasons, file names and everything an event calls personal are left out. A receiver that needs more asks the API
with a token, whose scopes and person decide what it gets (P8).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from yingxu.base import clock
from yingxu.base.events import EVENTS
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import page_of

TEST = "api.test"
# string fields of events whose values are codes from a vocabulary, never words somebody typed
CODES = frozenset(
    ["kind", "channel", "category", "old_category", "old_kind", "type", "field", "step", "outcome", "decision", "target", "code", "state", "ladder", "rung", "severity", "origin", "voice", "result", "how", "chain", "where"]
)
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,40}(\.[a-z][a-z0-9_-]{0,40})?", re.ASCII)  # "handling", "archives.lower"
_NUMBER = re.compile(r"[A-Z]{0,4}-?\d{4}-\d{4,9}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def of(key: str, entry: Entry) -> dict[str, Any]:
    """The whole body for an entry."""
    return _whole(key, entry.event, entry.at, entry.matter, facts(entry.event, entry.facts))


def test(key: str, at: datetime) -> dict[str, Any]:
    """A body that means nothing, to see whether it arrives."""
    return _whole(key, TEST, at, None, {"test": True})


def _whole(key: str, event: str, at: datetime, matter: Matter | None, found: Mapping[str, Any]) -> dict[str, Any]:
    about = {"number": matter.number, "kind": matter.kind, "url": page_of(matter)} if matter else {"number": None, "kind": None, "url": None}
    return {"id": key, "type": event, "timestamp": at.astimezone(clock.zone()).isoformat(), "data": {**about, "facts": dict(found)}}


def encode(body: Mapping[str, Any]) -> bytes:
    """The very bytes that are signed and sent."""
    return msgspec.json.encode(body)


def facts(event: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that may leave. An event this version no longer knows keeps its facts to itself."""
    known = EVENTS.get(event)
    if known is None:
        return {}
    return {name: value for name, value in found.items() if name not in known.PERSONAL and _plain(name, value)}


def _plain(name: str, value: Any) -> bool:
    if value is None or isinstance(value, bool | int | float):
        return True
    if isinstance(value, list):
        return all(_plain(name, one) for one in value)
    if not isinstance(value, str):
        return False
    return bool(_MOMENT.fullmatch(value) or _NUMBER.fullmatch(value) or (name in CODES and (not value or _CODE.fullmatch(value))))
