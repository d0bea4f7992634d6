from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("people.manage", _("Manage departments, people and roles"), own=(), department=(), secrecy=None, office="security")
