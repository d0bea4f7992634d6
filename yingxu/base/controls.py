"""What a room can prove to a policy clause: how often a control applied, was kept, was broken, and the records that show it.

A room's `controls.py` registers its controls; a clause names them by id ("deadlines.first_response"). A clause naming an unknown
control fails validation.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .kept import NOTHING, Text, sizes

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
    broken: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Asked:
    """A tally that is still to be counted, together with others: all of `rows` came up, `bad` of them broke the control, `running` may
    still do either."""

    rows: QuerySet
    bad: QuerySet
    running: QuerySet | None
    evidence: Callable[[], list[Evidence]]

    @property
    def questions(self) -> list[Text]:
        return [_question(rows) for rows in (self.rows, self.bad, self.running) if rows is not None]

    def tally(self, applied: int, failed: int, running: int = 0) -> Tally:
        """What was counted; the evidence is read when somebody looks at it."""
        broken: Any = SimpleLazyObject(self.evidence) if failed else ()
        return Tally(applied, applied - failed - running, failed, broken)


def tally(
    rows: QuerySet, bad: QuerySet, at: str, note: str, *, matter: str = "matter_id", running: QuerySet | None = None,
    evidence: Callable[[], list[Evidence]] | None = None,
) -> Asked:  # fmt: skip
    """All of `rows` came up, `bad` of them broke the control, `running` may still do either. `at` is the path of the moment (or day)
    the evidence stands at, `matter` of the matter it is about; the newest are the evidence, unless `evidence` says another."""

    def newest() -> list[Evidence]:
        return [Evidence(pk, _moment(when), note) for pk, when in bad.order_by("-" + at).values_list(matter, at)[:MOST]]

    return Asked(rows, bad, running, evidence or newest)


def _question(rows: QuerySet) -> Text:
    try:
        return rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return NOTHING


def counted(asked: Sequence[Asked]) -> list[Tally]:
    """All of them in one round trip."""
    numbers = iter(sizes([question for one in asked for question in one.questions]))
    return [one.tally(*islice(numbers, len(one.questions))) for one in asked]


def _moment(when: datetime | date) -> datetime:
    return when if isinstance(when, datetime) else timezone.make_aware(datetime.combine(when, time.min))


@dataclass(frozen=True)
class Control:
    """`sort` is how it works: "clock" measures a time, "lock" makes the wrong impossible, "record" leaves the trace that proves it.

    `ask(start, end, seen)` counts from start (included) to end (left out), over the matters whose ids are in the queryset `seen`, or says
    what is to be counted.
    """

    name: str
    title: Any
    sort: str
    ask: Callable[[datetime, datetime, Any], "Tally | Asked"]

    def tally(self, start: datetime, end: datetime, seen: Any) -> Tally:
        found = self.ask(start, end, seen)
        return counted([found])[0] if isinstance(found, Asked) else found


def tallies(known: Iterable[Control], start: datetime, end: datetime, seen: Any) -> dict[str, Tally]:
    """The tallies of many controls, by name. What waits to be counted is asked in one round trip for each room, whatever the number
    of its controls."""
    found: dict[str, Any] = {one.name: one.ask(start, end, seen) for one in known}
    rooms: dict[str, list[str]] = defaultdict(list)
    for name, one in found.items():
        if isinstance(one, Asked):
            rooms[name.partition(".")[0]].append(name)
    for names in rooms.values():
        found |= zip(names, counted([found[name] for name in names]), strict=True)
    return found


def control(name: str, title: Any, sort: str) -> Callable:
    """Register what a room can prove. Called by its own name it counts at once."""

    def wrap(fn: Callable) -> Callable:
        made = CONTROLS[name] = Control(name, title, sort, fn)
        return made.tally

    return wrap


def controls() -> dict[str, Control]:
    """Every control of every installed room, by id."""
    for app in apps.get_app_configs():
        if app.name.startswith("yingxu.") and find_spec(f"{app.name}.controls"):
            import_module(f"{app.name}.controls")
    return CONTROLS
