from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("operations.manage", _("Look after backups, keys and the health of the product"), own=(), department=(), secrecy=None, office="system")
