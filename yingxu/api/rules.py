from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("api.manage", _("Make API tokens and webhooks"), own=(), department=(), secrecy=None, beside="always")
ACT_FOR = Rule("api.act_for", _("Make tokens and webhooks that act for somebody else"), own=(), department=(), secrecy=None)
