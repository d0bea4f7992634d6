"""One's own notices; how people want to be told; what leaves the house, and by which ways."""

from .channels import (
    address,
    common,
    is_on,
    mail_out,
    outlet,
    robot,
    robots,
    sms_code,
    sms_out,
    sms_templates,
    ways_out,
)
from .inbox import Line, bell_mark, find, inbox, latest, line, page, unread, unread_by_kind, visible_to
from .outbox import (
    MAY_USE,
    Wish,
    attempts_of,
    body_of,
    deliveries_of,
    delivery,
    health,
    outbox,
    outbox_visible_to,
    parts_for,
    shown,
    table,
    thread,
    unattended,
    whom,
    why_it_stays,
    withholds,
)
from .ways import actor_of, ways_of

__all__ = [
    "bell_mark",
    "Line", "MAY_USE", "Wish", "actor_of", "address", "attempts_of", "body_of", "common", "deliveries_of", "delivery", "find", "health", "inbox", "is_on",
    "latest", "line", "mail_out", "outbox", "outlet", "outbox_visible_to", "page", "parts_for", "robot", "robots", "shown", "sms_code", "sms_out", "sms_templates",
    "table", "thread", "unattended", "unread", "unread_by_kind", "visible_to", "ways_of", "ways_out", "whom", "why_it_stays", "withholds",
]  # fmt: skip
