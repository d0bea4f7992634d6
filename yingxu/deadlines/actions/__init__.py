"""The verbs: steps of other rooms' verbs (clocks), who is told (climbs), more time (extensions), calendar and targets (settings),
ladders."""

from ..measuring import ClockRow, Measured
from .climbs import acknowledge, alarm, handed_over, stop_alarm
from .clocks import cancel, is_due, measured, pause, plan, resume, retarget, start, start_until, stop
from .extensions import decide_extension, request_extension
from .ladders import install_ladders, set_ladder
from .settings import Change, import_official, install, recompute_open, remove_day, set_day, set_target, set_windows

__all__ = [
    "Change", "ClockRow", "Measured", "acknowledge", "alarm", "cancel", "decide_extension", "handed_over", "import_official", "install", "install_ladders", "is_due", "measured", "pause",
    "plan", "recompute_open", "remove_day", "request_extension", "resume", "retarget", "set_day", "set_ladder", "set_target", "set_windows",
    "start", "start_until", "stop", "stop_alarm",
]  # fmt: skip
