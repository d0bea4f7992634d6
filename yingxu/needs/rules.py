"""Who may do what with a need."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor, Membership, Rule
from yingxu.matters.rules import WATCHING
from yingxu.tasks.rules import HOLDING

from .models import Need, Raise

OWN = ("matter.owner_id", "registered_by_id", "accepted_by_id")


def _rule(verb: str, title, *, customer: bool = False, watchers: bool = False) -> Rule:
    return Rule(f"needs.{verb}", title, own=OWN, members=(WATCHING,) if watchers else (), customer=customer)


# who has a task on a need, or whose department has one to do, sees the need it is for (N14)
VIEW = Rule("needs.view", _("See needs"), own=OWN, members=(WATCHING, *HOLDING), customer=True, reading=True)
REGISTER = Rule("needs.register", _("Register a need"), own=(), department=(), secrecy=None)
ANSWER = _rule("answer", _("Answer on the spot and close"))
TRIAGE = _rule("triage", _("Assess a need and set its category"))
ASSIGN = _rule("assign", _("Assign a need to a department"))
WATCH_POTENTIAL = _rule("watch_potential", _("Put a need on the watch list"))
ACCEPT = _rule("accept", _("Accept a need for the department"))
RETURN = _rule("return", _("Return a need to triage"))
PLAN = _rule("plan", _("Write the handling plan"))
PROGRESS = _rule("progress", _("Record progress"))
HOLD = _rule("hold", _("Wait for the customer"))
SUBMIT = _rule("submit", _("Submit the result"))
REVIEW = _rule("review", _("Review a result"))
FEEDBACK = _rule("feedback", _("Feed the result back to the customer"))
CONFIRM = _rule("confirm", _("Record the customer's confirmation"), customer=True)
CLOSE = _rule("close", _("Close a need"))
VISIT = _rule("visit", _("Record a follow-up visit"))
TRANSFER = _rule("transfer", _("Transfer a need"))
MERGE = _rule("merge", _("Merge needs"))
LINK = _rule("link", _("Link needs"))
SPLIT = _rule("split", _("Split a need"))
TAG = _rule("tag", _("Tag a need"), watchers=True)
NOTE = _rule("note", _("Write an internal note"), watchers=True)
REPLY = _rule("reply", _("Reply to the customer"))
ADD = _rule("add", _("Add words to one's own need"), customer=True)
AMEND = _rule("amend", _("Correct a need"))
VOID = _rule("void", _("Declare a need void"))


def _holding(by: Actor) -> Q:
    return Q(Exists(Raise.objects.filter(need_id=OuterRef("matter_id"), holder_id=by.user_id, ended_at=None)))


def _holds(by: Actor, need: Need) -> bool:
    return by.user_id is not None and Raise.objects.filter(need_id=need.pk, holder_id=by.user_id, ended_at=None).exists()


RAISE = _rule("raise_to_management", _("Raise a need straight to management"), watchers=True)
# own: only what was put to one by name or delegated; wider: one is management
DECIDE = Rule("needs.decide", _("Answer and decide what is raised to management"), own=(), members=(Membership(_holding, _holds),))
EXPORT = Rule("needs.export", _("Export needs"), own=(), department=(), secrecy=None)
MANAGE_VIEWS = Rule("needs.manage_views", _("Share views with the department"), own=(), department=(), secrecy=None)
# own: the head of the department the list is for
DAY_LIST = Rule("needs.day_list", _("Read a department's list of the day"), own=("department.head_id",), department=("department_id",), secrecy=None)
