"""A second person agreed to lower a need's level."""

from yingxu.approvals.events import ApprovalGranted
from yingxu.approvals.models import Request
from yingxu.base.events import react
from yingxu.matters.models import Entry

from .actions.lowering import lowered


@react(ApprovalGranted)
def lower(event: ApprovalGranted, entry: Entry) -> None:
    if event.chain == "archives.lower" and "need" in event.subject:
        lowered(Request.objects.get(pk=event.request), event.subject)
