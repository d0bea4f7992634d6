"""The ladder calls further people, and somebody takes the alarm."""

from yingxu.base.events import react
from yingxu.deadlines.events import AlarmTaken, AlarmTold
from yingxu.matters.models import Entry

from .actions import alarms
from .models import Emergency


@react(AlarmTold, inside=True)
def called(event: AlarmTold, entry: Entry) -> None:
    if emergency := Emergency.objects.select_related("matter").filter(pk=entry.matter_id).first():
        alarms.reached(emergency, entry.tell)


@react(AlarmTaken, inside=True)
def taken(event: AlarmTaken, entry: Entry) -> None:
    if emergency := Emergency.objects.select_related("matter").filter(pk=entry.matter_id).first():
        alarms.taken(emergency, entry.actor_id if entry.actor_kind == "user" else None)
