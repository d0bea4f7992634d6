"""A list's task that was ticked off by hand while fields are open is taken up again: the list says when it is done."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base.access import SYSTEM
from yingxu.base.events import react
from yingxu.customers.events import CustomerChanged
from yingxu.matters.models import Entry
from yingxu.tasks import actions as tasks
from yingxu.tasks.events import TaskFinished
from yingxu.tasks.models import State, Task

from . import actions
from .models import Report, Sheet


@react(CustomerChanged, inside=True)
def learned(event: CustomerChanged, entry: Entry) -> None:
    """Whoever changes a file may say on which day they learned it; that is measured at once."""
    if event.learned_on:
        actions.entered_at_once(entry.matter_id, date.fromisoformat(str(event.learned_on)), entry.actor_id if entry.actor_kind == "user" else None)


@react(TaskFinished)
def not_yet(event: TaskFinished, entry: Entry) -> None:
    unfinished = Sheet.objects.filter(task=event.task, finished_at=None, round__closed_at=None).exists()
    if unfinished or Report.objects.filter(task=event.task, state=Report.State.DRAFT).exists():
        with transaction.atomic():
            task = Task.objects.select_for_update().get(pk=event.task)
            if task.state == State.DONE:
                tasks.take_up(task, by=SYSTEM, reason=str(_("Not everything on the list is done yet.")))
