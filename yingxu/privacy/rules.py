"""Who may say what data is used for and whom it goes to, write down consents, answer requests of the persons concerned, weigh up effects
on them, and handle breaches."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule
from yingxu.matters import access

from .models import Assessment, Breach, Request

MANAGE = Rule("privacy.manage", _("Say what personal data is used for and how long it is kept"), own=(), department=(), secrecy=None)
RECORD = Rule(
    "privacy.record", _("Write down and withdraw consents"), own=("owner_id",), department=("department_id",), secrecy="secrecy", matter="pk"
)
VIEW = Rule("privacy.view", _("See privacy requests"))
RECEIVE = Rule("privacy.receive", _("Take in privacy requests"))
HANDLE = Rule("privacy.handle", _("Check the identity of who asks about personal data, and answer"))
EXPORT = Rule("privacy.export", _("Export records of processing"))
VIEW_ASSESSMENTS = Rule("privacy.view_assessments", _("See privacy impact assessments"))
ASSESS = Rule("privacy.assess", _("Write privacy impact assessments"))
VIEW_BREACHES = Rule("privacy.view_breaches", _("See breaches of personal data"))
REPORT = Rule("privacy.report_breach", _("Report a breach of personal data"), own=(), department=(), secrecy=None)
HANDLE_BREACH = Rule("privacy.handle_breach", _("Handle breaches of personal data"))
REVIEW = Rule("privacy.review", _("Review privacy impact assessments, and how breaches were handled"))

access.register("privacy", VIEW, Request, page="privacy:request")
access.register("assessment", VIEW_ASSESSMENTS, Assessment, page="assessments:one")
access.register("breach", VIEW_BREACHES, Breach, page="breaches:one")
