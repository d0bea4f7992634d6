"""Register numbers and amounts in words."""

import re
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


def register_number(year: int, serial: int, prefix: str = "") -> str:
    """2026-000123, or KH-2026-000123 with a prefix."""
    return f"{prefix + '-' if prefix else ''}{year}-{serial:06d}"


def spoken_amount(amount: Decimal) -> str:
    """A sum of money in formal Chinese numerals, 420000 → 肆拾贰万元整. Rounds to fen. Source: 正确填写票据和结算凭证的基本规定."""
    fen_total = int((abs(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    yuan, jiao, fen = fen_total // 100, fen_total // 10 % 10, fen_total % 10
    words = ("负" if amount < 0 and fen_total else "") + (_spoken_integer(yuan) + "元" if yuan or not fen_total else "")
    if not jiao and not fen:
        return words + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif yuan:
        words += "零"
    return words + (_DIGITS[fen] + "分" if fen else "整")


def _spoken_integer(value: int) -> str:
    if value == 0:
        return _DIGITS[0]
    groups = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    words, zero = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            zero = bool(words)
            continue
        if words and (zero or group < 1_000):
            words += _DIGITS[0]
        words += _spoken_group(group) + _GROUPS[index]
        zero = False
    return words


def _spoken_group(group: int) -> str:
    words, zero = "", False
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit:
            words += (_DIGITS[0] if zero else "") + _DIGITS[digit] + _UNITS[power]
            zero = False
        else:
            zero = bool(words)
    return words


_MOBILE = re.compile(r"1[3-9]\d{9}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")


def mobile(text: str) -> str:
    """A mobile number as it is kept: eleven digits here, +country… elsewhere; "" for what is none."""
    number = re.sub(r"[\s()\-‑–]", "", text)
    number = re.sub(r"^(\+86|0086)", "", number)
    return number if _MOBILE.fullmatch(number) or _FOREIGN.fullmatch(number) else ""
