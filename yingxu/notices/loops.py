"""The outbox is emptied by the worker: each way in a loop of its own, so that a slow one keeps no other waiting and an emergency leaves
within a second. Any number of workers may run them."""

import logging
import time
from collections.abc import Callable, Mapping

from django.db import close_old_connections

from . import post
from .chat import saying
from .models import Channel
from .sending import send_due
from .sms import handing

log = logging.getLogger("yingxu.notices")
LOOPS: Mapping[str, Callable[[], int]] = {
    "mail": lambda: send_due(Channel.MAIL, post.hand_over),
    "sms": lambda: send_due(Channel.SMS, handing.hand_over),
    "chat": saying.send_due,
}


def run_once() -> int:
    """Send everything that is due; returns how many were tried."""
    return sum(loop() for loop in LOOPS.values())


def run_forever(name: str, stop: Callable[[], bool], *, pause: float = 1.0) -> None:
    """One loop, until told to stop; survives a database restart."""
    while not stop():
        try:
            if LOOPS[name]():
                continue
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("outbox: %s", name)
            time.sleep(2)
        finally:
            close_old_connections()
        time.sleep(pause)
