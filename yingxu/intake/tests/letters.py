"""Mails for tests, as senders would write them."""

import os
from email.message import EmailMessage
from pathlib import Path

SHARED = Path(os.environ.get("YINGXU_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "mails"
US = "service@yingxu.example"
JI = "jitang@mail.example"


def letter(
    text: str = "想问一下续当要带什么。", *, subject: str = "续当咨询", sender: str = f"季棠 <{JI}>", to: str = US, message_id: str = "<1@mail.example>",
    html: str = "", files: tuple = (), **headers: str,
) -> bytes:  # fmt: skip
    """Raw bytes of a mail; keywords are further headers, with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Wed, 18 Mar 2026 09:12:00 +0800"
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, mime, content in files:
        main, _slash, sub = mime.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def shared(*patterns: str) -> list[Path]:
    """The real mails; none when they are not on this machine."""
    return sorted(path for pattern in patterns for path in SHARED.glob(pattern) if path.is_file())
