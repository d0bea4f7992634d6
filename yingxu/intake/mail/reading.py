"""A mail out of raw bytes, whatever they are: nothing here raises for what a stranger sent.

The structure comes from Python's parser with the policy that takes headers as they are; what the newer policy would do to them
(and raise on) is done here: charsets that lie, encoded words cut in half, addresses without an address, dates that are none.
"""

import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.feedparser import BytesFeedParser
from email.message import Message
from email.parser import BytesParser
from typing import Any

from yingxu.base.budget import Budget, Exhausted

from . import bodies, charsets, quotes, tnef

PARTS, DEPTH, HEADERS, HEADER, TEXT = 200, 40, 500, 20_000, 2_000_000
HEAD, LINES, FED, PARAMETERS = 262_144, 1_500_000, 65_536, 4_000  # bytes of all headers; lines; bytes parsed between looks at the clock; a header with parameters
SECONDS, BYTES_A_SECOND = 2.0, 10 * 1_048_576  # of the processor for one mail: two seconds, and one more for every 10 MB
LONG = "time"  # the trouble of a mail that would take longer than one may
_ID = re.compile(r"<([^<>\s]{1,250})>")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]\\]{1,64}@[^\s<>\"'(),;:\[\]\\@]{1,190}")
_REPLY = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|sv|antw|回复|答复|回覆|转发|轉寄|回|转)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+", re.IGNORECASE)
_NUMBER = re.compile(r"\[#\s*(\d{4}-\d{6,})\s*\]")
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_WHOLE = ("message/rfc822", "message/delivery-status")  # parts that are not taken apart
_PACKED = {"application/ms-tnef", "application/vnd.ms-tnef"}
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp", "image/tiff": "tif",
    "application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "message/rfc822": "eml", "application/zip": "zip", "text/calendar": "ics",
    "text/html": "html", "audio/mpeg": "mp3", "audio/amr": "amr", "video/mp4": "mp4", "application/rtf": "rtf", "text/rtf": "rtf",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    name: str
    address: str  # as written; "" when there is none

    @property
    def shown(self) -> str:
        return self.name or self.address


@dataclass(frozen=True)
class Part:
    """A file in a mail. `inline` when the page refers to it."""

    name: str
    mime: str
    content: bytes
    inline: bool = False
    cid: str = ""


@dataclass
class Mail:
    """`text` are all words, `said` what was written now, `quoted` the rest; `html` is as it came. `return_path` is None when the
    mail does not say, "" for the empty one. `trouble` names what could not be read."""

    message_id: str = ""
    references: list[str] = field(default_factory=list)
    subject: str = ""
    sender: Address = Address("", "")
    recipients: list[str] = field(default_factory=list)  # every address it was meant for or delivered to
    return_path: str | None = None
    date: datetime | None = None
    text: str = ""
    said: str = ""
    quoted: str = ""
    html: str = ""
    files: list[Part] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = ""
    report: list[tuple[str, str]] = field(default_factory=list)  # parts of a multipart/report: (mime, text)
    returned: list[tuple[str, str]] = field(default_factory=list)  # headers of the mail a bounce gives back
    trouble: list[str] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The first header of this name, "" when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def title(self) -> str:
        """The subject without Re:, 回复: and our number."""
        return _NUMBER.sub("", _REPLY.sub("", _NUMBER.sub("", self.subject))).strip()

    @property
    def number(self) -> str:
        """The register number in the subject."""
        found = _NUMBER.search(self.subject)
        return found[1] if found else ""


def key_of(raw: bytes) -> tuple[str, bytes]:
    """(normalised Message-ID, digest of what the sender wrote): the same for every copy of a mail, whichever way each came."""
    head, body = _halves(raw)
    fields: dict[str, str] = {}
    for line in re.split(r"\r?\n(?![ \t])", head.decode("latin-1")):
        name, colon, value = line.partition(":")
        if colon and (key := name.strip().lower()) in ("message-id", "from", "date", "subject", "to") and key not in fields:
            fields[key] = " ".join(value.split())
    told = "\n".join(f"{key}:{fields.get(key, '')}" for key in ("message-id", "from", "date", "subject", "to"))
    plain = body.replace(b"\r\n", b"\n").rstrip(b"\n \t\r.")
    return _ids(fields.get("message-id", ""))[0] if _ids(fields.get("message-id", "")) else "", hashlib.sha256(told.encode("latin-1") + b"\0" + plain).digest()


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """Headers and body. Headers without an end are cut where they become too many: the rest counts as body."""
    found = re.compile(rb"\r?\n\r?\n").search(raw, 0, HEAD)
    if found:
        return raw[: found.start()], raw[found.end() :]
    end = raw.rfind(b"\n", 0, HEAD) + 1 or HEAD
    return (raw, b"") if len(raw) <= HEAD else (raw[:end], raw[end:])


def _mended(raw: bytes) -> bytes:
    """Lines that are no header among headers, and spaces before a colon, would end the headers for the parser."""
    head, body = _halves(raw)
    lines = head.split(b"\n")
    fields = [line for line in lines if _FIELD.match(line)]
    names = {line.partition(b":")[0].strip().lower() for line in fields}
    if len(fields) < 2 or not names & {b"from", b"to", b"subject", b"date", b"received", b"message-id"}:
        return raw if len(head) < HEAD // 2 else head[:HEADER] + b"\n\n" + raw[HEADER:]
    kept = [re.sub(rb"^([!-9;-~]+)[ \t]+:", rb"\1:", line) for line in lines if line[:1] in (b" ", b"\t") or _FIELD.match(line)]
    return b"\n".join(kept).rstrip(b"\r\n") + b"\n\n" + body


class _Careful(Message):
    """A part whose headers cannot keep the parser busy: so many, so long, and a look at the clock with each."""

    def __init__(self, policy: email.policy.Policy, budget: Budget) -> None:
        super().__init__(policy)
        self._budget = budget

    def set_raw(self, name: str, value: str) -> None:
        self._budget.spend()
        if len(self._headers) < HEADERS:  # type: ignore[attr-defined]
            super().set_raw(name, value)  # type: ignore[misc]

    def get(self, name: str, failobj: Any = None) -> Any:
        """Everything that takes a header's parameters apart asks here; that takes the square of its length."""
        found = super().get(name, failobj)
        return found[:PARAMETERS] if isinstance(found, str) else found


def read(raw: bytes) -> Mail:
    """The mail in these bytes. `LONG` is among its troubles when it was given up; a person has to look at it then."""
    budget, mail, raw = Budget(SECONDS + len(raw) / BYTES_A_SECOND), Mail(), _mended(raw)
    try:
        message = _parsed(raw, budget)
        _head(mail, message)
        _body(mail, message, budget)
        budget.spend()
    except Exhausted:
        return _given_up(raw)
    except Exception as error:  # noqa: BLE001  thousands of parts in one another, mostly: what is left is read as it stands
        return _given_up(raw, type(error).__name__)
    return mail


def _parsed(raw: bytes, budget: Budget) -> Message:
    """Bit by bit, so that the clock can be looked at. Raises Exhausted also for more lines than we have memory for."""
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > LINES:
        raise Exhausted
    parser = BytesFeedParser(lambda policy: _Careful(policy, budget), policy=email.policy.compat32)  # type: ignore[arg-type]
    for at in range(0, len(raw), FED):
        parser.feed(raw[at : at + FED])
        budget.spend()
    return parser.close()


def _given_up(raw: bytes, why: str = LONG) -> Mail:
    """Its headers, and the beginning of the rest as it stands."""
    mail = Mail(trouble=[why])
    head, body = _halves(raw)
    _head(mail, BytesParser(policy=email.policy.compat32).parsebytes(head, headersonly=True))
    mail.text = mail.said = _tidy(charsets.decode(body[:TEXT]))
    return mail


# ── headers ──


def _head(mail: Mail, message: Message) -> None:
    raw = [(name, str(value)[:HEADER]) for name, value in message.raw_items()][:HEADERS]  # type: ignore[attr-defined]
    mail.headers = [(charsets.words(name), charsets.words(value)) for name, value in raw]
    given: dict[str, list[str]] = {}
    for name, value in raw:
        given.setdefault(name.lower(), []).append(value)
    one = lambda name: given.get(name, [""])[0]  # noqa: E731
    mail.content_type = _type(message)
    mail.message_id = next(iter(_ids(one("message-id"))), "")
    mail.references = list(dict.fromkeys([*_ids(one("in-reply-to")), *reversed(_ids(one("references")))]))[:60]
    mail.subject = charsets.words(one("subject"))[:500]
    senders = addresses(one("from")) or addresses(one("sender")) or addresses(one("reply-to"))
    mail.sender = senders[0] if senders else Address(charsets.words(one("from"))[:120], "")
    for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to", "apparently-to"):
        mail.recipients += [a.address for value in given.get(name, [])[:5] for a in addresses(value)[:100]]
    if "return-path" in given:
        back = one("return-path")
        mail.return_path = next(iter(_ADDRESS.findall(back)), "" if re.fullmatch(r"\s*<?\s*>?\s*", back) else back.strip(" <>"))
    mail.date = _date(one("date"))


def _ids(value: str) -> list[str]:
    """The identifiers in a header, without brackets, the part behind @ in lower case."""
    found = _ID.findall(value) or [one for one in value.split() if "@" in one and len(one) <= 250]
    return [one.rpartition("@")[0] + "@" + one.rpartition("@")[2].lower() if "@" in one else one for one in found]


def addresses(value: str) -> list[Address]:
    """Who is named in a header; names may hold commas, addresses may be missing."""
    value = re.sub(r"\s*\r?\n[ \t]*", " ", value)
    try:
        pairs = email.utils.getaddresses([value])
    except Exception:  # noqa: BLE001  the parser of addresses raises on some of what is sent
        pairs = []
    found = [Address(charsets.words(name).strip(" \"'")[:120], place[0]) for name, address in pairs if (place := _ADDRESS.findall(address))]
    return found or [Address("", address) for address in _ADDRESS.findall(charsets.words(value))]


def _date(value: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if 1970 < found.year < 2200 else None
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def _type(message: Message) -> str:
    try:
        return message.get_content_type()
    except Exception:  # noqa: BLE001
        return "text/plain"


# ── parts ──


def _body(mail: Mail, message: Message, budget: Budget) -> None:
    texts: list[tuple[str, str]] = []
    for count, (part, alternative) in enumerate(_leaves(message, 0, "")):
        if count == PARTS:
            mail.trouble.append("parts")
            break
        budget.spend()
        try:
            _part(mail, part, alternative, texts)
        except Exception as error:  # noqa: BLE001  one damaged part does not take the others with it
            mail.trouble.append(f"{_type(part)}: {type(error).__name__}"[:120])
    plain = "\n".join(text for kind, text in texts if kind == "plain" and text.strip())[:TEXT]
    mail.html = "\n".join(text for kind, text in texts if kind == "html")[:TEXT]
    mail.files = [replace(one, inline=True) if one.cid and f"cid:{one.cid}" in mail.html else one for one in mail.files]
    marked = bodies.text_of(mail.html, budget) if mail.html else ""
    budget.spend()
    mail.text = _tidy(plain if plain.strip() else marked)
    mail.said, mail.quoted = quotes.fold(mail.text if plain.strip() else _tidy(marked))
    mail.text = "\n".join(line for line in mail.text.split("\n") if line.strip() != bodies.CUT).strip()


def _leaves(message: Message, depth: int, kind: str) -> Iterator[tuple[Message, str]]:
    """The parts that hold something, in order, each with the sort of multipart it stands in."""
    inside = message.get_payload() if message.is_multipart() else None
    if isinstance(inside, list) and _type(message) not in _WHOLE and depth < DEPTH:
        for part in inside:
            yield from _leaves(part, depth + 1, _type(message))  # type: ignore[arg-type]
    else:
        yield message, kind


def _part(mail: Mail, part: Message, around: str, texts: list[tuple[str, str]]) -> None:
    mime, name, place = _type(part), _name(part), str(part.get("content-disposition") or "").strip().lower()
    if mime == "message/delivery-status" or around == "multipart/report" and mime in ("message/disposition-notification", "text/rfc822-headers"):
        text = "\n\n".join(_raw(one) for one in part.get_payload() if isinstance(one, Message)) if part.is_multipart() else _decoded(part)
        mail.report.append((mime, text[:TEXT]))
        if mime == "text/rfc822-headers":
            mail.returned = _headers_in(text)
        return
    if mime == "message/rfc822":
        inside = part.get_payload()
        inner = inside[0] if isinstance(inside, list) and inside else None
        if isinstance(inner, Message):
            mail.returned = mail.returned or [(k, charsets.words(str(v)[:HEADER])) for k, v in inner.raw_items()][:HEADERS]  # type: ignore[attr-defined]
            mail.files.append(Part((charsets.words(name) or _subject(inner)) + ("" if name.lower().endswith(".eml") else ".eml"), mime, _bytes(inner)))
        return
    shown = not place.startswith("attachment") and not name
    if mime in ("text/plain", "text/html") and (shown or (place.startswith("inline") and not texts)):
        texts.append(("html" if mime == "text/html" else "plain", _decoded(part)[:TEXT]))
        return
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        return
    if mime.startswith("multipart/"):  # its parts were never found
        text = charsets.decode(content[:TEXT])
        texts.append(("html" if "<html" in text[:TEXT].lower() else "plain", text))
        return
    if mime in _PACKED or name.lower() == "winmail.dat":
        _unpack(mail, content, texts)
        return
    if mime.startswith("text/") and shown and mime not in ("text/calendar", "text/vcard", "text/csv"):
        texts.append(("plain", _decoded(part)[:TEXT]))
        return
    cid = str(part.get("content-id") or "").strip(" <>\r\n\t") if mime.startswith("image/") else ""
    mail.files.append(Part(_called(name, mime, len(mail.files) + 1), mime, content, inline=bool(cid) and not place.startswith("attachment"), cid=cid))


def _unpack(mail: Mail, content: bytes, texts: list[tuple[str, str]]) -> None:
    try:
        plain, html, files = tnef.unpack(content)
    except ValueError as error:
        mail.trouble.append(f"winmail.dat: {error}"[:120])
        mail.files.append(Part("winmail.dat", "application/ms-tnef", content))
        return
    if not any(text.strip() for _kind, text in texts):
        texts += [("plain", plain)] if plain.strip("\x00 \r\n") else [("html", html)] if html else []
    mail.files += [Part(name, "application/octet-stream", body) for name, body in files]


def _decoded(part: Message) -> str:
    """The text of a part, by its charset when that can be true."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return str(part.get_payload() or "")
    said = part.get_param("charset", "")
    said = said[2] if isinstance(said, tuple) else said
    content = content[: TEXT * 2]
    if _type(part) == "text/html" and not said:
        found = re.search(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", content[:4_000], re.IGNORECASE)
        said = found[1].decode("ascii") if found else ""
    return charsets.decode(content, str(said or ""))


def _name(part: Message) -> str:
    given = "; ".join(str(v) for k, v in part.raw_items() if k.lower() in ("content-disposition", "content-type"))[:PARAMETERS]  # type: ignore[attr-defined]
    try:
        name = part.get_filename("") if given.isascii() else ""
    except Exception:  # noqa: BLE001  RFC 2231 done wrong
        name = ""
    if not name and (found := re.search(r"\b(?:file)?name\s*=\s*(?:\"([^\"]{1,300})\"|([^;\"\r\n]{1,300}))", given, re.IGNORECASE)):
        name = (found[1] or found[2]).strip()
    return charsets.words(name or "")


def _called(name: str, mime: str, number: int) -> str:
    """A name with an ending; files without one are called after their sort."""
    ending = _ENDINGS.get(mime, "")
    if not name:
        return f"{number}.{ending}" if ending else f"{number}"
    return name if "." in name.rpartition("/")[2] or not ending else f"{name}.{ending}"


def _subject(message: Message) -> str:
    return re.sub(r"[\\/:*?\"<>|\s]+", " ", charsets.words(next((str(v) for k, v in message.raw_items() if k.lower() == "subject"), ""))).strip()[:80] or "mail"  # type: ignore[attr-defined]


def _bytes(message: Message) -> bytes:
    try:
        return message.as_bytes(policy=email.policy.compat32)
    except Exception:  # noqa: BLE001  what cannot be written again as it was
        return _raw(message).encode("utf-8", "replace")


def _raw(message: Message) -> str:
    head = "\n".join(f"{name}: {charsets.words(str(value))}" for name, value in message.raw_items())  # type: ignore[attr-defined]
    inside = message.get_payload()
    return head + (f"\n\n{inside}" if isinstance(inside, str) and inside.strip() else "")


def _headers_in(text: str) -> list[tuple[str, str]]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text)
    return [(name, charsets.words(value)) for name, colon, value in (line.partition(":") for line in unfolded.splitlines()[:HEADERS]) if colon]


def _tidy(text: str) -> str:
    """Line ends, no control characters and no half characters, no spaces at the ends of lines."""
    text = re.sub(r"\r\n?", "\n", text)
    text = _UNFIT.sub("", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
