from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("routing.manage", _("Edit routing rules"), own=(), department=(), secrecy=None, beside="always")
