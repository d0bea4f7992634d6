"""Words for codes. The room that owns a vocabulary teaches it; any room may ask, also one that stands below or beside it."""

from collections.abc import Callable, Iterable
from typing import Any

_WORDS: dict[str, Callable[[str], Any]] = {}
_CODES: dict[str, Callable[[], Iterable[str]]] = {}


def teach(vocabulary: str, word: Callable[[str], Any], codes: Callable[[], Iterable[str]]) -> None:
    """`word(code)` is what people call the code in this vocabulary ("kind", "category", "channel"); `codes()` are those in use."""
    _WORDS[vocabulary], _CODES[vocabulary] = word, codes


def word(vocabulary: str, code: str) -> str:
    """What people call it; the code itself when nobody knows the vocabulary or the code."""
    known = _WORDS.get(vocabulary)
    try:
        return str(known(code)) if known else code
    except (KeyError, ValueError):
        return code


def choices(vocabulary: str) -> list[tuple[str, str]]:
    """(code, word) of everything in use, to choose from; empty when nobody knows the vocabulary."""
    known = _CODES.get(vocabulary)
    return [(code, word(vocabulary, code)) for code in known()] if known else []
