"""What a room can prove to a policy clause: how often a control applied, was kept, was broken, and the records that show it.

A room's `controls.py` registers its controls; a clause names them by id ("deadlines.first_response"). A clause naming an unknown
control fails validation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils import timezone

CONTROLS: dict[str, "Control"] = {}
MOST = 100  # pieces of evidence a tally holds


@dataclass(frozen=True)
class Evidence:
    """One time the control was broken: the matter's id, when, and a sentence."""

    matter_id: int
    at: datetime
    note: str


@dataclass(frozen=True)
class Tally:
    """A control over a period. `broken` holds at most the newest MOST; `kept` + `failed` ≤ `applied` (some may still run)."""

    applied: int = 0
    kept: int = 0
    failed: int = 0
    broken: list[Evidence] = field(default_factory=list)


def tally(rows: QuerySet, bad: QuerySet, at: str, note: str, *, matter: str = "matter_id", running: int = 0) -> Tally:
    """All of `rows` came up, `bad` of them broke the control, `running` may still do either. `at` is the path of the moment (or day)
    the evidence stands at, `matter` of the matter it is about; the newest are kept as evidence."""
    applied, failed = rows.count(), bad.count()
    found = bad.order_by("-" + at).values_list(matter, at)[:MOST] if failed else []
    return Tally(applied, applied - failed - running, failed, [Evidence(pk, _moment(when), note) for pk, when in found])


def _moment(when: datetime | date) -> datetime:
    return when if isinstance(when, datetime) else timezone.make_aware(datetime.combine(when, time.min))


@dataclass(frozen=True)
class Control:
    """`sort` is how it works: "clock" measures a time, "lock" makes the wrong impossible, "record" leaves the trace that proves it.

    `tally(start, end, seen)` counts from start (included) to end (left out), over the matters whose ids are in the queryset `seen`.
    """

    name: str
    title: Any
    sort: str
    tally: Callable[[datetime, datetime, Any], Tally]


def control(name: str, title: Any, sort: str) -> Callable:
    """Register what a room can prove."""

    def wrap(fn: Callable) -> Callable:
        CONTROLS[name] = Control(name, title, sort, fn)
        return fn

    return wrap


def controls() -> dict[str, Control]:
    """Every control of every installed room, by id."""
    for app in apps.get_app_configs():
        if app.name.startswith("yingxu.") and find_spec(f"{app.name}.controls"):
            import_module(f"{app.name}.controls")
    return CONTROLS
