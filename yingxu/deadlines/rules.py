from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("deadlines.manage", _("Set working hours, days off and time limits"), own=(), department=(), secrecy=None)
REQUEST_EXTENSION = Rule("deadlines.request_extension", _("Ask for a longer time limit"))
DECIDE_EXTENSION = Rule("deadlines.decide_extension", _("Decide on a longer time limit"))
