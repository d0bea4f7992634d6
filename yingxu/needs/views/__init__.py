"""The screens of needs: the queue, one need, and one form for every verb."""

from .acts import act, decide, tick, withdraw
from .bulk import bulk
from .dayend import day_list, day_list_export, day_list_read, day_lists, day_settings
from .detail import detail, preview, print_view, say
from .export import export
from .finding import colleagues, found
from .live import newer, queues
from .management import export_raises, filter_raises, inbox, raise_one, raised
from .queue import filter_form, index
from .saved import columns, delete, save

__all__ = [
    "act", "bulk", "colleagues", "columns", "day_list", "day_list_export", "day_list_read", "day_lists", "day_settings", "decide", "delete",
    "detail", "export", "export_raises", "filter_form", "filter_raises", "found", "inbox", "index", "newer", "preview", "print_view",
    "queues", "raise_one", "raised", "save", "say", "tick", "withdraw",
]  # fmt: skip
