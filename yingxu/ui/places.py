"""Where one can go: each room says which of its pages stand in the rail, in the settings list and in the top bar.

A room calls `answers(...)`, `leads(...)`, `place(...)`, `setting(...)`, `shortcut(...)`, `bell(...)`,
`start(...)`, `personal(...)`, `act(...)` or `banner(...)` when its `urls.py` is imported. What an actor may not
open is not there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse

from yingxu.base.access import Actor, Rule
from yingxu.base.kept import Text


@dataclass(frozen=True)
class Place:
    """A page to go to. `rule` None means every signed-in person; `go` is the second key after G; `dot(actor)` says whether
    something there is burning, or gives the question whose rows say so; without it, what a banner leads to is."""

    name: Any
    icon: str
    url_name: str
    rule: Rule | None = None
    order: int = 50
    go: str = ""
    group: Any = ""
    hint: Any = ""
    dot: Callable[[Actor], bool | Text] | None = None

    @property
    def room(self) -> str:
        return self.url_name.partition(":")[0]

    def href(self) -> str | None:
        return address(self.url_name)

    def opens_for(self, actor: Actor | None) -> bool:
        return actor is not None and actor.kind == "user" and (self.rule is None or actor.may(self.rule))


@dataclass(frozen=True)
class Banner:
    """What burns, across the top of every page of the desk: where it is dealt with and what one presses to get there.

    `tone`: "" an emergency, red; "drill" the same as an exercise, quiet. `text` may be Markup (`ui.clock(…, runs=True)` ticks by
    itself). It is drawn again, and read aloud, when `version` changes, so nothing that counts minutes belongs in there; by default
    it is the words.
    """

    title: Any
    text: Any
    href: str
    action: Any
    tone: str = ""
    version: str = ""

    @property
    def mark(self) -> str:
        return f"{self.href} {self.tone} {self.version or f'{self.title} {self.text}'}"


def address(url_name: str) -> str | None:
    """The address of a page that needs no more than its name, None when this installation does not have it."""
    try:
        return fixed(url_name)
    except NoReverseMatch:
        return None


@cache
def fixed(url_name: str) -> str:
    """The same, where it must be there. Every page asks for dozens."""
    return reverse(url_name)


RAIL: dict[str, Place] = {}
SETTINGS: dict[str, Place] = {}
SHORTCUTS: dict[str, Place] = {}
PERSONAL: dict[str, Place] = {}
ACTS: dict[str, Place] = {}
BELL: dict[str, Any] = {}
START: dict[str, Place] = {}
BANNERS: list[Callable[[Actor], Iterable[Banner]]] = []


def place(
    name: Any,
    icon: str,
    url_name: str,
    *,
    rule: Rule | None = None,
    order: int = 50,
    go: str = "",
    dot: Callable[[Actor], bool | Text] | None = None,
) -> None:
    """Put a page into the rail. `name` has two Chinese characters."""
    RAIL[url_name] = Place(name, icon, url_name, rule, order, go=go, dot=dot)


def setting(
    name: Any,
    url_name: str,
    *,
    rule: Rule | None = None,
    order: int = 50,
    icon: str = "settings",
    group: Any = "",
    hint: Any = "",
) -> None:
    """Put a page into the list of settings."""
    SETTINGS[url_name] = Place(name, icon, url_name, rule, order, group=group, hint=hint)


def shortcut(name: Any, url_name: str, go: str, *, rule: Rule | None = None, icon: str = "list") -> None:
    """A page reached by G and a letter, and listed in the sheet of keys."""
    SHORTCUTS[url_name] = Place(name, icon, url_name, rule, go=go)


def bell(url_name: str, count: Callable[[Actor], int], mark: Callable[[Actor], Text]) -> None:
    """The page behind the bell, how many unread notices an actor has, and the question for a mark of them that costs next to
    nothing: every open page asks it several times a minute. It begins with "0." when none wait."""
    BELL.update(url_name=url_name, count=count, mark=mark)


def banner(lines: Callable[[Actor], Iterable[Banner]]) -> None:
    """What of this room burns, for an actor; the gravest first. Asked on every page and several times a minute by every open one:
    at most one query, none while the room remembers that nothing burns, and never of what the actor may not see."""
    if lines not in BANNERS:
        BANNERS.append(lines)


def start(name: Any, url_name: str, *, rule: Rule | None = None) -> None:
    """The page behind the button in the top bar that registers something new (key N)."""
    START.clear()
    START[url_name] = Place(name, "plus", url_name, rule)


def personal(name: Any, icon: str, url_name: str, *, order: int = 50) -> None:
    """A page in the person's own menu (my settings, …)."""
    PERSONAL[url_name] = Place(name, icon, url_name, order=order)


def act(name: Any, icon: str, url_name: str, *, order: int = 50) -> None:
    """Something the person's own menu posts to (sign out, …)."""
    ACTS[url_name] = Place(name, icon, url_name, order=order)


def open_to(actor: Actor | None, places: dict[str, Place]) -> list[tuple[Place, str]]:
    """(place, address) of what this actor may open, in order."""
    found = [(p, p.href()) for p in places.values() if p.opens_for(actor)]
    return sorted(((p, href) for p, href in found if href), key=lambda pair: pair[0].order)


@dataclass(frozen=True)
class Answer:
    """A button beside a notice: it posts to `href` (with one field, if named), or leads there when `goes`."""

    text: Any
    href: str
    kind: str = ""
    name: str = ""
    value: str = ""
    goes: bool = False


Answering = Callable[[Actor, list[Any]], dict[int, list[Answer]]]
ANSWERS: dict[str, Answering] = {}
LEADS: dict[str, Callable[[dict[str, Any]], str]] = {}


def answers(events: Iterable[str], find: Answering) -> None:
    """What the reader can do at once about a notice of these events: `find(actor, entries)` gives the buttons by entry id, for all of
    a page in a fixed number of queries."""
    ANSWERS.update(dict.fromkeys(events, find))


def leads(event: str, to: Callable[[dict[str, Any]], str]) -> None:
    """Where a notice of this event leads instead of its matter's page: the address, from what the entry states."""
    LEADS[event] = to


def answers_to(actor: Actor, entries: Iterable[Any]) -> dict[int, list[Answer]]:
    """Entry id → the buttons beside it."""
    asked: dict[Answering, list[Any]] = {}
    for entry in entries:
        if find := ANSWERS.get(entry.event):
            asked.setdefault(find, []).append(entry)
    return {pk: found for find, some in asked.items() for pk, found in find(actor, some).items()}


def lead(entry: Any) -> str:
    """Where the notice of this entry leads, "" when nowhere in particular."""
    to = LEADS.get(entry.event)
    return to(entry.facts) if to else ""
