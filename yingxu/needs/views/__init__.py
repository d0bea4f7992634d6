"""The screens of needs: the queue, one need, and one form for every verb."""

from .acts import act, decide, tick
from .bulk import bulk
from .detail import detail, preview, print_view, say, seen
from .export import export
from .finding import colleagues, found
from .management import export_raises, filter_raises, inbox, raise_one, raised
from .queue import filter_form, index, nav, newer
from .saved import delete, save

__all__ = [
    "act", "bulk", "colleagues", "decide", "delete", "detail", "export", "export_raises", "filter_form", "filter_raises", "found", "inbox",
    "index", "nav", "newer", "preview", "print_view", "raise_one", "raised", "save", "say", "seen", "tick",
]  # fmt: skip
