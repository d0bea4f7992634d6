from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

MANAGE = Rule("portal.manage", _("Set up forms and QR codes for customers"), own=(), department=(), secrecy=None, beside="always")
SPEAK = Rule("portal.speak", _("As the customer: agree, take back, ask about the own data"), own=(), department=(), customer=True)
