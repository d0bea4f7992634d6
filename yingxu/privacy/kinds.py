"""Kinds of data that are kept for a time (P4): each room names its own when it is loaded.

    kinds.register("needs.closed", _("Needs that are closed"), queries.ended_before)

`ended(before)` gives the matters of this kind that came to their end before a moment; the due list is those older than the company's
rule. A kind nobody has set a time for is kept, and the list of rules says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

KINDS: dict[str, "Kind"] = {}
NEXT: list[tuple[Any, str, Any]] = []  # (label, URL name that takes the kind, rule): what a room above does with what is over its time
IDENTIFIERS: list[tuple[str, Any]] = []  # (code, label): what a purpose may guard; customers say which there are


@dataclass(frozen=True)
class Kind:
    """`ended(before)` is a queryset of matters, each with the moment it came to its end as `ended`."""

    code: str
    label: Any
    ended: Callable[[datetime], QuerySet]
    least: int = 1  # months the law wants it kept at least


def register(code: str, label: Any, ended: Callable[[datetime], QuerySet], *, least: int = 1) -> None:
    """Matters of this kind may be kept for a set time only, and are kept for at least so many months."""
    KINDS[code] = Kind(code, label, ended, least)
