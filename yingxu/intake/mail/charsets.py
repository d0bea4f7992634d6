"""Bytes into text when their label is missing, unknown or a lie; and header words that were damaged on their way (RFC 2047)."""

import base64
import binascii
import codecs
import encodings
import pkgutil
import re
import unicodedata
from encodings.aliases import aliases

from charset_normalizer import from_bytes

LOOKED_AT = 20_000  # bytes a guess is made from
_WIDER = {  # what senders say → the superset they mean
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "936": "gb18030",
    "euc-cn": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "big-5": "big5hkscs", "x-big5": "big5hkscs", "cp950": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932", "iso-2022-jp": "iso2022_jp_ext",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949", "iso-8859-8-i": "iso8859_8",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "ascii", "ansi_x3.4-1968": "ascii", "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8", "utf8mb4": "utf-8", "unicode": "utf-8", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
# what a label may mean: text encodings only, without those that take the square of the length (punycode, idna) or are none of senders'
_CODECS = {m.name for m in pkgutil.iter_modules(encodings.__path__)} - {
    "aliases", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "charmap",
}  # fmt: skip
_ANYTHING = {"cp1252", "ascii", "iso8859-1"}  # labels that say nothing: everything fits them, or nothing above 127 does
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_HALF = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)$")  # cut off before its end
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decode(raw: bytes, said: str = "") -> str:
    """The text of these bytes: as their label says when it can be true, else as they look."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    name = label(said)
    if raw.isascii() and b"\x1b" not in raw and name not in ("utf-7", "hz"):
        return raw.decode("ascii")
    if name != "utf-8" and _is_utf8(raw):
        return raw.decode("utf-8")
    if name and name not in _ANYTHING:
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError, ValueError):
            if name == "utf-8" and _broken_utf8(raw):
                return raw.decode("utf-8", "replace")
    return guess(raw, name)


def label(said: str) -> str:
    """The codec a label means, "" when nobody knows it."""
    name = re.sub(r"[\"'\s]", "", said or "").lower().partition("*")[0]
    name = _WIDER.get(name, name)
    known = re.sub(r"[\W_]+", "_", name, flags=re.ASCII)
    if aliases.get(known, known) not in _CODECS:
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return info.name if getattr(info, "_is_text_encoding", True) else ""


def guess(raw: bytes, said: str = "") -> str:
    """Text of unlabelled bytes: UTF-8, else the East Asian encoding whose common characters they hold, else what statistics say."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = raw[:LOOKED_AT]
    scored = sorted(((_likeness(sample, name), name) for name in ("gb18030", "big5hkscs", "cp932")), reverse=True)
    if scored[0][0] >= 0.8:
        return raw.decode(scored[0][1], "replace")
    if said in _ANYTHING and not _east(sample):
        return raw.decode("cp1252", "replace")
    best = from_bytes(sample).best()
    return raw.decode(best.encoding if best else "cp1252", "replace")


def _is_utf8(raw: bytes) -> bool:
    """Valid UTF-8 with at least two characters of several bytes: no other encoding looks like that by accident."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(raw) - len(text) >= 2 and not any(unicodedata.category(c) in ("Cn", "Co") for c in text[:2_000])


def _broken_utf8(raw: bytes) -> bool:
    """Mostly UTF-8, with a few bytes lost."""
    text = raw.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    return lost * 10 < sum(ch > "\x7f" for ch in text)


def _likeness(raw: bytes, name: str) -> float:
    """Which part of the characters above ASCII are common ones of this encoding; 0 when it cannot be this encoding."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(raw)  # a last character cut in half does not matter
    except UnicodeError:
        return 0.0
    wide = [ch for ch in text if ch > "\x7f"]
    return sum(_common(ch, name) for ch in wide) / len(wide) if wide else 0.0


def _common(ch: str, name: str) -> bool:
    if "\u3001" <= ch <= "\u3011" or "\uff01" <= ch <= "\uff5e" or ch in "“”‘’…—·　":
        return True
    try:
        code = ch.encode("gb2312" if name == "gb18030" else "big5" if name == "big5hkscs" else "cp932")
    except UnicodeError:
        return False
    if name == "gb18030":
        return 0xB0 <= code[0] <= 0xD7
    if name == "big5hkscs":
        return 0xA4 <= code[0] <= 0xC6
    return "\u3041" <= ch <= "\u30fe"  # Japanese without kana is rare


def _east(raw: bytes) -> bool:
    """Do the bytes above 127 come in pairs?"""
    runs = re.findall(rb"[\x80-\xff]+", raw)
    return bool(runs) and sum(len(run) % 2 == 0 for run in runs) > 0.9 * len(runs)


def words(value: str) -> str:
    """A header as people read it: unfolded, encoded words put together (also when a character was cut between two of them), raw
    8-bit bytes guessed, without control characters."""
    text = re.sub(r"\r?\n[ \t]*", " ", _plain(value))
    text = re.sub(r"(\?=)[ \t]+(?==\?)", r"\1", text)
    parts: list[str] = []
    run: list[re.Match] = []
    at = 0
    for match in _WORD.finditer(text):
        if run and not (run[-1].end() == match.start() and _same(run[-1], match)):
            parts.append(_together(run))
            run = []
        parts.append(text[at : match.start()])
        run.append(match)
        at = match.end()
    parts += [_together(run)] if run else []
    rest = text[at:]
    if half := _HALF.search(rest):
        rest = rest[: half.start()] + decode(_bytes(half[2], half[3]), half[1])
    parts.append(rest)
    clean = _CONTROL.sub(" ", "".join(parts)).replace("\r", " ").replace("\n", " ")
    return "".join(ch for ch in clean if not "\ud800" <= ch <= "\udfff").strip()


def _same(one: re.Match, other: re.Match) -> bool:
    return one[1].lower() == other[1].lower() and one[2].lower() == other[2].lower()


def _together(matches: list[re.Match]) -> str:
    return decode(b"".join(_bytes(m[2], m[3]) for m in matches), matches[0][1])


def _bytes(how: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if how in "qQ":
        return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), raw.replace(b"_", b" "))
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    try:
        return base64.b64decode(raw[: len(raw) - (len(raw) % 4 == 1)] + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def _plain(value: str) -> str:
    """What the parser gave, with bytes it could not read guessed."""
    try:
        value.encode("utf-8")
        return value
    except UnicodeEncodeError:
        return decode(value.encode("utf-8", "surrogateescape") if _from_bytes(value) else value.encode("utf-8", "replace"))


def _from_bytes(value: str) -> bool:
    return all(not "\ud800" <= ch <= "\udfff" or "\udc80" <= ch <= "\udcff" for ch in value)
