"""Our own door for mail: LMTP (from the company's mail server) and SMTP. 250 is only said after the commit; without the database, 451.

Bound to this machine unless told otherwise. Takes mail for the addresses of mailboxes only, speaks to nobody else, relays nothing.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.db import close_old_connections
from procrastinate.contrib.django import app

from yingxu.base import room
from yingxu.base.web import AWAY

from ..models import Mailbox, Received
from . import arriving

log = logging.getLogger("yingxu.mail")
AWAY_SAID = "451 4.3.0 Nothing was kept: try again later"
AT_ONCE, RECIPIENTS, SILENCE = 20, 50, 60
OPEN, OPEN_TO_ONE = 60, 20  # conversations at once, and with one other machine; with this one all of them
FULL = b"421 4.3.2 Too many at once: try again later\r\n"
HERE = ("127.0.0.1", "::1")


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
        self.open: Counter[str] = Counter()

    def enter(self, peer: str) -> bool:
        """May another conversation begin?"""
        if self.open.total() >= OPEN or (peer not in HERE and self.open[peer] >= OPEN_TO_ONE):
            return False
        self.open[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self.open[peer] -= 1
        self.open += Counter()  # forgets whom there is nothing to count of

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if room.full():
            return AWAY_SAID
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


class Careful(SMTP):
    """Only so many at once, and a mail in one piece of memory: the library keeps each line by itself, which for empty lines is forty
    times their size, and refuses mails for lines longer than a thousand, which honest programs write."""

    peer = ""

    def connection_made(self, transport: Any) -> None:
        again, peer = self._original_transport is not None, str((transport.get_extra_info("peername") or ("",))[0])
        if not again and not self.event_handler.enter(peer):
            transport.write(FULL)
            transport.close()
            return
        self.peer = peer
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:  # else it was turned away
            self.event_handler.leave(self.peer)
            super().connection_lost(error)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """RFC 5321: only <CRLF>.<CRLF> ends it, so that nobody smuggles a second mail behind a bare line feed."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        kept, told, beginning = bytearray(), 0, True
        while True:
            try:
                piece, whole = await self._reader.readuntil(b"\r\n"), True
            except asyncio.LimitOverrunError as longer:
                piece, whole = await self._reader.read(max(longer.consumed, 1)), False
            if beginning and piece == b".\r\n":
                break
            told += len(piece)
            if told <= arriving.BIGGEST:
                kept += piece[1:] if beginning and piece[:1] == b"." else piece
            else:
                kept.clear()
            beginning = whole
        if told > arriving.BIGGEST:
            answer = "552 5.3.4 Error: Too much mail data"
        else:
            self.envelope.content = self.envelope.original_content = bytes(kept)
            kept.clear()
            answer = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(answer)


class CarefulLMTP(Careful, LMTP):
    """The same with the greeting of LMTP."""


def server_for(door: Door, *, lmtp: bool) -> SMTP:
    kind = CarefulLMTP if lmtp else Careful
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
