"""Who may propose, appraise and see destruction, and hold it off."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule
from yingxu.matters import access

from .models import Proposal

VIEW = Rule("destruction.view", _("See proposals to destroy archives, and certificates"), reading=True)
PROPOSE = Rule("destruction.propose", _("Propose to destroy outdated archives"))
APPRAISE = Rule("destruction.appraise", _("Appraise what is proposed for destruction"))
HOLD = Rule("destruction.hold", _("Put archives under a legal hold, and lift it"))
EXPORT = Rule("destruction.export", _("Export the list of destructions"), own=(), department=(), secrecy=None)

access.register("destruction", VIEW, Proposal, page="destruction:proposal")
