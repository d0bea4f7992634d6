from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("templates.manage", _("Edit record templates, categories and ready-made words"), own=(), department=(), secrecy=None, beside="always")
