"""What the loops of the worker are called where people read of them: one that stands still is named in their language.

A room names each of its timed jobs that runs at least every ten minutes, beside the job; a test finds the one nobody named."""

from typing import Any

NAMES: dict[str, Any] = {}


def named(loop: str, words: Any) -> None:
    """`words` (lazily translated) say what the loop does: "Clocks of deadlines"."""
    NAMES[loop] = words


def said(loop: str) -> str:
    return str(NAMES.get(loop, loop))
