"""Words for codes. The room that owns a vocabulary teaches it; any room may ask, also one that stands below or beside it."""

from collections.abc import Callable
from typing import Any

_VOCABULARIES: dict[str, Callable[[str], Any]] = {}


def teach(vocabulary: str, word: Callable[[str], Any]) -> None:
    """`word(code)` is what people call the code in this vocabulary ("kind", "category", "channel")."""
    _VOCABULARIES[vocabulary] = word


def word(vocabulary: str, code: str) -> str:
    """What people call it; the code itself when nobody knows the vocabulary or the code."""
    known = _VOCABULARIES.get(vocabulary)
    try:
        return str(known(code)) if known else code
    except (KeyError, ValueError):
        return code
