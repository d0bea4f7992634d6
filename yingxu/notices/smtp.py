"""One letter to the company's mail server: encrypted unless it runs on this machine, never longer than a minute, and an answer
that says whether to try again."""

import ipaddress
import re
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage

from django.utils.translation import gettext as _

from yingxu.base import addresses

from .models import Attempt, MailOut
from .sending import Result

SECONDS = 20.0  # for one answer
DEADLINE = 60.0  # for all of it; below sending.LEASE
_DOT = re.compile(rb"^\.", re.M)
Outcome = Attempt.Outcome


class NotEncrypted(Exception):
    """The server offers no encryption."""


def transmit(out: MailOut, mail: EmailMessage, to: str) -> Result:
    """Hand it over. Whatever goes wrong before the server has the address is about the server and may pass; 5xx to the address or
    the letter is final; a connection that ends before the last answer leaves it open whether the letter arrived."""
    if out.security == MailOut.Security.NONE and not is_here(out.host):
        return Result(Outcome.LATER, _("Without encryption only a mail server on this machine is used."))
    if addresses.metadata(out.host):
        return Result(Outcome.LATER, _("This is not the address of a mail server."))
    server = _server(out)
    watch = threading.Timer(DEADLINE, _cut, (server,))
    watch.start()
    try:
        _greet(server, out)
        return _hand_over(server, out.from_address, to, mail.as_bytes())
    except NotEncrypted:
        return Result(Outcome.LATER, _("The mail server offers no encryption (STARTTLS); nothing was sent."))
    except smtplib.SMTPAuthenticationError as refusal:
        said = _said(refusal.smtp_code, refusal.smtp_error)
        return Result(Outcome.LATER, _("The mail server does not accept our name and password: %(said)s") % {"said": said})
    except (OSError, smtplib.SMTPException) as trouble:
        return Result(Outcome.LATER, _("The mail server cannot be reached: %(why)s") % {"why": _trouble(trouble)})
    finally:
        watch.cancel()
        _leave(server)


def _server(out: MailOut) -> smtplib.SMTP:
    if out.security == MailOut.Security.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=out.domain, timeout=SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(local_hostname=out.domain, timeout=SECONDS)
    server._host = out.host  # type: ignore[attr-defined]  # the name the certificate must have; connect() does not set it
    return server


def _greet(server: smtplib.SMTP, out: MailOut) -> None:
    code, said = server.connect(out.host, out.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, said)
    server.ehlo_or_helo_if_needed()
    if out.security == MailOut.Security.STARTTLS:
        if not server.has_extn("starttls"):
            raise NotEncrypted
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if out.username:
        server.login(out.username, out.password)


def _hand_over(server: smtplib.SMTP, sender: str, to: str, content: bytes) -> Result:
    try:
        for code, said in (server.mail(sender, [f"size={len(content)}"] if server.has_extn("size") else []), server.rcpt(to)):
            if code not in (250, 251):
                return _judged(code, said)
        code, said = server.docmd("DATA")
        if code != 354:
            return _judged(code, said)
    except (OSError, smtplib.SMTPException) as trouble:
        return Result(Outcome.LATER, _("The mail server broke off: %(why)s") % {"why": _trouble(trouble)})
    try:
        server.send(_dotted(content))
        code, said = server.getreply()
    except (OSError, smtplib.SMTPException) as trouble:
        return Result(Outcome.LOST, _("The mail server broke off after it had the letter: %(why)s") % {"why": _trouble(trouble)})
    return Result(Outcome.SENT, provider_id=_said(code, said)) if code == 250 else _judged(code, said)


def _judged(code: int, said: bytes | str) -> Result:
    words = _said(code, said)
    if 500 <= code < 600:
        return Result(Outcome.REFUSED, words)
    return Result(Outcome.LATER, words if code > 0 else _("The mail server broke off: %(why)s") % {"why": words})


def _dotted(content: bytes) -> bytes:
    """As it goes over the line: CRLF, dots at the beginning of a line doubled, a dot at the end."""
    text = _DOT.sub(b"..", content)
    return text + (b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n")


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:250]


def _trouble(trouble: Exception) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _said(trouble.smtp_code, trouble.smtp_error)
    if isinstance(trouble, ssl.SSLError):
        return _("its certificate is not valid or it speaks no TLS (%(why)s)") % {"why": trouble.reason or type(trouble).__name__}
    if isinstance(trouble, TimeoutError):
        return _("it did not answer in time")
    if isinstance(trouble, socket.gaierror):
        return _("its name is unknown")
    if isinstance(trouble, ConnectionRefusedError):
        return _("nobody answers at this port")
    return str(trouble)[:200] or type(trouble).__name__


def _cut(server: smtplib.SMTP) -> None:
    """End a conversation that drips: every waiting call in it fails at once."""
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _leave(server: smtplib.SMTP) -> None:
    try:
        if server.sock is not None:
            server.sock.settimeout(2)
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def is_here(host: str) -> bool:
    """Is this the machine we run on?"""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
