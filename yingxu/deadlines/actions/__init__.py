"""The verbs: steps of other rooms' verbs (clocks), more time (extensions), calendar and targets (settings)."""

from ..measuring import ClockRow, Measured
from .clocks import cancel, is_due, measured, pause, plan, resume, retarget, start, start_until, stop
from .extensions import decide_extension, request_extension
from .settings import Change, import_official, install, recompute_open, remove_day, set_day, set_target, set_windows

__all__ = [
    "Change", "ClockRow", "Measured", "cancel", "decide_extension", "import_official", "install", "is_due", "measured", "pause",
    "plan", "recompute_open", "remove_day", "request_extension", "resume", "retarget", "set_day", "set_target", "set_windows",
    "start", "start_until", "stop",
]  # fmt: skip
