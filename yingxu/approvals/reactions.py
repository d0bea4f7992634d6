"""Changes of rights are signed by another security administrator: asked when somebody proposes one, settled when it is signed. Either may
also be done on the page of changes (people); the other follows."""

from django.utils.translation import gettext as _

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.events import react
from yingxu.matters.models import Entry
from yingxu.people import actions as people
from yingxu.people import queries as staff
from yingxu.people.events import RoleChangeProposed, RoleChangeSettled

from . import actions, queries
from .events import ApprovalGranted, ApprovalRefused, ApprovalWithdrawn, Settled

WAITING = "waiting"


@react(RoleChangeProposed, inside=True)
def ask(event: RoleChangeProposed, entry: Entry) -> None:
    """Nothing is asked where the company has no such chain: the page of changes is enough then."""
    if not queries.has_chain(event.chain):
        return
    said = str(event.sentence())
    subject = {"change": event.change, "kind": event.kind, "facts": [[_("Change of rights"), said], [_("Reason"), event.why]]}
    actions.ask(None, by=_who(entry), chain=event.chain, title=said[:200], subject=subject, url="/settings/changes/", key=_key(event.change))


@react(ApprovalGranted, ApprovalRefused, inside=True)
def settle(event: Settled, entry: Entry) -> None:
    """Signed: it takes effect by whom signed last; not approved: it does not."""
    change = _waiting(event)
    if change is not None:
        people.settle_role_change(change.pk, agreed=isinstance(event, ApprovalGranted), by=_who(entry), said=event.reason)


@react(ApprovalWithdrawn, inside=True)
def take_back(event: ApprovalWithdrawn, entry: Entry) -> None:
    """Who proposed it withdrew the request, and with it the change."""
    change = _waiting(event)
    if change is not None and entry.actor_id == change.proposed_by_id:
        people.withdraw(change, by=_who(entry))


@react(RoleChangeSettled, inside=True)
def let_go(event: RoleChangeSettled, entry: Entry) -> None:
    """Settled on the page of changes: nothing is left to sign."""
    request = queries.going_under(_key(event.change))
    if request is not None:
        actions.take_back(request, by=_who(entry), reason=_("settled on the page of changes"))


def _waiting(event: Settled):
    pk = event.subject.get("change") if event.chain == RoleChangeProposed.chain else None
    change = staff.change(pk) if pk else None
    return change if change is not None and change.state == WAITING else None


def _who(entry: Entry) -> Actor:
    user = staff.user(entry.actor_id) if entry.actor_kind == "user" and entry.actor_id else None
    return staff.actor(user) if user else SYSTEM


def _key(change: int) -> str:
    return f"change:{change}"
