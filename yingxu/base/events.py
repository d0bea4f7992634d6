"""Facts a room can state. An event is a frozen dataclass; the journal keeps it, reactions hear it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar

EVENTS: dict[str, type["Event"]] = {}
INSIDE: dict[str, list[Callable]] = defaultdict(list)
LATER: dict[str, list[Callable]] = defaultdict(list)
EVERY: dict[Callable, bool] = {}
JOURNAL: list[Callable] = []


@dataclass(frozen=True, kw_only=True)
class Event:
    """A past fact. Subclasses live in a room's `events.py` and are named in the past tense.

    `NAME` is "<room>.<snake_name>". `PERSONAL` fields are kept in the journal's separate personal column, which may be
    blanked when the law asks: every word a person typed, every name of a customer; a subclass adds its own to those of its bases. What is not
    named there is sealed for ever. `ICON` and `TONE` ("", "good", "bad") are how the timeline shows the line. `PUBLIC` means the
    customer sees it. `WATCHERS` means those who follow the matter are told too; `NOTICE` puts the notice under a heading of its
    own in the inbox ("mention", "clock"). `URGENT` reaches those told by every way they have, quiet hours or not. `sentence()` is the timeline's line, translated; it gets the actor's name from the page.
    """

    NAME: ClassVar[str] = ""
    PERSONAL: ClassVar[tuple[str, ...]] = ()
    ICON: ClassVar[str] = "flag"
    TONE: ClassVar[str] = ""
    PUBLIC: ClassVar[bool] = False
    WATCHERS: ClassVar[bool] = False
    NOTICE: ClassVar[str] = ""
    URGENT: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.PERSONAL = tuple(dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base).get("PERSONAL", ())))
        room = cls.__module__.split(".")[1]
        snake = "".join(("_" + c.lower()) if c.isupper() and i else c.lower() for i, c in enumerate(cls.__name__))
        cls.NAME = f"{room}.{snake}"
        EVENTS[cls.NAME] = cls

    def sentence(self) -> Any:
        """What happened, in one translated sentence without the actor's name."""
        raise NotImplementedError

    def split(self) -> tuple[dict, dict]:
        """(facts, personal), both ready for JSON."""
        data = {k: _plain(v) for k, v in vars(self).items()}
        personal = {k: data.pop(k) for k in self.PERSONAL if k in data}
        return data, personal


def revive(name: str, facts: dict, personal: dict) -> Event | None:
    """The event as it was recorded; None for a name this version no longer knows. Blanked personal fields become "", lists empty."""
    cls = EVENTS.get(name)
    if cls is None:
        return None
    known = {f.name: str(f.type) for f in fields(cls)}
    values = {k: v for k, v in {**facts, **(personal or {})}.items() if k in known}
    for name_ in cls.PERSONAL:
        values.setdefault(name_, () if "list" in known[name_] or "tuple" in known[name_] else "")
    return cls(**values)


def react(*events: type[Event], inside: bool = False) -> Callable:
    """Hear events of rooms below. Called as fn(event, entry). `inside` runs in the same transaction and may write only
    the hearer's own tables; otherwise the worker calls it after the commit, at least once, in order."""

    def register(fn: Callable) -> Callable:
        for event in events:
            (INSIDE if inside else LATER)[event.NAME].append(fn)
        return fn

    return register


def react_all(*, told: bool = False) -> Callable:
    """Hear every event of every room after its commit, as fn(event, entry); `told`: only those somebody must be told of."""

    def register(fn: Callable) -> Callable:
        EVERY[fn] = told
        return fn

    return register


def keeps(fn: Callable) -> Callable:
    """Marks the step of the room that keeps the journal, as fn(event, *, on, by, tell), so that rooms below it can state facts too."""
    JOURNAL[:] = [fn]
    return fn


def state(event: Event, *, by: Any, tell: Any = ()) -> Any:
    """State a fact that hangs on no matter, in this transaction; for rooms below the journal. Returns the entry."""
    return JOURNAL[0](event, on=None, by=by, tell=tell)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(v) for v in value]
    return value
