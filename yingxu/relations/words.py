"""Classes in words."""

from typing import Any

from django.utils.translation import pgettext

from .models import Dimension, Rulebook, Stage, Tenure

LABELS: dict[str, dict[str, Any]] = {"stage": dict(Stage.choices), "tenure": dict(Tenure.choices), "grade": {}, "size": {}}


def dimension(code: str) -> str:
    return str(dict(Dimension.choices).get(code, code))


def part(code: str) -> str:
    return str(dict(Rulebook.Part.choices).get(code, code))


def value(dimension: str, code: str, sizes: dict[str, str] | None = None) -> str:
    """A class in words; "none" for no class. Sizes have the names of the rules."""
    if not code:
        return pgettext("class", "none")
    return str(LABELS.get(dimension, {}).get(code) or (sizes or {}).get(code, code))


def change(of: str, old: str, new: str) -> str:
    return f"{dimension(of)} {value(of, old)} → {value(of, new)}"
