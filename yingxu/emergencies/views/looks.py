"""How parts of an emergency are drawn: its countdowns, what of it may be opened."""

from typing import Any

from yingxu.base import clock
from yingxu.tasks.models import Task

from ..models import Affected, Dispatch, Emergency
from ..queries import plain
from ..states import Kind


def minutes(emergency: Emergency) -> float:
    """How long it has burnt, or burnt."""
    end = emergency.solved_at or emergency.matter.closed_at or clock.now()
    return (end - emergency.matter.opened_at).total_seconds() / 60


def spelt(seconds: int) -> str:
    """11:38; 1:02:07."""
    left = abs(seconds)
    hours, rest = divmod(left, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def clock_of(one: Affected, emergency: Emergency) -> dict[str, Any] | None:
    """The countdown of one of the affected for ui.clock."""
    if one.due_at is None:
        return None
    left = (one.due_at - clock.now()).total_seconds() / 60
    state = "late" if left < 0 else "soon" if left < emergency.cadence_minutes / 3 else "ok"
    return {"state": state, "minutes": abs(left), "total": emergency.cadence_minutes, "runs": True}


def dispatch_tag(row: Dispatch) -> tuple[str, str, Any]:
    """(state, tone, moment) of something dispatched."""
    if not row.away:
        return "back", "", None
    if row.back_on and row.back_on < clock.today():
        return "late", "bad", row.back_on
    if row.arrived_at:
        return "there", "good", row.arrived_at
    return "way", "info", row.arrives_at


def quantity(row: Dispatch) -> str:
    """¥ 6,000, or 2 with its unit."""
    many = plain(row.quantity)
    return f"¥ {many}" if row.resource.kind == Kind.MONEY else f"{many} {row.resource.unit}"


def task_clock(task: Task) -> dict[str, Any] | None:
    """How a task stands, round the clock: an emergency knows no office hours."""
    if task.due_at is None:
        return None
    if task.done_at is not None:
        early = (task.due_at - task.done_at).total_seconds() / 60
        return {"state": "met" if early >= 0 else "broken", "minutes": abs(early)}
    left, total = (task.due_at - clock.now()).total_seconds() / 60, (task.due_at - task.given_at).total_seconds() / 60
    state = "late" if left < 0 else "soon" if left < total / 3 else "ok"
    return {"state": state, "minutes": abs(left), "total": total or 1, "runs": True}
