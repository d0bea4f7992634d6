"""Who may do what with emergencies and reserves. Who was called to one follows it, and counts as owner of what is theirs to do; who
has a task on it sees it and writes in its log."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Membership, Rule
from yingxu.matters.rules import WATCHING
from yingxu.tasks.rules import HOLDING

OWN = ("matter.owner_id", "declared_by_id")


def _called(verb: str, title, *more: Membership, reading: bool = False) -> Rule:
    return Rule(f"emergencies.{verb}", title, own=OWN, members=(WATCHING, *more), reading=reading)


VIEW = _called("view", _("See emergencies"), *HOLDING, reading=True)
DECLARE = Rule("emergencies.declare", _("Declare an emergency"), own=(), department=(), secrecy=None)
ACKNOWLEDGE = _called("acknowledge", _("Acknowledge a call to an emergency"))
LOG = _called("log", _("Write in the log of an emergency"), *HOLDING)
JOIN = _called("join", _("Say who is affected by an emergency"))
TELL = _called("tell", _("Tell customers how an emergency goes"))
LEAD = Rule("emergencies.lead", _("Lead an emergency: plan, hand over, solve, review, close, call off"))
EXPORT = Rule("emergencies.export", _("Export emergencies and reserves"), own=(), department=(), secrecy=None)
VIEW_RESERVES = Rule("emergencies.view_reserves", _("See reserves"))
KEEP = Rule("emergencies.keep_reserves", _("Keep reserves: take in, adjust, look over"))
STOCK = Rule("emergencies.stock", _("Take a new reserve into the register"), own=(), department=(), secrecy=None)
DISPATCH = Rule("emergencies.dispatch", _("Dispatch reserves to an emergency and take them back"))
