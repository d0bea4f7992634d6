from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("api.manage", _("Make and revoke API tokens"), own=(), department=(), secrecy=None)
