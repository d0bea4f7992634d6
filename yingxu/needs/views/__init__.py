"""The screens of needs: the queue, one need, and one form for every verb."""

from .acts import act, decide, tick
from .bulk import bulk
from .detail import detail, preview, print_view, say, seen
from .export import export
from .finding import colleagues, found
from .queue import filter_form, index, nav, newer
from .saved import delete, save

__all__ = [
    "act", "bulk", "colleagues", "decide", "delete", "detail", "export", "filter_form", "found", "index", "nav", "newer", "preview",
    "print_view", "save", "say", "seen", "tick",
]  # fmt: skip
