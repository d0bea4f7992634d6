"""What may be done with an emergency now: buttons are moves × rules. What may not be done yet is disabled and says why."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from yingxu.base.access import Actor, Rule
from yingxu.meetings import rules as meetings_rules

from .. import rules
from ..states import ENDED, State
from .board import Board

LABEL: dict[str, Any] = {
    "acknowledge": pgettext_lazy("button", "Acknowledge"),
    "tell": pgettext_lazy("button", "Tell the customers"),
    "tell_end": pgettext_lazy("button", "Tell them it is over"),
    "meeting": pgettext_lazy("button", "Emergency meeting"),
    "solve": pgettext_lazy("button", "Emergency solved"),
    "again": pgettext_lazy("button", "It broke out again"),
    "review": pgettext_lazy("button", "Write the review"),
    "close": pgettext_lazy("button", "Close the emergency"),
    "call_off": pgettext_lazy("button", "Call it off"),
    "hand_over": pgettext_lazy("button", "Hand over the lead"),
    "plan": pgettext_lazy("button", "Write the plan"),
    "task": pgettext_lazy("button", "Give a task"),
    "join": pgettext_lazy("button", "Add who is affected"),
    "leave": pgettext_lazy("button", "Not affected after all"),
    "call_in": pgettext_lazy("button", "Call people"),
    "standing": pgettext_lazy("button", "How things stand"),
    "cadence": pgettext_lazy("button", "How often customers are told"),
    "dispatch": pgettext_lazy("button", "Dispatch a reserve"),
    "enclose": pgettext_lazy("button", "Note a line with files"),
    "correct": pgettext_lazy("button", "Correct the line"),
}
RULE: dict[str, Rule] = {
    "acknowledge": rules.ACKNOWLEDGE, "tell": rules.TELL, "tell_end": rules.TELL, "meeting": rules.LEAD, "solve": rules.LEAD, "again": rules.LEAD,
    "review": rules.LEAD, "close": rules.LEAD, "call_off": rules.LEAD, "hand_over": rules.LEAD, "plan": rules.LEAD, "task": rules.LEAD,
    "join": rules.JOIN, "leave": rules.JOIN, "call_in": rules.LOG, "standing": rules.LOG, "cadence": rules.LEAD, "dispatch": rules.VIEW,
    "correct": rules.LOG, "enclose": rules.LOG,
}  # fmt: skip
KEY = {"acknowledge": "a", "tell": "t", "tell_end": "t", "solve": "e"}
DIRECT = ("acknowledge",)
_STATE: dict[State, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    State.DECLARED: ("acknowledge", ("tell", "meeting"), ("call_off",)),
    State.RUNNING: ("tell", ("meeting", "solve"), ("call_off",)),
    State.SOLVED: ("tell_end", ("review", "again"), ("close", "meeting")),
    State.REVIEWED: ("close", ("tell_end",), ()),
    State.CLOSED: ("", (), ()),
    State.CALLED_OFF: ("", (), ()),
}
_ALWAYS = ("enclose", "standing", "call_in", "hand_over", "cadence", "plan", "join", "task", "dispatch")


@dataclass(frozen=True)
class Offer:
    """A verb that may be pressed; `reason` set means not yet."""

    verb: str
    label: Any
    key: str = ""
    reason: str = ""


@dataclass
class Offers:
    primary: Offer | None = None
    beside: list[Offer] = field(default_factory=list)
    more: list[Offer] = field(default_factory=list)

    @property
    def verbs(self) -> set[str]:
        """Everything that can be done right now."""
        return {o.verb for o in [self.primary, *self.beside, *self.more] if o and not o.reason}


def offers(found: Board, by: Actor) -> Offers:
    """The one thing to do now, what stands beside it, and the rest."""
    emergency = found.emergency
    primary, beside, more = _STATE[State(emergency.state)]
    if emergency.state == State.SOLVED and not found.untold:
        primary, beside = "review", ("again",)
    if emergency.state == State.REVIEWED and not found.untold:
        beside = ()
    if emergency.state == State.RUNNING and _mine(found, by):
        beside = ("acknowledge", *beside)
    made = Offers()
    wanted = [v for v in (primary, *beside) if v]
    offered = [o for o in (_offer(v, found, by) for v in wanted) if o]
    if offered and not offered[0].reason:
        made.primary = offered.pop(0)
    made.beside = offered
    if not emergency.ended:
        made.more = [o for o in (_offer(v, found, by) for v in (*more, *_ALWAYS) if v not in wanted) if o]
    return made


def _mine(found: Board, by: Actor) -> bool:
    """Was this person called and has not answered?"""
    return any(c.user_id == by.user_id for c in found.waiting)


def _offer(verb: str, found: Board, by: Actor) -> Offer | None:
    emergency = found.emergency
    if not RULE[verb].allows(by, emergency) or (verb == "dispatch" and not by.may(rules.DISPATCH)):
        return None
    if verb == "meeting" and not by.may(meetings_rules.CALL):
        return None
    if verb == "acknowledge" and not (_mine(found, by) or (emergency.state == State.DECLARED and rules.LEAD.allows(by, emergency))):
        return None
    return Offer(verb, LABEL[verb], KEY.get(verb, ""), _not_yet(verb, found))


def _not_yet(verb: str, found: Board) -> str:
    if verb in ("tell", "tell_end") and not found.affected:
        return _("Nobody is named as affected yet.")
    if verb == "close" and found.review is None:
        return _("Write the after-action review first.")
    if verb == "close" and found.untold:
        return _("Not every affected customer has been told that it is over.")
    return ""


def refused(verb: str, found: Board, by: Actor) -> str:
    """Why a verb cannot be done at this moment, "" when it can."""
    if found.emergency.state in ENDED:
        return _("This emergency has ended (%(state)s); its record stays as it is.") % {"state": State(found.emergency.state).label}
    offered = offers(found, by)
    offer = next((o for o in [offered.primary, *offered.beside, *offered.more] if o and o.verb == verb), None)
    if offer is None and verb not in ("leave", "correct"):
        return _("This is now “%(state)s”; “%(verb)s” is not possible.") % {"state": State(found.emergency.state).label, "verb": LABEL[verb]}
    return offer.reason if offer else ""
