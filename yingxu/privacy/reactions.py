"""What privacy does when others act: the signatures under a deletion."""

from yingxu.approvals.events import ApprovalGranted, ApprovalLapsed, ApprovalRefused, ApprovalWithdrawn
from yingxu.base.access import SYSTEM
from yingxu.base.events import react
from yingxu.matters.models import Entry

from . import actions
from .actions.requests import CHAIN
from .models import Request


@react(ApprovalGranted, ApprovalRefused, ApprovalWithdrawn, ApprovalLapsed, inside=True)
def erasure_signed(event: ApprovalGranted | ApprovalRefused | ApprovalWithdrawn | ApprovalLapsed, entry: Entry) -> None:
    if event.chain == CHAIN:
        request = Request.objects.select_related("matter").select_for_update(of=("self",)).get(pk=event.subject["request"])
        actions.erasure_settled(request, by=SYSTEM, granted=isinstance(event, ApprovalGranted), reason=event.reason)
