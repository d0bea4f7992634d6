"""What a calendar answers to an invitation (iTIP REPLY, RFC 5546), read without a library: a few lines of a text a stranger may have written."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from yingxu.base import clock

from . import charsets
from .reading import Mail

BYTES, LINES = 100_000, 2_000
_NAMED = re.compile(r"([A-Za-z-]{1,40})((?:;[^:\"]{0,500}(?:\"[^\"]{0,500}\")?){0,20}):(.*)", re.DOTALL)
_STATUS = re.compile(r";PARTSTAT=\"?([A-Za-z-]{1,20})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True)
class Reply:
    """Who says what to which version of which meeting, and when they said it."""

    uid: str
    sequence: int
    stamp: datetime
    address: str
    status: str  # ACCEPTED, DECLINED, TENTATIVE …
    words: str


def reply_in(mail: Mail) -> Reply | None:
    """The answer to an invitation in this mail; None when it holds none that can be read."""
    for part in mail.files:
        if part.mime in ("text/calendar", "application/ics") and (found := _read(charsets.decode(part.content[:BYTES], "utf-8"))):
            return found
    return None


def _read(text: str) -> Reply | None:
    told: dict[str, tuple[str, str]] = {}
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines()[:LINES]:
        if line.upper().startswith("BEGIN:VALARM"):
            break
        if found := _NAMED.match(line[:5_000]):
            told.setdefault(found[1].upper(), (found[2], found[3].strip()))
    said = lambda name: told.get(name, ("", ""))[1]  # noqa: E731
    parameters, who = told.get("ATTENDEE", ("", ""))
    status, stamp = _STATUS.search(parameters), _moment(told.get("DTSTAMP", ("", "")))
    if said("METHOD").upper() != "REPLY" or not said("UID") or status is None or stamp is None:
        return None
    sequence = said("SEQUENCE") or "0"
    words = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], said("COMMENT"))
    return Reply(
        said("UID")[:200], int(sequence) if sequence.isdecimal() and len(sequence) < 9 else 0, stamp,
        re.sub(r"^mailto:", "", who, flags=re.IGNORECASE).strip().lower()[:254], status[1].upper(), words.strip()[:500],
    )  # fmt: skip


def _moment(given: tuple[str, str]) -> datetime | None:
    """20260318T011200Z; without the Z, in the company's time."""
    try:
        found = datetime.strptime(given[1].rstrip("Zz"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    return found.replace(tzinfo=UTC if given[1][-1:] in "zZ" else clock.zone())
