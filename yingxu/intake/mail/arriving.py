"""A mail arrives: kept as it is at once, sorted afterwards. Only what is kept is acknowledged (R1), and it is kept once (R2)."""

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from yingxu.base import clock
from yingxu.base.errors import Refusal
from yingxu.base.web import AWAY

from ..models import Mailbox, Raw, Received
from . import sorting
from .reading import key_of, read

log = logging.getLogger("yingxu.mail")
BIGGEST = 35 * 1_048_576
TRIES = 3
S, R = Received.State, Received.Reason


def take_in(raw: bytes, mailbox: Mailbox, *, at: datetime | None = None, size: int = 0) -> Received:
    """Keep the bytes and a row for them; the same mail again is counted and nothing more. `at` is when it reached the mailbox; a
    `size` beyond what we take means that `raw` is only its beginning."""
    message_id, digest = key_of(raw)
    key = hashlib.sha256(message_id.encode() + b"\0" + digest).digest()
    now = clock.now()
    row = Received(mailbox=mailbox, key=key, message_id=message_id[:255], at=min(at or now, now), size=size or len(raw))
    if row.size > BIGGEST:
        row.state, row.reason = S.QUARANTINE, R.TOO_BIG
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return _again(key, mailbox, row)
        Raw.of(row, raw[:BIGGEST]).save(force_insert=True)
    return row


def _again(key: bytes, mailbox: Mailbox, row: Received) -> Received:
    first = Received.objects.get(key=key, original=None)
    values = {"key": key, "message_id": row.message_id, "at": row.at, "size": row.size, "state": S.DUPLICATE, "subject": first.subject,
              "sender_name": first.sender_name, "sender_hint": first.sender_hint, "nature": first.nature}  # fmt: skip
    found, made = Received.objects.get_or_create(original=first, mailbox=mailbox, defaults=values)
    if not made:
        Received.objects.filter(pk=found.pk).update(times=F("times") + 1)
    return found


def sort(pk: int) -> str:
    """Decide what becomes of a mail that waits; its state afterwards, "" when there was nothing to do or it is tried again later.

    A try is counted before it begins, so that a mail that kills the process is set aside after three, too.
    """
    with transaction.atomic():
        row = _waiting(pk)
        if row is None:
            return ""
        row.tries += 1
        if row.tries > TRIES:
            row.state, row.reason = S.QUARANTINE, R.UNREADABLE
        row.save(update_fields=["tries", "state", "reason"])
    if row.state != S.WAITING:
        return row.state
    try:
        return _settled(pk)
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001  one mail does not stop the others
        if not isinstance(error, Refusal):
            log.exception("mail %s", pk)
        _failed(pk, error)
        return ""


def _settled(pk: int) -> str:
    with transaction.atomic():
        row = _waiting(pk)
        if row is None:
            return ""
        return sorting.settle(row, read(row.raw.body)).state


def _waiting(pk: int) -> Received | None:
    rows = Received.objects.select_for_update(skip_locked=True, of=("self",)).select_related("mailbox")
    return rows.filter(pk=pk, state=S.WAITING).first()


def _failed(pk: int, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"[:300].replace("\x00", "")
    rows = Received.objects.filter(pk=pk, state=S.WAITING)
    rows.update(trouble=words)
    if isinstance(error, Refusal) and error.status == 503:  # no room, no scanner: not the mail's fault
        rows.update(tries=F("tries") - 1)
    rows.filter(tries__gte=TRIES).update(state=S.QUARANTINE, reason=R.UNREADABLE)


def sort_waiting(*, most: int = 500) -> int:
    """Everything that waits, oldest first; returns how many were looked at."""
    waiting: Iterable[int] = list(Received.objects.filter(state=S.WAITING).order_by("id").values_list("pk", flat=True)[:most])
    for pk in waiting:
        sort(pk)
    return len(list(waiting))
