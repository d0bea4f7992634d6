"""A request was made; those who sign answered."""

from django.utils.translation import gettext as _

from yingxu.approvals.events import ApprovalGranted, ApprovalLapsed, ApprovalRefused, ApprovalSentBack
from yingxu.approvals.models import Request
from yingxu.base.errors import WrongMoment
from yingxu.base.events import react
from yingxu.matters.models import Entry
from yingxu.tasks.events import TaskFinished, TaskWithdrawn

from . import actions
from .events import ConsultAsked, GlassAsked
from .models import Consultation


@react(ConsultAsked, GlassAsked)
def put_forward(event: ConsultAsked | GlassAsked, entry: Entry) -> None:
    actions.put_forward(event.consultation)


@react(TaskFinished, TaskWithdrawn, inside=True)
def keep_the_review(event: TaskFinished | TaskWithdrawn, entry: Entry) -> None:
    """The review of an emergency reading ends by reviewing, and by nothing else."""
    if Consultation.objects.filter(review_task=event.task, reviewed_at=None).exists():
        raise WrongMoment(_("This task ends with the review: say there what you found (Consulting › Emergency readings)."))


@react(ApprovalGranted)
def grant(event: ApprovalGranted, entry: Entry) -> None:
    if event.chain in actions.CHAINS:
        actions.granted(Request.objects.get(pk=event.request), event.subject)


@react(ApprovalRefused)
def refused(event: ApprovalRefused, entry: Entry) -> None:
    if event.chain in actions.CHAINS:
        actions.not_granted(event.subject, event.reason)


@react(ApprovalLapsed)
def lapsed(event: ApprovalLapsed, entry: Entry) -> None:
    if event.chain in actions.CHAINS:
        actions.not_granted(event.subject, event.reason)


@react(ApprovalSentBack)
def sent_back(event: ApprovalSentBack, entry: Entry) -> None:
    """Sent back is not granted: the requester must not learn from it that there is such a file, and asks again in other words."""
    if event.chain in actions.CHAINS:
        actions.not_granted(event.subject, event.reason)
