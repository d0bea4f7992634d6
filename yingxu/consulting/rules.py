"""Who may ask to read a closed file, and who looks after such requests. Asking says nothing about what there is."""

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

ASK = Rule("consulting.ask", _("Ask to consult an archive"), own=("asked_by_id",), department=(), secrecy=None)
BREAK_GLASS = Rule("consulting.break_glass", _("Read a closed archive in an emergency, reviewed afterwards"), own=("asked_by_id",), department=(), secrecy=None)
USES = Rule("consulting.see_uses", _("See who read closed archives in emergencies"), own=(), department=(), secrecy=None)
KEEP = Rule("consulting.keep", _("Answer requests to consult archives and end them"))
