"""The tables: time (calendar, targets, clocks, more time) and ladders (who is told when nothing happens)."""

from .ladders import Climb, LadderVersion, Rung, Told, Who
from .time import (
    OPEN,
    SERVICE_STEPS,
    CalendarDay,
    CalendarVersion,
    Category,
    Clock,
    ClockMove,
    DayWindow,
    ExtensionRequest,
    Outcome,
    Step,
    Target,
    TargetVersion,
    Unit,
    Version,
    WorkCalendar,
)

__all__ = [
    "OPEN", "SERVICE_STEPS", "CalendarDay", "CalendarVersion", "Category", "Climb", "Clock", "ClockMove", "DayWindow",
    "ExtensionRequest", "LadderVersion", "Outcome", "Rung", "Step", "Target", "TargetVersion", "Told", "Unit", "Version", "Who",
    "WorkCalendar",
]  # fmt: skip
