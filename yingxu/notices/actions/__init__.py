"""The verbs: telling people, their taking note and choosing their ways, sending things out of the house, and setting up the ways out."""

from .channels import add_robot, edit_robot, set_common, set_mail, set_sms, set_sms_templates, switch_robot
from .outbox import Paper, bounced, send, withdraw
from .releasing import cancel, release, try_out
from .telling import deliver, mark_all_read, mark_matter_read, mark_read
from .ways import choose

__all__ = [
    "Paper", "add_robot", "bounced", "cancel", "choose", "deliver", "edit_robot", "mark_all_read", "mark_matter_read", "mark_read",
    "release", "send", "set_common", "set_mail", "set_sms", "set_sms_templates", "switch_robot", "try_out", "withdraw",
]  # fmt: skip
