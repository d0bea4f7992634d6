from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

VIEW = Rule("archives.view", _("See how archives are guarded: level, term, circle of persons"), reading=True)
KEEP = Rule("archives.keep", _("Set level, term and circle of persons of archives"))
EXPORT = Rule("archives.export_register", _("Export the register of guarded archives"), own=(), department=(), secrecy=None)
LABELS = Rule("archives.name_levels", _("Say what the secrecy levels are called"), own=(), department=(), secrecy=None)
