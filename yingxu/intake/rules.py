from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

IMPORT = Rule("intake.import", _("Import needs from files"), own=("by_id",), department=(), secrecy=None, matter="pk")
UNDO = Rule("intake.undo", _("Undo an import"), own=("by_id",), department=(), secrecy=None, matter="pk")
MAILS = Rule("intake.mails", _("Look after incoming mail"), own=(), department=(), secrecy=None, matter="pk")
MAILBOXES = Rule("intake.mailboxes", _("Set up mailboxes"), own=(), department=(), secrecy=None, matter="pk", office="system")
