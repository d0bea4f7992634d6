"""The columns of the list of needs that a person may show or hide; number and subject are always there.

Customer, business type, channel and open tasks stand in the second line of a row, beside the number.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

LIST = "needs"  # what the choice is kept under
NAMES: dict[str, Any] = {
    "category": gettext_lazy("Category"),
    "customer": gettext_lazy("Customer"),
    "kind": gettext_lazy("Business type"),
    "channel": gettext_lazy("Channel"),
    "tasks": gettext_lazy("Open tasks"),
    "latest": gettext_lazy("Latest words"),
    "state": pgettext_lazy("field", "State"),
    "where": gettext_lazy("Department and person"),
    "tags": pgettext_lazy("field", "Tags"),
    "rating": pgettext_lazy("field", "Rating"),
    "registered": gettext_lazy("Registered"),
    "due": gettext_lazy("Time limit"),
}  # from left to right
USUAL = ("category", "customer", "kind", "channel", "tasks", "latest", "state", "where", "due")


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """From left to right; what this version does not know is left out."""
    wanted = set(codes)
    return tuple(code for code in NAMES if code in wanted)


def chosen(kept: Mapping[str, list[str]]) -> tuple[str, ...] | None:
    """What a person chose for this list (`user.columns`); None for the usual columns."""
    return in_order(kept[LIST]) if LIST in kept else None
