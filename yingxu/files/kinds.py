"""Which kinds of file we keep, told by their bytes. The name decides nothing; it only has to agree."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid

HEAD = 4_096
ENTRIES, UNPACKED, RATIO = 1_000, 200 * 1_048_576, 100
_MEDIA_TYPE = "[Content_Types].xml"


@dataclass(frozen=True)
class Kind:
    """`mime` is what we answer with; `endings` the names it may have; `inline` whether a browser may show it in the page."""

    mime: str
    endings: tuple[str, ...]
    inline: bool = False


JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jfif"), inline=True)
PNG = Kind("image/png", ("png",), inline=True)
GIF = Kind("image/gif", ("gif",), inline=True)
WEBP = Kind("image/webp", ("webp",), inline=True)
BMP = Kind("image/bmp", ("bmp",))
TIFF = Kind("image/tiff", ("tif", "tiff"))
HEIC = Kind("image/heic", ("heic", "heif"))
PDF = Kind("application/pdf", ("pdf",))
RTF = Kind("application/rtf", ("rtf", "doc"))
OLE = Kind("application/x-ole-storage", ("doc", "xls", "ppt", "wps", "et", "dps", "msg"))
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",))
ODF = Kind("application/vnd.oasis.opendocument", ("odt", "ods", "odp"))
OFD = Kind("application/ofd", ("ofd",))
ZIP = Kind("application/zip", ("zip",))
MP3 = Kind("audio/mpeg", ("mp3",))
M4A = Kind("audio/mp4", ("m4a",))
WAV = Kind("audio/wav", ("wav",))
AMR = Kind("audio/amr", ("amr",))
MP4 = Kind("video/mp4", ("mp4", "m4v"))
MOV = Kind("video/quicktime", ("mov",))
TEXT = Kind("text/plain", ("txt", "csv", "md", "log"))
EML = Kind("application/octet-stream", ("eml",))

KINDS = {k.mime: k for k in (
    JPEG, PNG, GIF, WEBP, BMP, TIFF, HEIC, PDF, RTF, OLE, DOCX, XLSX, PPTX, ODF, OFD, ZIP, MP3, M4A, WAV, AMR, MP4, MOV, TEXT, EML,
)}  # fmt: skip
ENDINGS = tuple(sorted({ending for kind in KINDS.values() for ending in kind.endings}))

_BEGINS = (
    (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"GIF87a", GIF), (b"GIF89a", GIF), (b"II*\0", TIFF), (b"MM\0*", TIFF),
    (b"%PDF-", PDF), (b"{\\rtf", RTF), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE), (b"#!AMR", AMR), (b"ID3", MP3),
    (b"\xff\xfb", MP3), (b"\xff\xf3", MP3), (b"\xff\xf2", MP3),
)  # fmt: skip
_BRANDS = {b"M4A ": M4A, b"M4B ": M4A, b"qt  ": MOV, b"heic": HEIC, b"heix": HEIC, b"mif1": HEIC, b"msf1": HEIC}
_PACKED = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX, "OFD.xml": OFD}
_RUNS = {  # endings that a desktop runs or a browser renders
    "exe", "dll", "com", "scr", "msi", "msp", "cpl", "sys", "pif", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse",
    "mjs", "wsf", "wsh", "hta", "jar", "apk", "app", "dmg", "pkg", "deb", "rpm", "sh", "bash", "py", "pyc", "rb", "pl", "php",
    "jsp", "asp", "aspx", "html", "htm", "xhtml", "shtml", "svg", "svgz", "mht", "mhtml", "xml", "xsl", "swf", "lnk", "url",
    "reg", "inf", "scf", "chm", "iso", "img", "vhd", "docm", "xlsm", "pptm", "dotm", "xltm", "xlam", "ppam", "xlsb",
}  # fmt: skip
_ARCHIVES = {"zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "zst", "cab"}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<?php", b"<iframe", b"<object", b"<embed", b"#!")
_EXECUTABLE = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")


def ending(name: str) -> str:
    """The last ending of a name, lower case, "" when it has none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def recognise(file: IO[bytes], name: str) -> Kind:
    """The kind of these bytes. Raises Invalid with a sentence when we do not keep such files or the name claims otherwise."""
    file.seek(0)
    head = file.read(HEAD)
    said = ending(name)
    if said in _RUNS or _runs(head):
        raise _refusal(_("“%(name)s” is a program, a script or a web page. Such files are not kept."), name)
    kind = _packed(file, name) if head.startswith(b"PK\x03\x04") else _plain(head, said)
    if kind is None and said in TEXT.endings + EML.endings and _readable(file):
        kind = EML if said in EML.endings else TEXT
    if kind is None:
        raise _refusal(_("“%(name)s” is of a kind that is not kept. Send a picture, a PDF, an office document, a recording or text."), name)
    if said not in kind.endings:
        raise _refusal(_("“%(name)s” is not what its name says. Give it its true ending and send it again."), name)
    return kind


def _runs(head: bytes) -> bool:
    """Does it begin like a program, a script or a page? (A recording in AMR begins with #!, too.)"""
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(_EXECUTABLE) or begin.startswith(_MARKUP) and not head.startswith(b"#!AMR\n")


def _plain(head: bytes, said: str) -> Kind | None:
    for begin, kind in _BEGINS:
        if head.startswith(begin):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], MP4)
    if head[:2] == b"BM" and said in BMP.endings and len(head) > 18 and head[6:10] == b"\0\0\0\0":
        return BMP
    return None


def _readable(file: IO[bytes]) -> bool:
    """Is all of it text, in UTF-8 or GB18030?"""
    for encoding in ("utf-8-sig", "gb18030"):
        file.seek(0)
        try:
            text = file.read().decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ch < " " and ch not in "\t\r\n\f\x1b" for ch in text)
    return False


def _packed(file: IO[bytes], name: str) -> Kind:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, UnicodeDecodeError, OSError):
        raise _refusal(_("“%(name)s” is damaged: it cannot be unpacked."), name) from None
    _bomb(entries, name)
    inside = {entry.filename for entry in entries}
    if _MEDIA_TYPE in inside or "OFD.xml" in inside:
        for part, kind in _PACKED.items():
            if part in inside:
                if any(path.rpartition("/")[2].lower() == "vbaproject.bin" for path in inside):
                    raise _refusal(_("“%(name)s” contains macros. Save it without macros and send it again."), name)
                return kind
    if "mimetype" in inside and "content.xml" in inside:
        return ODF
    endings = {ending(path) for path in inside}
    if endings & _RUNS - {"xml"}:
        raise _refusal(_("“%(name)s” contains programs, scripts or web pages. Such files are not kept."), name)
    if endings & _ARCHIVES:
        raise _refusal(_("“%(name)s” contains further archives. Unpack them and send what is inside."), name)
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refusal(_("“%(name)s” is locked with a password, so nobody can check it. Send it without one."), name)
    return ZIP


def _bomb(entries: Iterable[zipfile.ZipInfo], name: str) -> None:
    entries = list(entries)
    packed, unpacked = sum(e.compress_size for e in entries), sum(e.file_size for e in entries)
    if len(entries) > ENTRIES or unpacked > UNPACKED or unpacked > RATIO * max(packed, 1):
        raise _refusal(_("“%(name)s” would unpack to far more than it is: at most 1,000 parts, 200 MB and a hundredfold."), name)


def _refusal(sentence: str, name: str) -> Invalid:
    return Invalid.field("files", sentence % {"name": name[:60]})
