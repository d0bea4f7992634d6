"""The verbs of a need, one module per step of its life. Everything that writes a need is here."""

from yingxu.matters.actions import Once

from .answer import (
    close,
    complain_about_handling,
    confirm,
    feed_back,
    listen,
    record_visit,
    reject,
    remind,
    reply,
    reschedule_visit,
    tell,
)
from .aside import remind_of_snoozed, snooze, unsnooze
from .batch import register_many
from .dayend import end_day, read_day_list, set_day_end, tell_unread
from .edit import amend, attach, follow, note, tag, unfollow, void
from .export import export
from .handle import (
    accept,
    finish_node,
    hold,
    pass_on,
    plan,
    progress,
    reopen_node,
    resume,
    return_to_triage,
    review,
    send_back,
    submit,
    transfer,
)
from .intakes import Intake, Registered
from .lowering import ask_to_lower
from .management import answer_raise, decide, delegate, export_raises, raise_to_management, withdraw_raise
from .once import done_before
from .register import register
from .relate import follow_up, link, merge, split, unlink, unmerge
from .sending import WINDOW, pass_and_send, release, send_feedback, send_reply, withdraw
from .together import assess, pass_and_tell, register_and_answer, register_and_route
from .triage import answer_now, assign, promote, triage, watch
from .views import delete_view, save_view

__all__ = [
    "Intake", "Once", "Registered", "WINDOW", "accept", "amend", "answer_now", "answer_raise", "ask_to_lower", "assess", "assign", "attach", "close",
    "complain_about_handling", "confirm", "decide", "delegate", "delete_view", "done_before", "end_day", "export_raises", "feed_back",
    "finish_node", "follow", "follow_up", "hold", "link", "listen", "merge", "note", "pass_and_send", "pass_and_tell", "pass_on", "plan", "progress",
    "promote", "raise_to_management", "read_day_list", "record_visit", "register", "register_and_answer", "register_and_route",
    "register_many", "reject", "release", "remind", "remind_of_snoozed", "reopen_node", "reply", "reschedule_visit", "resume", "return_to_triage", "review",
    "save_view", "send_back", "send_feedback", "send_reply", "set_day_end", "snooze", "split", "submit", "tag", "tell", "tell_unread",
    "transfer", "triage", "unfollow", "unlink", "unmerge", "unsnooze", "void", "watch", "withdraw", "withdraw_raise",
]  # fmt: skip
