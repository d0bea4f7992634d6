"""A second person agreed to lower a level."""

from yingxu.approvals.events import ApprovalGranted
from yingxu.approvals.models import Request
from yingxu.base.events import react
from yingxu.matters.models import Entry

from . import actions


@react(ApprovalGranted)
def lower(event: ApprovalGranted, entry: Entry) -> None:
    if event.chain == "archives.lower":
        actions.lowered(Request.objects.get(pk=event.request), event.subject)
