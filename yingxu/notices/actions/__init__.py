"""The verbs: telling people, their taking note, and sending things out of the house."""

from .outbox import Paper, bounced, send, withdraw
from .telling import deliver, mark_all_read, mark_matter_read, mark_read

__all__ = [
    "Paper", "bounced", "deliver", "mark_all_read", "mark_matter_read", "mark_read", "send", "withdraw",
]  # fmt: skip
