from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("api.manage", _("Make API tokens and webhooks"), own=(), department=(), secrecy=None, office="system")
