"""Our own door for mail: LMTP (from the company's mail server) and SMTP. 250 is only said after the commit; without the database, 451.

Bound to this machine unless told otherwise. Takes mail for the addresses of mailboxes only, speaks to nobody else, relays nothing.
"""

import asyncio
import contextlib
import logging
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections
from procrastinate.contrib.django import app

from yingxu.base.web import AWAY

from ..models import Mailbox, Received
from . import arriving

log = logging.getLogger("yingxu.mail")
AWAY_SAID = "451 4.3.0 Nothing was kept: try again later"
AT_ONCE, RECIPIENTS, SILENCE = 20, 50, 60


def mailbox_of(address: str) -> Mailbox | None:
    """Whose address this is; what follows a plus in it is ours."""
    name, _at, host = address.strip().lower().rpartition("@")
    plain = f"{name.partition('+')[0]}@{host}"
    for box in Mailbox.objects.filter(active=True):
        if {address.strip().lower(), plain} & {one.lower() for one in box.addresses}:
            return box
    return None


class Door:
    """What is said to whoever delivers."""

    def __init__(self, *, each: bool) -> None:
        self.each = each  # LMTP wants an answer for every recipient
        self.slots = asyncio.Semaphore(AT_ONCE)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            box = await asyncio.to_thread(_apart, mailbox_of, address)
        except AWAY:
            return AWAY_SAID
        if box is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        async with self.slots:
            try:
                await asyncio.to_thread(_apart, _keep, _traced(envelope), list(envelope.rcpt_tos))
                answer = "250 2.0.0 Kept"
            except AWAY:
                answer = AWAY_SAID
            except Exception:  # noqa: BLE001  not kept is not acknowledged, whatever the cause
                log.exception("mail delivered to us")
                answer = AWAY_SAID
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self.each else 1))

    async def handle_exception(self, error: Exception) -> str:
        log.error("listener: %s", error)
        return AWAY_SAID


def _apart(act: Any, *args: Any) -> Any:
    """In a thread of the pool, whose connection to the database may have died since."""
    close_old_connections()
    try:
        return act(*args)
    finally:
        close_old_connections()


def _traced(envelope: Envelope) -> bytes:
    """The mail with what only the envelope knows: the return path, and whom it was for."""
    raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode("utf-8", "surrogateescape")
    lines = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {one}" for one in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines if line.isascii() and "\n" not in line).encode() + raw


def _keep(raw: bytes, recipients: list[str]) -> None:
    from django.db import transaction

    boxes = {box.pk: box for box in map(mailbox_of, recipients) if box}
    if not boxes:
        raise LookupError("no mailbox")
    with transaction.atomic():
        for box in boxes.values():
            row = arriving.take_in(raw, box)
            if row.state == Received.State.WAITING:
                app.configure_task("intake.sort_mail", queue="mail").defer(received_id=row.pk)


def server_for(door: Door, *, lmtp: bool) -> SMTP:
    kind = LMTP if lmtp else SMTP
    return kind(
        door, data_size_limit=arriving.BIGGEST, enable_SMTPUTF8=True, timeout=SILENCE, ident="Yingxu", hostname="yingxu", command_call_limit={"*": 200}
    )


async def listen(host: str, *, lmtp: int = 0, smtp: int = 0) -> list[asyncio.Server]:
    """Open the ports (0: not this one; the answer says which port an open one got)."""
    loop, servers = asyncio.get_running_loop(), []
    for port, is_lmtp in ((lmtp, True), (smtp, False)):
        if port:
            door = Door(each=is_lmtp)
            servers.append(await loop.create_server(lambda door=door, is_lmtp=is_lmtp: server_for(door, lmtp=is_lmtp), host, max(port, 0)))
    return servers


async def forever(host: str, *, lmtp: int = 0, smtp: int = 0) -> None:
    """Until cancelled."""
    servers = await listen(host, lmtp=lmtp, smtp=smtp)
    async with contextlib.AsyncExitStack() as stack:
        for server in servers:
            await stack.enter_async_context(server)
        await asyncio.gather(*(server.serve_forever() for server in servers))
