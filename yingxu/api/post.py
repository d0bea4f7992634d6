"""What goes out (the outbox) and the mail that came in, to be read: who watches over delivery from elsewhere needs no more. Addresses are
covered, words stay where they are; what belongs to a matter the person may not see is not there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, Field

from yingxu.base.access import RULES
from yingxu.base.errors import Invalid
from yingxu.base.web import Slice
from yingxu.intake.models import Received
from yingxu.intake.queries import mails
from yingxu.notices import queries as notices
from yingxu.notices.models import Channel, Delivery

from . import door
from .answers import Page
from .customers import _size as size_of
from .errors import Malformed
from .paging import page_of
from .showing import local

router = Router(tags=[gettext_noop("Mail and messages")])
_PAGING = {"cursor": gettext_noop("From next or previous"), "size": gettext_noop("Entries a page, at most 200")}
_OUT = {
    "state": ", ".join(Delivery.State.values), "channel": ", ".join(Channel.values), "q": gettext_noop("Register number, subject or name"),
    "sort": "-id, id", **_PAGING,
}  # fmt: skip
_IN = {
    "state": ", ".join(Received.State.values), "mailbox": gettext_noop("Number of the mailbox"), "q": gettext_noop("A whole address, a register number, subject or name"),
    "sort": "-at, at", **_PAGING,
}  # fmt: skip


class Sent(BaseModel):
    id: int
    channel: str
    state: str
    to: str = Field(description=gettext_noop("Name of the colleague or robot, or the address, covered"))
    number: str | None = Field(description=gettext_noop("Register number of what it is about"))
    subject: str
    urgent: bool
    tries: int
    error: str
    receipt: str = Field(description=gettext_noop("What the other side called it"))
    made_at: datetime
    next_at: datetime | None
    sent_at: datetime | None


class SentPage(Page):
    items: list[Sent]


class Mail(BaseModel):
    id: int
    state: str
    nature: str
    reason: str = Field(description=gettext_noop("Why a person has to look at it"))
    mailbox: str
    sender: str
    address: str = Field(description=gettext_noop("Covered"))
    subject: str
    number: str | None = Field(description=gettext_noop("Register number of what it became or belongs to"))
    message_id: str
    original: int | None = Field(description=gettext_noop("The mail this one is a copy of"))
    size: int
    at: datetime


class MailPage(Page):
    items: list[Mail]


def _parameters(listed: dict[str, str]) -> dict[str, Any]:
    return {"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in listed.items()]}


@router.get("/outbox", response=SentPage, summary=gettext_noop("List what goes out, newest first"), openapi_extra=_parameters(_OUT))
def sent(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["notices.outbox"])
    asked = _asked(request, _OUT)
    if asked["state"] not in ("", *Delivery.State.values) or asked["channel"] not in ("", *Channel.values) or asked["sort"] not in ("", "id", "-id"):
        raise Malformed(_("This list has no such filter."), code="filter")
    wish = notices.Wish(state=asked["state"], channel=asked["channel"], text=asked["q"], sort=asked["sort"] or "-id")
    found = _page(lambda: notices.outbox(by, wish, asked["cursor"], size=size_of(asked["size"])))
    return page_of(request, found, [_sent(row) for row in found.rows])


@router.get("/mails", response=MailPage, summary=gettext_noop("List mail that came in, newest first"), openapi_extra=_parameters(_IN))
def received(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["intake.mails"])
    asked = _asked(request, _IN)
    found = _page(lambda: mails.index(by, mails.Wish.of(asked), asked["cursor"], size=size_of(asked["size"])))
    return page_of(request, found, [_mail(row) for row in found.rows])


def _asked(request: HttpRequest, listed: dict[str, str]) -> dict[str, str]:
    unknown = set(request.GET) - set(listed)
    if unknown:
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    return {key: request.GET.get(key, "").strip()[:300] for key in listed}


def _page(ask: Callable[[], Slice]) -> Slice:
    try:
        return ask()
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None


def _sent(row: Delivery) -> dict[str, Any]:
    return {
        "to": notices.whom(row), "number": row.matter.number if row.matter else None, "made_at": local(row.made_at), "sent_at": local(row.sent_at),
        "next_at": local(row.next_at) if row.state == Delivery.State.WAITING else None, "receipt": row.receipt,
        **{name: getattr(row, name) for name in ("id", "channel", "state", "subject", "urgent", "tries", "error")},
    }  # fmt: skip


def _mail(row: Received) -> dict[str, Any]:
    about = row.about or (row.original.about if row.original else None)
    return {
        "mailbox": row.mailbox.name, "sender": row.sender_name, "address": row.sender_hint, "number": about.number if about else None,
        "original": row.original_id, "at": local(row.at),
        **{name: getattr(row, name) for name in ("id", "state", "nature", "reason", "subject", "message_id", "size")},
    }  # fmt: skip
