"""What may be done now: one primary act per state, what stands beside it, and the rest (ui.md §6).

What may not be done is absent; what may not be done yet is disabled and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yingxu.archives import rules as archives
from yingxu.base.access import Actor, Rule
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import Task

from .. import rules
from ..models import Need, Plan, Raise
from ..states import ENDED, TO_TRIAGE, State
from .management import open_raise


@dataclass(frozen=True)
class Offer:
    """A verb that may be pressed: its page is needs:act with the verb; `reason` set means not yet."""

    verb: str
    label: Any
    key: str = ""
    reason: str = ""


@dataclass
class Offers:
    primary: Offer | None = None
    beside: list[Offer] = field(default_factory=list)
    more: list[Offer] = field(default_factory=list)

    def verbs(self) -> set[str]:
        """Everything that can be done right now."""
        return {o.verb for o in [self.primary, *self.beside, *self.more] if o and not o.reason}


RULE: dict[str, Rule] = {
    "triage": rules.TRIAGE, "assign": rules.ASSIGN, "answer": rules.ANSWER, "watch": rules.WATCH_POTENTIAL,
    "promote": rules.WATCH_POTENTIAL, "accept": rules.ACCEPT, "return": rules.RETURN, "plan": rules.PLAN, "progress": rules.PROGRESS,
    "hold": rules.HOLD, "resume": rules.HOLD, "submit": rules.SUBMIT, "review": rules.REVIEW, "send_back": rules.REVIEW,
    "feed_back": rules.FEEDBACK, "remind": rules.FEEDBACK, "confirm": rules.CONFIRM, "reject": rules.CONFIRM, "close": rules.CLOSE,
    "visit": rules.VISIT, "reschedule": rules.VISIT, "transfer": rules.TRANSFER, "merge": rules.MERGE, "unmerge": rules.MERGE,
    "link": rules.LINK, "split": rules.SPLIT, "tag": rules.TAG, "amend": rules.AMEND, "void": rules.VOID, "reply": rules.REPLY,
    "note": rules.NOTE, "listen": rules.ADD, "category": rules.TRIAGE, "attach": rules.NOTE, "related": rules.REGISTER,
    "raise": rules.RAISE, "withdraw": rules.RAISE, "decide": rules.DECIDE, "advise": rules.DECIDE, "delegate": rules.DECIDE, "lower": archives.KEEP,
}  # fmt: skip
LABEL: dict[str, Any] = {
    "triage": pgettext_lazy("button", "Assess and assign"),
    "assign": pgettext_lazy("button", "Assign"),
    "answer": pgettext_lazy("button", "Answer on the spot and close"),
    "watch": pgettext_lazy("button", "Put on the watch list"),
    "promote": pgettext_lazy("button", "Take up for handling"),
    "accept": pgettext_lazy("button", "Accept and write the plan"),
    "return": pgettext_lazy("button", "Return to triage"),
    "plan": pgettext_lazy("button", "Write the plan"),
    "progress": pgettext_lazy("button", "Record progress"),
    "hold": pgettext_lazy("button", "Wait for the customer"),
    "resume": pgettext_lazy("button", "Go on"),
    "submit": pgettext_lazy("button", "Submit the result"),
    "review": pgettext_lazy("button", "Pass the review"),
    "send_back": pgettext_lazy("button", "Send back"),
    "feed_back": pgettext_lazy("button", "Feed back to the customer"),
    "remind": pgettext_lazy("button", "Remind the customer"),
    "confirm": pgettext_lazy("button", "Record the customer's confirmation"),
    "reject": pgettext_lazy("button", "Record: not satisfied"),
    "close": pgettext_lazy("button", "Close"),
    "visit": pgettext_lazy("button", "Record the visit"),
    "reschedule": pgettext_lazy("button", "Another day"),
    "transfer": pgettext_lazy("button", "Transfer"),
    "merge": pgettext_lazy("button", "Merge"),
    "unmerge": pgettext_lazy("button", "Undo the merge"),
    "link": pgettext_lazy("button", "Link"),
    "split": pgettext_lazy("button", "Split"),
    "tag": pgettext_lazy("button", "Tags"),
    "amend": pgettext_lazy("button", "Correct"),
    "void": pgettext_lazy("button", "Declare void"),
    "listen": pgettext_lazy("button", "Note what the customer said"),
    "category": pgettext_lazy("button", "Change the category"),
    "extend": pgettext_lazy("button", "Ask for more time"),
    "related": pgettext_lazy("button", "Register a linked need"),
    "attach": gettext_lazy("Attach files"),
    "raise": pgettext_lazy("button", "Raise to management"),
    "withdraw": pgettext_lazy("button", "Take the question back"),
    "decide": pgettext_lazy("button", "Decide"),
    "advise": pgettext_lazy("button", "Answer the front line"),
    "delegate": pgettext_lazy("button", "Delegate"),
    "lower": pgettext_lazy("button", "Ask to lower the level"),
}
KEY = {
    "accept": "a", "progress": "p", "submit": "e", "review": "e", "return": "b", "send_back": "b", "transfer": "t", "category": "c",
    "merge": "m", "link": "l", "triage": "a", "assign": "a", "feed_back": "e", "confirm": "e", "visit": "e", "raise": "u",
}  # fmt: skip

_AT_STATE: dict[tuple[State, str], Any] = {
    (State.TRIAGE, "triage"): pgettext_lazy("button", "Set the category and assign"),
    (State.REOPENED, "triage"): pgettext_lazy("button", "Assess again"),
}
PASS_AND_TELL = pgettext_lazy("button", "Pass and feed back")
NEW_PLAN = pgettext_lazy("button", "Change the plan")

_STATE: dict[State, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    State.REGISTERED: ("triage", ("answer",), ("watch", "close")),
    State.TRIAGE: ("triage", ("watch",), ("answer", "close")),
    State.REOPENED: ("triage", ("watch",), ("answer", "close")),
    State.WATCHING: ("promote", ("close",), ()),
    State.ASSIGNMENT: ("assign", ("answer",), ("watch", "category", "close")),
    State.ACCEPTANCE: ("accept", ("return", "transfer"), ("assign", "category")),
    State.HANDLING: ("progress", ("submit", "transfer"), ("plan", "hold", "extend", "return", "category")),
    State.REVIEW: ("review", ("send_back",), ()),
    State.FEEDBACK: ("feed_back", (), ()),
    State.CONFIRMATION: ("confirm", ("reject", "remind"), ("close",)),
    State.VISIT: ("visit", ("reschedule",), ()),
    State.CLOSED: ("", ("related",), ()),
    State.MERGED: ("", ("unmerge",), ()),
    State.VOID: ("", (), ()),
}
_HELD_BACK = ("submit", "review", "feed_back", "answer")  # a need is not resolved while a task on it is open
_WAITS_FOR_TASKS = (*TO_TRIAGE, State.ASSIGNMENT, State.HANDLING, State.REVIEW, State.FEEDBACK)
_MAY_LEAD = ("answer", "progress", "submit", "decide")  # stands in for a primary act that is somebody else's
_ALWAYS = ("listen", "amend", "tag", "link", "split", "merge", "related", "void")
_TOO_LATE_TO_MERGE = (State.REVIEW, State.FEEDBACK, State.CONFIRMATION, State.VISIT, *ENDED)
_NOT_VOID = (State.REVIEW, State.FEEDBACK, State.CONFIRMATION, State.VISIT, *ENDED)
_SETTLE = ("decide", "advise", "delegate")
_ENDS_IT = ("answer", "close", "merge", "void")  # ways in which we end a need ourselves


def offers(need: Need, by: Actor, *, plan: Plan | None = None, left: Sequence[Task] | None = None,
           raises: Sequence[Raise] | None = None) -> Offers:  # fmt: skip
    """Buttons from moves × rules. `plan` is the current plan, `left` the open tasks on the need and `raises` its questions to management,
    if they were already read."""
    state = State(need.state)
    asked = None
    if state not in ENDED:
        asked = open_raise(need) if raises is None else next((r for r in raises if r.ended_at is None), None)
    primary, beside, more = _STATE[state]
    left = _left(need, left)
    if state == State.HANDLING:
        primary, beside, more = _handling(need, plan, left)
    extra = [v for v in _ALWAYS if v not in beside and v not in more]
    if state in _TOO_LATE_TO_MERGE:
        extra.remove("merge")
    if state in _NOT_VOID:
        extra.remove("void")
    if state in ENDED:
        extra = [v for v in extra if v in ("link", "tag", "related")]
    if state in (State.MERGED, State.VOID):
        extra = []
    if need.matter.secrecy:
        extra.append("lower")
    if asked is not None:
        beside = (*_SETTLE, *beside) if asked.by_id != by.user_id else beside
        extra += ["withdraw"] if asked.by_id == by.user_id else []
    elif state not in ENDED:
        extra.append("raise")
    found = Offers()
    if primary:
        found.primary = _offer(primary, need, by, plan, asked, left)
    for verb in beside:
        if offer := _offer(verb, need, by, plan, asked, left):
            found.beside.append(offer)
    if found.primary is None and found.beside and not found.beside[0].reason and found.beside[0].verb in _MAY_LEAD:
        found.primary = found.beside.pop(0)
    for verb in (*more, *extra):
        if offer := _offer(verb, need, by, plan, asked, left):
            found.more.append(offer)
    return found


def _left(need: Need, left: Sequence[Task] | None) -> Sequence[Task]:
    """The open tasks, asked for only where they hold something back."""
    if left is not None:
        return left
    return tasks.open_on(need.matter) if State(need.state) in _WAITS_FOR_TASKS else ()


def _handling(need: Need, plan: Plan | None, left: Sequence[Task]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    more: tuple[str, ...] = ("extend", "return", "category")
    wait = "resume" if need.held_at else "hold"
    if plan is None:
        return "plan", ("progress", "transfer"), (wait, *more)
    if left:
        return "progress", ("submit", "transfer"), ("plan", wait, *more)
    return "submit", ("progress", "extend"), ("plan", "transfer", wait, "return", "category")


def _offer(verb: str, need: Need, by: Actor, plan: Plan | None, asked: Raise | None, left: Sequence[Task]) -> Offer | None:
    if verb == "extend":
        from yingxu.deadlines import rules as deadlines

        if not deadlines.REQUEST_EXTENSION.allows(by, need):
            return None
        return Offer(verb, LABEL[verb])
    rule = RULE[verb]
    if not (rule.allows(by) if verb == "related" else rule.allows(by, need)):
        return None
    return Offer(verb, label(verb, need, by, plan), KEY.get(verb, ""), _not_yet(verb, need, by, plan, asked, left))


def label(verb: str, need: Need, by: Actor, plan: Plan | None = None) -> Any:
    """What the verb is called here and now: reviewing tells the customer at once where the person may do both."""
    if verb == "review" and rules.FEEDBACK.allows(by, need):
        return PASS_AND_TELL
    if verb == "plan" and plan is not None:
        return NEW_PLAN
    return _AT_STATE.get((State(need.state), verb), LABEL[verb])


def _not_yet(verb: str, need: Need, by: Actor, plan: Plan | None, asked: Raise | None, left: Sequence[Task]) -> str:
    if asked is not None and verb in _ENDS_IT:
        return _("A question to management is still open. Wait for the answer, or let who raised it take it back.")
    if asked is not None and asked.waits and verb == "submit":
        return _("The result waits for management's answer to “%(question)s”.") % {"question": asked.question[:60]}
    if verb == "submit" and plan is None:
        return _("Write the handling plan first; it comes before the work.")
    if verb in _HELD_BACK and left:
        return ngettext("%(num)s task on it is still open.", "%(num)s tasks on it are still open.", len(left)) % {"num": len(left)}
    if verb in ("review", "send_back") and need.results.filter(review="waiting", by_id=by.user_id).exists():
        return _("Somebody else has to review what you submitted.")
    if verb == "assign" and not need.category:
        return _("Set the category first.")
    return ""


__all__ = ["KEY", "LABEL", "RULE", "TO_TRIAGE", "Offer", "Offers", "label", "offers"]
