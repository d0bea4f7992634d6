"""Who may say what data is used for, write down consents, and answer requests of the persons concerned."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule
from yingxu.matters import access

from .models import Request

MANAGE = Rule("privacy.manage", _("Say what personal data is used for and how long it is kept"), own=(), department=(), secrecy=None)
RECORD = Rule(
    "privacy.record", _("Write down and withdraw consents"), own=("owner_id",), department=("department_id",), secrecy="secrecy", matter="pk"
)
VIEW = Rule("privacy.view", _("See privacy requests"))
RECEIVE = Rule("privacy.receive", _("Take in privacy requests"))
HANDLE = Rule("privacy.handle", _("Check the identity of who asks about personal data, and answer"))
EXPORT = Rule("privacy.export", _("Export records of processing"))

access.register("privacy", VIEW, Request, page="privacy:request")
