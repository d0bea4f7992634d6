"""A request was made; those who sign answered."""

from yingxu.approvals.events import ApprovalGranted, ApprovalLapsed, ApprovalRefused, ApprovalSentBack
from yingxu.approvals.models import Request
from yingxu.base.events import react
from yingxu.matters.models import Entry

from . import actions
from .events import ConsultAsked


@react(ConsultAsked)
def put_forward(event: ConsultAsked, entry: Entry) -> None:
    actions.put_forward(event.consultation)


@react(ApprovalGranted)
def grant(event: ApprovalGranted, entry: Entry) -> None:
    if event.chain == actions.CHAIN:
        actions.granted(Request.objects.get(pk=event.request), event.subject)


@react(ApprovalRefused)
def refused(event: ApprovalRefused, entry: Entry) -> None:
    if event.chain == actions.CHAIN:
        actions.not_granted(event.subject, event.reason)


@react(ApprovalLapsed)
def lapsed(event: ApprovalLapsed, entry: Entry) -> None:
    if event.chain == actions.CHAIN:
        actions.not_granted(event.subject, event.reason)


@react(ApprovalSentBack)
def sent_back(event: ApprovalSentBack, entry: Entry) -> None:
    """Sent back is not granted: the requester must not learn from it that there is such a file, and asks again in other words."""
    if event.chain == actions.CHAIN:
        actions.not_granted(event.subject, event.reason)
