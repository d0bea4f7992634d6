"""The rules in force, and those of before."""

from typing import Any

import msgspec

from ..models import Rulebook
from ..shapes import PARTS


def rulebook(part: str) -> Rulebook | None:
    """The rules of a part in force; None before there were any."""
    return Rulebook.objects.filter(part=part).order_by("-version").first()


def version(part: str) -> int:
    """Which version is in force; 0 is the shape's own before anything was said."""
    found = rulebook(part)
    return found.version if found else 0


def content(part: str) -> dict[str, Any]:
    """The rules of a part as plain data; before anything was said those of the shape."""
    found = rulebook(part)
    plain: dict[str, Any] = found.content if found else msgspec.to_builtins(PARTS[part]())
    return plain


def versions(part: str, most: int = 20) -> list[Rulebook]:
    """The newest versions, the one in force first."""
    return list(Rulebook.objects.filter(part=part).order_by("-version")[:most])


def exported(part: str) -> dict[str, dict]:
    """As a pack has it: {part: {…}}; nothing before anything was said."""
    found = rulebook(part)
    return {part: found.content} if found else {}
