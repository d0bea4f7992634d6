"""Initials of Chinese words, so that a command is found by typing "xq" for 需求. GB 2312 keeps its common characters in the order
of their pinyin; that is enough for our own commands and needs no dictionary in memory."""

from bisect import bisect_right

_BOUNDS = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"), (0xB9FE, "h"),
    (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"),
    (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, ""),
)  # fmt: skip
_STARTS = [code for code, _letter in _BOUNDS]


def initials(text: str) -> str:
    """登记需求 → djxq; letters and digits stay, everything else is left out."""
    return "".join(_initial(ch) for ch in text.lower())


def _initial(ch: str) -> str:
    if ch.isascii():
        return ch if ch.isalnum() else ""
    try:
        raw = ch.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    at = bisect_right(_STARTS, int.from_bytes(raw, "big")) - 1
    return _BOUNDS[at][1] if at >= 0 else ""
