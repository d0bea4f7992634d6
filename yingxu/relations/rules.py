"""Who may see and set classes, prospects and care. Seeing them is seeing the customer: `customers.view`."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

GRADE = Rule("relations.grade", _("Set a customer's class otherwise than the rules"))
PURSUE = Rule("relations.pursue", _("Pursue prospects"))
CARE = Rule("relations.care", _("Note birthdays and take care of customers"))
EXPORT = Rule("relations.export", _("Export classes, prospects and care"), own=(), department=(), secrecy=None)
MANAGE = Rule("relations.manage", _("Set the rules of classes, prospects and care"), own=(), department=(), secrecy=None)
