"""Verbs of the ways in: imports, mail that waits for a person, mailboxes."""

from .imports import map_columns, place, receive, run_all, start, undo
from .mailboxes import add_mailbox, edit_mailbox, fetch_now, switch_mailbox
from .mails import drop, export_mails, make_need, open_original, put_on, take_back

__all__ = [
    "add_mailbox", "drop", "edit_mailbox", "export_mails", "fetch_now", "make_need", "map_columns", "open_original", "place", "put_on", "receive",
    "run_all", "start", "switch_mailbox", "take_back", "undo",
]  # fmt: skip
