from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("notices.manage", _("Set up mail, SMS and group robots"), own=(), department=(), secrecy=None, office="system")
OUTBOX = Rule("notices.outbox", _("See, send again and cancel what goes out"), own=(), department=(), secrecy=None, beside="always")
