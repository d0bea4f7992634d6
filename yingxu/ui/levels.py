"""What the company calls its secrecy levels, wherever a page, a form or a sentence names one. The usual names until a room above says
otherwise (`named_by`)."""

from collections.abc import Callable, Mapping

from .words import gettext, pgettext

_named: list[Callable[[], Mapping[int, str]]] = []


def named_by(names: Callable[[], Mapping[int, str]]) -> None:
    """`names()` gives the company's own names by level; a level that is not there keeps its usual one."""
    _named[:] = [names]


def names() -> list[str]:
    """All of them, from the ordinary one up."""
    usual = [gettext("Ordinary"), pgettext("secrecy", "Confidential"), pgettext("secrecy", "Secret"), pgettext("secrecy", "Top secret")]
    own = _named[0]() if _named else {}
    return [own.get(level) or text for level, text in enumerate(usual)]


def name(level: int) -> str:
    """The level's name; 0 is the ordinary one."""
    return names()[level] if level else gettext("Ordinary")


def choices(most: int = 3) -> list[tuple[int, str]]:
    """(level, name) from the ordinary one up to `most`, for a form."""
    return list(enumerate(names()))[: most + 1]
