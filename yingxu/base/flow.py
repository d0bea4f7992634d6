"""States are TextChoices plus a table of moves."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .errors import WrongMoment


def move(thing: Any, to: Any, moves: Mapping[Any, set]) -> Any:
    """Put `thing.state` to `to` and return the old state. Raises WrongMoment with a sentence when the table has no such move."""
    old = type(to)(thing.state)
    if to not in moves.get(old, set()):
        raise WrongMoment(
            _("This is now “%(now)s”, so it cannot become “%(then)s”. Reload to see what changed.")
            % {"now": old.label, "then": to.label}
        )
    thing.state = to
    return old


def at_state(thing: Any, *states: Any) -> None:
    """Raise WrongMoment, saying both, unless `thing` is in one of these states."""
    if thing.state not in states:
        raise WrongMoment(
            _("This is now “%(now)s”; that was possible only while it was “%(then)s”. Reload to see what changed.")
            % {"now": type(states[0])(thing.state).label, "then": "、".join(str(s.label) for s in states)}
        )
