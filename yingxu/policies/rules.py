from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

VIEW = Rule("policies.view", _("See the policy and how it is kept"), own=(), department=(), secrecy=None, beside="always")
MANAGE = Rule("policies.manage", _("Install, upgrade and export the policy pack"), own=(), department=(), secrecy=None, office="system")
