"""The clock ticks at open steps: warn those asked, say it is late, tell one rung of the ladder after another."""

from datetime import datetime

from yingxu.base.access import SYSTEM
from yingxu.base.action import step as part
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Rung
from yingxu.matters.actions import record
from yingxu.people.models import User

from .. import seeking
from ..events import ApprovalDue, ApprovalLate
from ..models import Request, Seat, Step
from . import going

LADDER = "approval"


@part
def tick(step: Step, request: Request, now: datetime) -> None:
    """What has come about by now, each once; and when to look again. The request is locked."""
    going.look_over(step, request)
    step.refresh_from_db()
    if not step.open or step.vacant_at is not None or step.look_at is None or step.look_at > now:
        return  # decided, vacant, or asked anew just now
    if step.due_at > now:
        if step.warned_at is None:
            step.warned_at = now
            event = ApprovalDue(**going.about(request, step.round), step=step.place, due_at=step.due_at)
            record(event, on=request.matter, by=SYSTEM, tell=_asked(step, request))
        step.look_at = step.due_at
    else:
        _climb(step, request, now)
    step.save(update_fields=["warned_at", "late_at", "told", "look_at"])


def _climb(step: Step, request: Request, now: datetime) -> None:
    """Late: said to those asked at once, then to the rungs of the ladder as their time comes."""
    if step.late_at is None:
        step.late_at = now
        _say(step, request, 0, [], _asked(step, request))
    rungs = deadlines.ladder(LADDER).rungs
    while step.told < len(rungs):
        rung = rungs[step.told]
        due = deadlines.rung_due(rung, step.due_at)
        if due > now:
            step.look_at = due
            return
        step.told += 1
        found = _told(rung, step, request)
        if found:
            _say(step, request, step.told, found, found)
    step.look_at = None


def _told(rung: Rung, step: Step, request: Request) -> list[int]:
    """The rung's people, counted from each person asked, as far as they may know of the matter. Those asked know already."""
    waiting = step.seats.filter(state=Seat.State.WAITING).values("user_id")
    asked = list(User.objects.filter(pk__in=waiting).select_related("department__parent").order_by("id"))
    found = {pk for user in asked for pk in deadlines.rung_people(rung, user)} - {user.pk for user in asked}
    people = User.objects.filter(pk__in=found, is_active=True).select_related("department").order_by("id")
    return [user.pk for user in people if seeking.may_be_told(user, request)]


def _say(step: Step, request: Request, rung: int, told: list[int], tell: list[int]) -> None:
    names = tuple(User.objects.filter(pk__in=told).order_by("id").values_list("name", flat=True))
    event = ApprovalLate(
        **going.about(request, step.round), step=step.place, due_at=step.due_at, rung=rung, waiting=seeking.waiting_names(step), told=names
    )
    record(event, on=request.matter, by=SYSTEM, tell=tell)


def _asked(step: Step, request: Request) -> list[int]:
    return seeking.to_tell(list(step.seats.filter(state=Seat.State.WAITING)), request)
