"""Ways by which personal data leaves the house to somebody else (P8): a webhook, a group robot, the provider of SMS or mail.

A room names each kind of its ways once:

    outlets.register("robot", _("Group robot"), ("number",), listed)      listed() -> Iterable[Outlet]

and asks, inside its verbs, before one is opened: `hand(outlet, party, by=by)` gives it to a recipient of the register, `require(outlet)`
refuses while nobody in order receives it. Before each sending `why_not(outlet)` is asked again, since a contract ends and an assessment is
taken back. The register itself is the room `privacy`, which is above the rooms that send; it sets itself down here as `REGISTER`. Without
it nothing may leave.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from .access import Actor
from .errors import Invalid, WrongMoment


@dataclass(frozen=True)
class Outlet:
    """One way: its key ("robot:3"), how it is called, whether it is open."""

    key: str
    name: str
    open: bool


@dataclass(frozen=True)
class Kind:
    """`fields` are the kinds of data that go out by it (`privacy.fields`), `listed` gives every way of this kind."""

    code: str
    label: Any
    fields: tuple[str, ...]
    listed: Callable[[], Iterable[Outlet]]


class Register(Protocol):
    """What the register of recipients answers."""

    def parties(self) -> list[tuple[str, Any]]:
        """Choices: a recipient for one of its purposes, "12:3", with the words for it."""

    def party(self, outlet: str) -> str:
        """Who gets what goes out here, as a choice; "" for nobody."""

    def name(self, outlet: str) -> str:
        """How the recipient is called; "" for nobody."""

    def hand(self, outlet: str, party: str, *, by: Actor, words: str = "") -> None:
        """This way goes to that party from now on. Raises Invalid on the field "party" for one that is not in order."""

    def drop(self, outlet: str, *, by: Actor) -> None:
        """This way goes to nobody any more."""

    def why_not(self, outlet: str) -> str:
        """Why nothing may go out here now; "" when it may."""


KINDS: dict[str, Kind] = {}
REGISTER: list[Register] = []


def register(code: str, label: Any, fields: Iterable[str], listed: Callable[[], Iterable[Outlet]]) -> None:
    """Name a kind of ways out."""
    KINDS[code] = Kind(code, label, tuple(fields), listed)


def parties() -> list[tuple[str, Any]]:
    """Whom a way may be given to, for a form."""
    return REGISTER[0].parties() if REGISTER else []


def party(outlet: str) -> str:
    """Who gets what goes out here, as a choice of `parties`."""
    return REGISTER[0].party(outlet) if REGISTER else ""


def name(outlet: str) -> str:
    """How the recipient is called, for the log of what was sent."""
    return REGISTER[0].name(outlet) if REGISTER else ""


def hand(outlet: str, to: str, *, by: Actor, words: str = "") -> None:
    """Part of the verb that sets the way up."""
    if not REGISTER:
        raise Invalid.field("party", _("There is no register of recipients."))
    REGISTER[0].hand(outlet, to, by=by, words=words)


def drop(outlet: str, *, by: Actor) -> None:
    """Part of the verb that takes the way away."""
    if REGISTER:
        REGISTER[0].drop(outlet, by=by)


def why_not(outlet: str) -> str:
    """Why nothing may go out here now; "" when it may."""
    return REGISTER[0].why_not(outlet) if REGISTER else _("There is no register of recipients.")


def require(outlet: str) -> None:
    """Refuse while nobody in order receives it."""
    if why := why_not(outlet):
        raise WrongMoment(why)
