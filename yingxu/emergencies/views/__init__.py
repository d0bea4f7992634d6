"""The pages of emergencies and reserves."""

from .acts import act, call_done
from .detail import detail, export_report, live, print_view, write
from .lists import declare, export, index
from .reserves import amend, export_reserves, import_reserves, move, register, reserve, take_in

__all__ = [
    "act", "amend", "call_done", "declare", "detail", "export", "export_report", "export_reserves", "import_reserves", "index", "live", "move", "print_view", "register", "reserve",
    "take_in", "write",
]  # fmt: skip
