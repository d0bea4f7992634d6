"""A delivery as a letter (RFC 5322): text, perhaps HTML, an invitation, papers; found again by its token when it is answered."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from .models import Delivery, MailOut, Part

PRODUCT = "Yingxu"


def letter(row: Delivery, out: MailOut, *, subject: str, body: str, html: str = "", automatic: bool = False) -> EmailMessage:
    """The letter. Sent again, it has the same Message-ID, so that who gets it twice can tell. Raises ValueError rather than let
    anything break out of a header."""
    token, content = row.token, row.content
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(out.from_name, addr_spec=out.from_address)
    mail["To"] = Address(addr_spec=row.to)
    mail["Subject"] = subject
    mail["Date"] = timezone.localtime(row.made_at)
    mail["Message-ID"] = f"<{token}@{out.domain}>"
    mail["Reply-To"] = Address(out.from_name, addr_spec=plus(out.reply_address or out.from_address, token))
    if replied := content.get("in_reply_to", ""):
        mail["In-Reply-To"] = replied
    if threaded := content.get("references", [replied] if replied else []):
        mail["References"] = " ".join(threaded)
    if automatic:
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "auto_reply"
    mail["X-Mailer"] = PRODUCT
    mail.set_content(body or " ", cte="base64" if not body.isascii() else None)
    if html:
        mail.add_alternative(html, subtype="html", cte="base64")
    for part in row.parts.all():
        _add(mail, part)
    return mail


def _add(mail: EmailMessage, part: Part) -> None:
    body = bytes(part.body) if part.body is not None else (Path(settings.FILES_DIR) / part.stored[:2] / part.stored).read_bytes()
    kind, _slash, sub = part.mime.partition(";")[0].strip().partition("/")
    if part.mime == "text/calendar":
        text, method = body.decode(), _method(body.decode())
        # Outlook and phones want the invitation as one reading of the mail; others take it from the paper
        mail.add_alternative(text, subtype="calendar", cte="base64", params={"method": method})
        mail.add_attachment(body, maintype="application", subtype="ics", filename=part.name)
        return
    if kind not in ("application", "audio", "image", "text", "video") or not sub:
        kind, sub = "application", "octet-stream"
    mail.add_attachment(body, maintype=kind, subtype=sub, filename=part.name)


def _method(text: str) -> str:
    for line in text.splitlines():
        if line.upper().startswith("METHOD:"):
            return line[7:].strip().upper()
    return "PUBLISH"


def plus(address: str, token: str) -> str:
    """kefu@example.com → kefu+token@example.com"""
    name, _at, domain = address.rpartition("@")
    return f"{name}+{token}@{domain}"
