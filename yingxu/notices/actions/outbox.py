"""Putting something into the outbox, and what becomes of it there."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step
from yingxu.base.returning import returning
from yingxu.matters.actions import record
from yingxu.matters.models import Entry, Matter
from yingxu.people.models import User

from .. import addresses, queries
from ..events import DeliveryBounced
from ..models import CHATS, Attempt, Channel, Delivery, Part

PATIENCE = timedelta(hours=48)
_BREAKS = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
CALENDAR = "text/calendar"


@dataclass(frozen=True)
class Paper:
    """A paper made for this mail only (a list of the day); kept files go as they are."""

    name: str
    mime: str
    body: bytes


@step
def send(
    *, channel: str, to: str, key: str, subject: str = "", body: str = "", html: str = "", files: Iterable[Any] = (),
    matter: Matter | None = None, entry: Entry | None = None, calendar: str | None = None, template: str = "",
    params: Mapping[str, Any] | None = None, by: Actor | None = None, user: User | None = None, in_reply_to: str = "",
    references: Iterable[str] = (), automatic: bool = False, urgent: bool = False, not_before: datetime | None = None,
    purpose: str = "", about: Matter | None = None,
) -> Delivery:  # fmt: skip
    """Put one message to one address into the outbox, in the caller's transaction; the worker sends it after the commit.

    The same `key` is the same delivery: the first one is returned and nothing else happens. `channel`: mail, sms, or a robot
    (wecom, dingtalk, feishu; `to` is its number in the settings). SMS take `template` and named `params`; without one, `body` goes
    as the words of the template "customer_update". `files` are kept files (rooms' File) or `Paper`; `calendar` an iCalendar
    text with a METHOD. `in_reply_to` and `references` are Message-IDs of the thread. `automatic` mail says so, that no machine
    answers it. `by` is told when it fails for good; `user` is the colleague it is for: what that person may not see (`matter`) does not
    leave. `purpose` is for what is sent beyond answering what was asked of us (a survey, a greeting): it leaves only while the customer whose
    file is `about` agrees to it, asked at the moment of sending. `not_before` leaves time to `withdraw(key)`. Raises Invalid for an impossible address. When the channel is off the
    delivery is held: visible, and sent when somebody says so.
    """
    if bool(purpose) != (about is not None):
        raise ValueError("a purpose needs the file of the customer it is about, and the other way round")
    found = Delivery.objects.filter(key=key).first()
    if found is not None:
        return found
    to, now = addresses.clean(channel, to), clock.now()
    if channel == Channel.SMS and not template:
        template, params = "customer_update", {"number": matter.number if matter else "", "words": body}
    content = {
        "body": body, "html": html, "template": template, "params": {k: str(v) for k, v in (params or {}).items()},
        "in_reply_to": _line(in_reply_to), "references": [_line(r) for r in references], "automatic": automatic,
    }  # fmt: skip
    made = Delivery(
        channel=channel, key=key, hint=addresses.hint(channel, to), sealed_to=crypto.seal(to, Delivery.SEALED), subject=_line(subject)[:250],
        sealed_content=crypto.seal(json.dumps({k: v for k, v in content.items() if v}, ensure_ascii=False), Delivery.SEALED),
        state=Delivery.State.WAITING if queries.is_on(channel) else Delivery.State.HELD, urgent=urgent, purpose=purpose, about=about, matter=matter, entry=entry, user=user,
        robot_id=int(to) if channel in CHATS else None, caused_by_id=by.user_id if by else None, made_at=now, next_at=max(now, not_before or now),
    )  # fmt: skip
    return _keep(made, files, calendar)


def _keep(made: Delivery, files: Iterable[Any], calendar: str | None) -> Delivery:
    """Saved, unless another transaction was first with this key: then theirs."""
    made.token_hash = crypto.token_hash(made.token) if made.channel == Channel.MAIL else None
    Delivery.objects.bulk_create([made], ignore_conflicts=True)
    kept = Delivery.objects.get(key=made.key)
    if kept.ref == made.ref:
        parts = [_part(kept, file) for file in files]
        if calendar:
            parts.append(Part(delivery=kept, name="invite.ics", mime=CALENDAR, body=calendar.encode()))
        Part.objects.bulk_create(parts)
    return kept


def _part(delivery: Delivery, file: Any) -> Part:
    if isinstance(file, Paper):
        return Part(delivery=delivery, name=_line(file.name)[:120], mime=file.mime, body=file.body)
    return Part(delivery=delivery, name=_line(file.name)[:120], mime=file.mime, stored=Path(file.path).name)


def _line(text: str) -> str:
    """One line: nothing in it can begin another header."""
    return _BREAKS.sub(" ", text).strip()


@step
def withdraw(key: str) -> bool:
    """Take back what has not left yet; says whether it could."""
    rows = Delivery.objects.filter(key=key, state__in=[Delivery.State.WAITING, Delivery.State.HELD])
    return rows.update(state=Delivery.State.CANCELLED) == 1


@step
def bounced(delivery: Delivery, *, words: str, permanent: bool = True) -> Delivery:
    """The other side gave it back (a bounce that came in by mail). A temporary one is only noted: their server goes on trying."""
    row = Delivery.objects.select_for_update(of=("self",)).select_related("matter").get(pk=delivery.pk)
    words, now = _line(words)[:300], clock.now()
    if not permanent:
        Delivery.objects.filter(pk=row.pk, state=Delivery.State.SENT).update(error=words)
        return row
    if row.state != Delivery.State.BOUNCED:
        row.state, row.error = Delivery.State.BOUNCED, words
        row.save(update_fields=["state", "error"])
        Attempt.objects.filter(delivery=row, outcome=Attempt.Outcome.SENT).update(words=words, ended_at=now)
        record(
            DeliveryBounced(delivery=row.pk, channel=row.channel, to=row.hint, why=words), on=row.matter, by=SYSTEM,
            tell=[row.caused_by_id or row.user_id, row.matter.owner_id if row.matter else None],
        )  # fmt: skip
    return row


@returning
def hold_after_restore() -> int:
    """Everything that waits is held: it may have left already before the backup was restored. A person releases or cancels it."""
    open_ = [Delivery.State.WAITING, Delivery.State.SENDING]
    return Delivery.objects.filter(state__in=open_).update(state=Delivery.State.HELD)
