from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

VIEW = Rule("audit.view", _("Read the journal and the access log, without business content"), own=(), department=(), secrecy=None, office="audit")
EXPORT = Rule("audit.export", _("Export the journal and the access log"), own=(), department=(), secrecy=None, office="audit")
VERIFY = Rule("audit.verify", _("Verify the seals"), own=(), department=(), secrecy=None, office="audit")
