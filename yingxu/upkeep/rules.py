"""Who keeps archives true, and who reads about it. Lists and reports are their owner's; what is in them is seen by whoever sees the customer."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

VIEW = Rule("upkeep.view", _("See lists of re-verification and supplement"), reading=True)
DO = Rule("upkeep.do", _("Go through lists of re-verification and supplement"))
VIEW_REPORT = Rule("upkeep.view_report", _("See monthly customer reports"), reading=True)
WRITE = Rule("upkeep.write", _("Write monthly customer reports"))
READ = Rule("upkeep.read", _("Receive monthly customer reports and answer them"), own=())
OWN, PLACE, LEVEL = ("customer.matter.owner_id", "noted_by_id"), ("customer.matter.department_id",), "customer.matter.secrecy"
NOTE = Rule("upkeep.note", _("Note what was learned about customers"))
SEE_NEWS = Rule(
    "upkeep.see_news", _("See what was learned and is to be entered"), own=OWN, department=PLACE, secrecy=LEVEL, matter="customer_id", reading=True
)
ENTER = Rule("upkeep.enter", _("Say that what was learned stands in the file"), own=OWN, department=PLACE, secrecy=LEVEL, matter="customer_id")
EXPORT = Rule("upkeep.export", _("Export lists of upkeep, reports and customer cards"), own=(), department=(), secrecy=None)
SET = Rule("upkeep.set", _("Set rhythm, fields and deadlines of upkeep"), own=(), department=(), secrecy=None)
