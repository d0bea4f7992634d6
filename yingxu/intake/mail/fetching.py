"""Mail fetched by IMAP: one conversation a mailbox at a time, each message kept before anything is changed at the server.

`last_uid` moves on in the transaction that keeps the message, so a conversation that breaks off is taken up behind the last one kept.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Thread

from django.db import close_old_connections, connection, connections, transaction
from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from yingxu.base import addresses, clock, room

from ..models import Mailbox, Received
from . import arriving

log = logging.getLogger("yingxu.mail")
CONNECT, READ = 10, 30  # seconds
MOST, LONG = 500, 60.0  # messages and seconds of one turn
HANDS = 32  # conversations at once
BEGINNING = 65_536  # bytes of a message that is too big
LOCK = 0x6D61696C
BROKEN = (IMAPClientError, OSError, EOFError, ValueError)  # how servers and networks fail us; wrong TLS is an OSError


@dataclass
class Turn:
    """One conversation: how many were new, came again, vanished meanwhile, are left; and what went wrong."""

    new: int = 0
    again: int = 0
    gone: int = 0
    left: int = 0
    trouble: str = ""
    busy: bool = False
    well: bool = False  # the conversation came to its end, though something may have been refused


def fetch(mailbox_id: int, *, most: int = MOST, seconds: float = LONG) -> Turn:
    """One turn at a mailbox. `busy` when somebody else is at it."""
    turn = Turn()
    with _alone(mailbox_id) as alone:
        if not alone:
            turn.busy = True
            return turn
        box = Mailbox.objects.filter(pk=mailbox_id, active=True, way=Mailbox.Way.IMAP).first()
        if box is None:
            return turn
        _note(box, tried_at=clock.now())
        if room.full():
            _note(box, trouble=_("The disk of the server is full; mails wait in the mailbox.")[:300])
            return turn
        try:
            _converse(box, turn, most, time.monotonic() + seconds)
            turn.well = True
        except BROKEN as error:
            turn.trouble = turn.trouble or said(error)
        _note(box, trouble=turn.trouble[:300], waiting=turn.left, **({"well_at": clock.now()} if turn.well else {}))
    return turn


@contextmanager
def _alone(mailbox_id: int) -> Iterator[bool]:
    """One poller a mailbox, across all processes; the database lets go when our connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", [LOCK, mailbox_id])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", [LOCK, mailbox_id])


def _note(box: Mailbox, **values: object) -> None:
    for name, value in values.items():
        setattr(box, name, value)
    Mailbox.objects.filter(pk=box.pk).update(**values)


def said(error: BaseException) -> str:
    """What a server or the network answered, in one line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The server's certificate cannot be trusted: %(why)s") % {"why": error.verify_message}
    words = " ".join(str(error).split()) or type(error).__name__
    return words.removeprefix("b'").removesuffix("'")[:280]


def connect(box: Mailbox) -> IMAPClient:
    """Signed in, in the folder's server. TLS is always verified; without it only on this machine."""
    if addresses.metadata(box.host):
        raise OSError(_("This is not the address of a mail server."))
    trusted = ssl.create_default_context()
    client = IMAPClient(
        box.host, port=box.port, ssl=box.security == Mailbox.Security.TLS, ssl_context=trusted if box.security == Mailbox.Security.TLS else None,
        timeout=SocketTimeout(CONNECT, READ),
    )  # fmt: skip
    client.normalise_times = False
    if box.security == Mailbox.Security.STARTTLS:
        client.starttls(trusted)
    client.login(box.username, box.password)
    return client


@contextmanager
def _signed_in(box: Mailbox) -> Iterator[IMAPClient]:
    client = connect(box)
    try:
        yield client
    finally:
        try:
            client.logout()
        except BROKEN:
            client.shutdown()


def _converse(box: Mailbox, turn: Turn, most: int, until: float) -> None:
    with _signed_in(box) as client:
        keep = box.after == Mailbox.After.KEEP
        try:
            about = client.select_folder(box.folder or "INBOX", readonly=keep)
        except client.ReadOnlyError:
            keep, turn.trouble = True, _("The folder may only be read: mails are taken in, but nothing is changed there.")
            about = client.select_folder(box.folder or "INBOX", readonly=True)
        validity = int(about.get(b"UIDVALIDITY") or 0)
        if validity != box.uid_validity:  # the numbers mean other messages now; what we had is known by its content
            _note(box, uid_validity=validity, last_uid=0)
        todo = sorted(uid for uid in client.search(["UID", f"{box.last_uid + 1}:*"]) if uid > box.last_uid)
        turn.left = len(todo)
        _note(box, waiting=turn.left)
        for uid in todo[:most]:
            _one(client, box, uid, turn, keep)
            turn.left -= 1
            if turn.left % 20 == 0:
                _note(box, waiting=turn.left)
            if time.monotonic() > until:
                break


def _one(client: IMAPClient, box: Mailbox, uid: int, turn: Turn, keep: bool) -> None:
    """Fetch, keep, commit; only then change something at the server; then sort."""
    found = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    size = int((found or {}).get(b"RFC822.SIZE") or 0)
    part = f"BODY.PEEK[]<0.{BEGINNING}>" if size > arriving.BIGGEST else "BODY.PEEK[]"
    body = next((v for k, v in client.fetch([uid], [part]).get(uid, {}).items() if k.startswith(b"BODY[]")), None) if found is not None else None
    if body is None:  # somebody deleted or moved it between our questions
        turn.gone += 1
        _advance(box, uid)
        return
    with transaction.atomic():
        row = arriving.take_in(body, box, at=found.get(b"INTERNALDATE"), size=size if size > arriving.BIGGEST else 0)
        _advance(box, uid)
    again = row.state == Received.State.DUPLICATE
    turn.again, turn.new = turn.again + again, turn.new + (not again)
    if not keep and row.reason != Received.Reason.TOO_BIG:
        _put_away(client, box, uid, turn)
    arriving.sort(row.pk)


def _advance(box: Mailbox, uid: int) -> None:
    box.last_uid = uid
    Mailbox.objects.filter(pk=box.pk).update(last_uid=uid)


def _put_away(client: IMAPClient, box: Mailbox, uid: int, turn: Turn) -> None:
    """What to do with a message that is kept here. When the server refuses that, the mail is here all the same."""
    try:
        if box.after == Mailbox.After.SEEN:
            client.add_flags([uid], [b"\\Seen"], silent=True)
        elif box.after == Mailbox.After.MOVE and client.has_capability("MOVE"):
            client.move([uid], box.move_to)
        else:
            if box.after == Mailbox.After.MOVE:
                client.copy([uid], box.move_to)
            client.delete_messages([uid], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge([uid])
    except IMAPClientError as error:
        if "closed" in str(error).lower() or "eof" in str(error).lower():
            raise
        turn.trouble = _("Taken in, but the server refused what comes after: %(why)s") % {"why": said(error)}


def due() -> list[int]:
    """Mailboxes whose time has come."""
    now = clock.now()
    return [box.pk for box in Mailbox.objects.filter(active=True, way=Mailbox.Way.IMAP).order_by("id") if _ripe(box, now)]


def _ripe(box: Mailbox, now: datetime) -> bool:
    """Never asked, told to look now, time over; or a backlog that went well so far. A last time in the future is a clock set back."""
    if box.tried_at is None or box.tried_at > now or (box.waiting and box.well_at and box.well_at >= box.tried_at):
        return True
    return (now - box.tried_at).total_seconds() >= box.every_minutes * 60 - 5


# ── in the worker ──


def run_forever(stop: Callable[[], bool], *, pause: float = 2.0) -> None:
    """Until told to stop: a hand of its own for every mailbox whose time has come, so that a server that hangs keeps nobody waiting.
    Any number of workers may do this; each mailbox has one poller all the same."""
    hands: dict[int, Thread] = {}
    while not stop():
        try:
            reach(hands)
        except Exception:  # noqa: BLE001  the database may be away; we come back
            log.exception("mailboxes")
        finally:
            close_old_connections()
        time.sleep(pause)


def reach(hands: dict[int, Thread]) -> None:
    """Begin what is due and not yet under way."""
    for pk in [pk for pk, hand in hands.items() if not hand.is_alive()]:
        del hands[pk]
    for pk in due():
        if pk not in hands and len(hands) < HANDS:
            hands[pk] = Thread(target=_hand, args=(pk,), name=f"mailbox {pk}", daemon=True)
            hands[pk].start()


def _hand(mailbox_id: int) -> None:
    try:
        fetch(mailbox_id)
    except Exception:  # noqa: BLE001  one mailbox does not stop the others
        log.exception("mailbox %s", mailbox_id)
    finally:
        connections.close_all()
