"""Who may do what: an actor, a rule, and the same answer for one thing, for a queryset and for a list of holders."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from django.db.models import Q

RULES: dict[str, "Rule"] = {}
CUSTOMER = "customer"  # what a sealed column calls every customer
NAME = "actor:name"  # in a personal part: which customer; no field of an event can be called so


class Reach(IntEnum):
    """How far a granted rule goes. Each reach includes the ones before it."""

    OWN = 1
    DEPARTMENT = 2
    SUBTREE = 3
    ALL = 4


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a staff user, a customer holding a code, an API token, the system. Never None, never ambient.

    `reaches` maps rule names to a Reach; `clearance` 0–3 is the highest secrecy level the actor may see; `admitted` are the matters
    they were admitted to by name, `looking` those of them they may only read; `matters` are the only matters a customer may touch. `user_id` is the staff user behind a user or
    token, else None.
    """

    kind: str
    name: str
    id: int | None = None
    user_id: int | None = None
    department_id: int | None = None
    subtree: frozenset[int] = frozenset()
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    clearance: int = 0
    matters: frozenset[int] = frozenset()
    admitted: frozenset[int] = frozenset()
    looking: frozenset[int] = frozenset()

    @property
    def sealed_name(self) -> str:
        """What stands for ever in the sealed column of who acted: the name, of a customer no more than that it was one."""
        return CUSTOMER if self.kind == "customer" else self.name[:80]

    def personal(self, given: dict[str, Any]) -> dict[str, Any]:
        """The personal part of a row of a ledger: what is given, and the name of a customer, so that it can be blanked."""
        return {**given, NAME: self.name[:80]} if self.kind == "customer" else given

    def may(self, rule: "Rule") -> bool:
        """Does the actor hold this rule at all (for doors and menus)?"""
        return self.kind == "system" or rule.name in self.reaches


SYSTEM = Actor(kind="system", name="system", clearance=3)


@dataclass(frozen=True)
class Membership:
    """A way to count as "own" beyond a plain column, e.g. watching. `where(by)` filters rows, `holds(by, thing)` asks one."""

    where: Callable[[Actor], Q]
    holds: Callable[[Actor, Any], bool]


@dataclass(frozen=True, eq=False)
class Rule:
    """A permission, named "<room>.<verb>". Paths are attribute paths from the thing ("matter.owner_id"), read the same way in
    Python and in SQL. `secrecy` is the path of a matter's level; the circle of the same matter bounds the rule with it. `reading`
    opens it further to whoever was admitted to the matter, or to the one whose circle governs it. `customer` lets the customer whose
    matter it is do it from the portal.

    `office` is the administrator the rule belongs to: "system", "security" or "audit", whom nobody else is. A rule without one is business,
    which an administrator never holds, unless `beside` says so: "always" (it shows no business data), or "own" (with that reach only)."""

    name: str
    title: Any
    own: tuple[str, ...] = ("matter.owner_id",)
    members: tuple[Membership, ...] = ()
    department: tuple[str, ...] = ("matter.department_id",)
    secrecy: str | None = "matter.secrecy"
    matter: str = "matter_id"
    customer: bool = False
    office: str = ""
    beside: str = ""
    reading: bool = False

    def __post_init__(self) -> None:
        RULES[self.name] = self

    def allows(self, by: Actor, thing: Any = None) -> bool:
        """May `by` do this (to `thing`)? Without a thing: does `by` hold the rule at all."""
        if by.kind == "system":
            return True
        if by.kind == "customer":
            return self.customer and thing is not None and _value(thing, self.matter) in by.matters
        reach = by.reaches.get(self.name)
        if reach is None:
            return False
        if thing is None:
            return True
        if self.secrecy and not _within(by, thing, self.place, self.reading):
            return False
        if reach == Reach.ALL or (self.reading and self._admits(by, thing)):
            return True
        if by.user_id is not None and any(_value(thing, path) == by.user_id for path in self.own):
            return True
        if any(m.holds(by, thing) for m in self.members):
            return True
        scope = _scope(by, reach)
        return any(_value(thing, path) in scope for path in self.department)

    def where(self, by: Actor) -> Q:
        """The rows `allows` would say yes to."""
        none = Q(pk__in=[])
        if by.kind == "system":
            return Q()
        if by.kind == "customer":
            return Q(**{self.matter + "__in": sorted(by.matters)}) if self.customer and by.matters else none
        reach = by.reaches.get(self.name)
        if reach is None:
            return none
        rows = Q() if reach == Reach.ALL else _any(self.ways(by), none)
        return rows & _bounds(by, self.place, self.reading) if self.secrecy else rows

    def ways(self, by: Actor) -> Iterable[Q]:
        """For a reach short of everything: the conditions of which one suffices, as far as the clearance lets. An index may serve each."""
        reach = by.reaches[self.name]
        if by.user_id is not None:
            yield from (Q(**{_sql(path): by.user_id}) for path in self.own)
        yield from (m.where(by) for m in self.members)
        if self.reading and by.admitted:
            yield from (Q(**{_sql(path) + "__in": sorted(by.admitted)}) for path in (self.matter, self.place + "circle_id"))
        if scope := _scope(by, reach):
            yield from (Q(**{_sql(path) + "__in": sorted(scope)}) for path in self.department)

    @property
    def place(self) -> str:
        """Where the matter is whose level and circle bound this rule: "matter.", or "" for matters themselves."""
        return self.secrecy.removesuffix("secrecy") if self.secrecy else ""

    def _admits(self, by: Actor, thing: Any) -> bool:
        return bool(by.admitted) and not by.admitted.isdisjoint((_value(thing, self.matter), _value(thing, self.place + "circle_id")))


def within(by: Actor, matter: Any) -> bool:
    """Do the actor's clearance and admissions reach this matter? No reach of any rule goes beyond them; the system's own goes anywhere."""
    return _within(by, matter, "", True)


def bounds(by: Actor, path: str = "") -> Q:
    """The same for rows whose matter is at this lookup path ("task__matter"; "" for matters themselves)."""
    return _bounds(by, path + "." if path else "", True)


def _within(by: Actor, thing: Any, place: str, reading: bool) -> bool:
    if by.kind == "system":
        return True
    circle = _value(thing, place + "circle_id")
    return (_value(thing, place + "secrecy") or 0) <= by.clearance and (circle is None or circle in _circles(by, reading))


def _bounds(by: Actor, place: str, reading: bool) -> Q:
    if by.kind == "system":
        return Q()
    circle = _sql(place + "circle_id")
    rows = Q(**{circle + "__isnull": True})
    if mine := _circles(by, reading):
        rows |= Q(**{circle + "__in": sorted(mine)})
    return rows if by.clearance >= 3 else rows & Q(**{_sql(place + "secrecy") + "__lte": by.clearance})


def _circles(by: Actor, reading: bool) -> frozenset[int]:
    """The circles the actor is in; whoever was let in for a look only reads."""
    return by.admitted if reading else by.admitted - by.looking


def _scope(by: Actor, reach: Reach) -> frozenset[int]:
    if reach == Reach.SUBTREE:
        return by.subtree
    if reach == Reach.DEPARTMENT and by.department_id is not None:
        return frozenset({by.department_id})
    return frozenset()


def _value(thing: Any, path: str) -> Any:
    for part in path.split("."):
        thing = getattr(thing, part, None)
        if thing is None:
            return None
    return thing


def _sql(path: str) -> str:
    return path.replace(".", "__")


def _any(parts: Iterable[Q], none: Q) -> Q:
    total = none
    for part in parts:
        total = part if total is none else total | part
    return total
