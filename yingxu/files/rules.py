from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

LEVEL = Rule("files.level", _("Give a single paper a secrecy level above that of what it hangs on"))
