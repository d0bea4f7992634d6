"""winmail.dat: what Outlook packs for other Outlooks, unpacked into a text and files."""

from tnefparse import TNEF

from . import charsets

MOST = 100


def unpack(raw: bytes) -> tuple[str, str, list[tuple[str, bytes]]]:
    """(text, html, [(name, content)]). Raises ValueError when it is no such thing."""
    try:
        packed = TNEF(raw, do_checksum=False)
        files = [(_name(one), bytes(one.data or b"")) for one in packed.attachments[:MOST]]
        return _words(packed.body), _words(packed.htmlbody), [(name, content) for name, content in files if content]
    except Exception as error:  # noqa: BLE001  a parser of somebody's bytes; whatever it says, they stay packed
        raise ValueError(f"{type(error).__name__}: {error}"[:200]) from None


def _name(one: object) -> str:
    name = one.long_filename() if hasattr(one, "long_filename") else getattr(one, "name", "")
    return _words(name).strip("\x00 ") or "winmail"


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        value = b"".join(value) if all(isinstance(part, bytes) for part in value) else "".join(map(str, value))
    return charsets.decode(value) if isinstance(value, bytes) else str(value or "")
