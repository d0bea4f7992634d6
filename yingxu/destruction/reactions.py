"""What destruction does when others sign: the three signatures, and the approved deletion of a person's data."""

from procrastinate.contrib.django import app

from yingxu.approvals.events import ApprovalGranted, ApprovalLapsed, ApprovalRefused, ApprovalWithdrawn
from yingxu.base.access import SYSTEM
from yingxu.base.events import react
from yingxu.base.flow import move
from yingxu.matters.actions import record
from yingxu.matters.models import Entry
from yingxu.privacy.events import ErasureApproved

from . import actions
from .events import DestructionApproved
from .models import MOVES, Proposal, State


@react(ApprovalGranted, ApprovalRefused, ApprovalWithdrawn, ApprovalLapsed, inside=True)
def signed(event: ApprovalGranted | ApprovalRefused | ApprovalWithdrawn | ApprovalLapsed, entry: Entry) -> None:
    if event.chain != actions.CHAIN or "proposal" not in event.subject:
        return
    proposal = Proposal.objects.select_related("matter").select_for_update(of=("self",)).get(pk=event.subject["proposal"])
    if proposal.state != State.SIGNING:
        return
    if not isinstance(event, ApprovalGranted):
        actions.drop(proposal, State.REFUSED, event.reason, by=SYSTEM)
        return
    move(proposal, State.APPROVED, MOVES)
    proposal.save(update_fields=["state"])
    record(DestructionApproved(request=event.request, digest=proposal.digest), on=proposal.matter, by=SYSTEM)


@react(DestructionApproved)
def carry_out(event: DestructionApproved, entry: Entry) -> None:
    app.configure_task("destruction.carry_out", queue="slow", lock="destruction").defer(proposal=entry.matter_id)


@react(ErasureApproved)
def erase_subject(event: ErasureApproved, entry: Entry) -> None:
    app.configure_task("destruction.erase_subject", queue="slow", lock="destruction").defer(request=entry.matter_id)
