from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Rule

PREPARE = Rule(
    "agendas.prepare", _("Prepare and run meetings of management"), own=("meeting.matter.owner_id", "meeting.called_by_id"),
    department=("meeting.matter.department_id",), secrecy="meeting.matter.secrecy", matter="meeting_id",
)  # fmt: skip
EXPORT = Rule("agendas.export", _("Export decisions of management"), own=(), department=(), secrecy=None)
