"""A second person agreed to lower a level."""

from yingxu.approvals.events import ApprovalGranted
from yingxu.approvals.models import Request
from yingxu.base.events import react
from yingxu.matters.models import Entry

from . import actions, papers, parts


@react(ApprovalGranted)
def lower(event: ApprovalGranted, entry: Entry) -> None:
    if event.chain != "archives.lower":
        return
    if "file" in event.subject:
        papers.paper_lowered(Request.objects.get(pk=event.request), event.subject)
    elif "customer" in event.subject:
        done = parts.section_lowered if "section" in event.subject else actions.lowered
        done(Request.objects.get(pk=event.request), event.subject)
