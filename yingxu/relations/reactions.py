"""A grade typed into the customer's file says otherwise than the rules; a finished task of care is care taken."""

from django.utils.translation import gettext as _

from yingxu.base.events import react
from yingxu.customers.events import CustomerChanged
from yingxu.matters.models import Entry
from yingxu.tasks.events import TaskFinished

from . import actions


@react(CustomerChanged, inside=True)
def grade_typed(event: CustomerChanged, entry: Entry) -> None:
    """The grade was typed into the file: it holds until somebody takes it back. Taking it out of the file is taking it back."""
    if event.field == "grade" and entry.matter_id:
        actions.typed(entry.matter_id, event.old, event.new, entry, reason=event.why or _("Typed into the customer's file"))


@react(TaskFinished, inside=True)
def care_taken(event: TaskFinished, entry: Entry) -> None:
    actions.finished(event.task, event.result, entry.at)
