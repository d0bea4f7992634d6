"""How phones, mail addresses and ID numbers are read, checked and covered. Pure: no tables.

Every value has one canonical form, so that one person typing "+86 139-0000-2046" and another "13900002046" mean the same:
phones in the form of E.164 (+8613900002046; short service numbers and 400 numbers as they are), mail addresses and WeChat
names in lower case, ID numbers in capitals.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.errors import Invalid

CONTEXT = "customers.identifier"
_PROVINCES = set(re.findall("..", "1112131415212223313233343536374142434445465051525354616263646571818283"))
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(10|2\d|[3-9]\d{2})([2-9]\d{6,7})")
_SERVICE = re.compile(r"[48]00\d{7}|(?:1[02]\d{3}|1[12]\d|9[56]\d{3,6})")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|,|;|#)\s*(\d{1,6})$")
_MAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True)
class Given:
    """A checked value: its type, canonical form, and a warning that does not stop it ("" when there is none)."""

    type: str
    value: str
    warning: str = ""

    @cached_property
    def masked(self) -> str:
        return mask(self.type, self.value)

    @property
    def shown(self) -> str:
        return show(self.type, self.value)

    @cached_property
    def sealed(self) -> str:
        return crypto.seal(self.value, CONTEXT)

    @cached_property
    def fingerprint(self) -> bytes:
        return crypto.fingerprint(self.value, f"{CONTEXT}.{self.type}")

    @property
    def tail(self) -> bytes | None:
        """A hash of a phone's last four digits; other types are only found whole."""
        return tail(self.value) if self.type == "phone" else None


def tail(digits: str) -> bytes:
    """The hash of the last four digits of a phone number."""
    return crypto.fingerprint(re.sub(r"\D", "", digits.partition(",")[0])[-4:], f"{CONTEXT}.tail")


def unseal(sealed: str) -> str:
    """The canonical value again."""
    return crypto.unseal(sealed, CONTEXT)


def read(type: str, text: str, *, name: str = "") -> Given:
    """What was typed, checked. Raises Invalid naming the field (`name`, default the type) with a sentence."""
    try:
        return _phone_read(str(text or "")) if type == "phone" else READERS[type](_plain(text))
    except KeyError:
        raise Invalid.field(name or type, _("Unknown kind of identifier: %(type)s.") % {"type": type}) from None
    except _Wrong as wrong:
        raise Invalid.field(name or type, wrong.args[0]) from None


@lru_cache(maxsize=1_024)
def _phone_read(text: str) -> Given:
    """A batch asks for each number twice: whether it can be one, and whose it is."""
    return _phone(_plain(text))


def guess(text: str) -> list[Given]:
    """Every identifier this text could be, whole. Empty while it is being typed."""
    found = []
    for type in ("phone", "email", "credit_code", "resident_id", "bank"):
        try:
            given = READERS[type](_plain(text))
        except _Wrong:
            continue
        if type != "bank" or (len(given.value) >= 15 and not given.warning):
            found.append(given)
    return found


class _Wrong(ValueError):
    pass


def _plain(text: str) -> str:
    """NFKC (full width to half width), no invisible characters, one kind of dash, no outer space."""
    text = unicodedata.normalize("NFKC", str(text or ""))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc"))
    return re.sub(r"[\u2010-\u2015\u2212](?=\d)", "-", text).strip()


# ── phone ──


def _phone(text: str) -> Given:
    text = re.sub(r"^(?:tel:|电话[::]?|手机[::]?)\s*", "", text, flags=re.IGNORECASE)
    text, extension = _extension(text)
    if re.search(r"[^\d\s+().\-/]", text):
        raise _Wrong(_("A phone number has digits only, at most with +, spaces and dashes."))
    international = re.match(r"\s*(?:\+|00)", text) is not None
    digits = re.sub(r"\(0\)|\D", "", text)
    if international:
        digits = digits.removeprefix("00") if not text.lstrip().startswith("+") else digits
        if digits.startswith("86"):
            return Given("phone", _mainland(digits[2:].removeprefix("0"), extension))
        if not re.fullmatch(r"[1-9]\d{6,14}", digits):
            raise _Wrong(_("After + comes the country code and the number, 7 to 15 digits together."))
        return Given("phone", f"+{digits}{extension}")
    if len(digits) == 13 and digits.startswith("86") and _MOBILE.fullmatch(digits[2:]):
        digits = digits[2:]
    if _SERVICE.fullmatch(digits):
        return Given("phone", digits + extension)
    if not digits.startswith(("0", "1")):
        raise _Wrong(_("Landlines need their area code (010-6555 1234), foreign numbers a + and the country code."))
    return Given("phone", _mainland(digits.removeprefix("0"), extension))


def _extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text) or re.search(r"(?<=\d{7})-(\d{1,6})$", text)
    return (text[: found.start()], f",{found.group(1)}") if found else (text, "")


def _mainland(digits: str, extension: str) -> str:
    if _MOBILE.fullmatch(digits) or _landline(digits):
        return f"+86{digits}{extension}"
    if digits.startswith("1") and not digits.startswith("10"):
        raise _Wrong(_("A mobile number has 11 digits and begins with 13 to 19; this has %(n)s.") % {"n": len(digits)})
    raise _Wrong(_("This is not a mobile number, nor a landline with its area code (010-6555 1234)."))


def _landline(digits: str) -> re.Match | None:
    found = _LANDLINE.fullmatch(digits)
    return found if found and (len(found.group(1)) == 3 or len(found.group(2)) == 8) else None


# ── the others ──


def _email(text: str) -> Given:
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE).strip("<> ")
    name, at, host = text.rpartition("@")
    try:
        host = host.rstrip(".").encode("idna").decode() if at else host
    except UnicodeError:
        raise _Wrong(_("The part after @ is not a name on the internet.")) from None
    value = f"{name}{at}{host}".lower()
    if len(value) > 254 or ".." in value or value.startswith(".") or ".@" in value or not _MAIL.fullmatch(value):
        raise _Wrong(_("This is not an e-mail address."))
    return Given("email", value)


def _resident_id(text: str) -> Given:
    """GB 11643: six digits of place, birthday, three of order, a check character (ISO 7064 MOD 11-2); 15 digits before 1999.

    The county is not checked against a register: codes are given where people first register, which may be long after birth, and
    the check character already finds every single mistyped digit.
    """
    value = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"\d{17}[\dX]|\d{15}", value):
        raise _Wrong(_("A resident ID number has 18 characters: 17 digits and a digit or X (old ones 15 digits)."))
    if value[:2] not in _PROVINCES:
        raise _Wrong(_("The first two digits name no province."))
    born = value[6:14] if len(value) == 18 else "19" + value[6:12]
    try:
        day = date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        raise _Wrong(_("The birthday in it does not exist.")) from None
    if not date(1880, 1, 1) <= day <= clock.today():
        raise _Wrong(_("The birthday in it does not exist."))
    if len(value) == 15:
        return Given("resident_id", value, _("This is an old number with 15 digits; ask for the new one."))
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(value[:17]))
    if "10X98765432"[total % 11] != value[17]:
        raise _Wrong(_("The last character does not fit: one of them is mistyped."))
    return Given("resident_id", value)


def _credit_code(text: str) -> Given:
    """GB 32100: 18 characters without I O S V Z; the last one checks the others (MOD 31)."""
    value = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(rf"[1-9A-NPQRTUWXY][1-59]\d{{6}}[{_CREDIT}]{{10}}", value):
        raise _Wrong(_("A unified social credit code has 18 digits and letters, without I, O, S, V and Z."))
    total = sum(_CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    if _CREDIT[-total % 31] != value[17]:
        raise _Wrong(_("The last character does not fit: one of them is mistyped."))
    return Given("credit_code", value)


def _bank(text: str) -> Given:
    value = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{8,32}", value):
        raise _Wrong(_("A bank account has 8 to 32 digits."))
    fits = sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(value))) % 10 == 0
    doubt = "" if fits else _("The check digit does not fit a bank card; corporate accounts have none. Look again.")
    return Given("bank", value, doubt)


def _wechat(text: str) -> Given:
    value = text.lstrip("@").lower()
    if not re.fullmatch(r"[a-z0-9_-]{5,40}", value):
        raise _Wrong(_("A WeChat name has 5 or more letters, digits, dashes and underscores."))
    return Given("wechat", value)


def _code(text: str) -> Given:
    value = " ".join(text.split())
    if not 1 <= len(value) <= 60:
        raise _Wrong(_("A customer code has 1 to 60 characters."))
    return Given("code", value)


READERS: dict[str, Callable[[str], Given]] = {
    "phone": _phone, "email": _email, "wechat": _wechat, "resident_id": _resident_id, "credit_code": _credit_code,
    "bank": _bank, "code": _code,
}  # fmt: skip


# ── shown and covered ──


def show(type: str, value: str) -> str:
    """The value as people write it: 139 0000 2046, 010-6555 1234 转 8001, 6222 0000 0000 0000 118."""
    if type == "phone":
        return _show_phone(value)
    if type == "bank":
        return " ".join(value[i : i + 4] for i in range(0, len(value), 4))
    return value


def _show_phone(value: str) -> str:
    number, _comma, extension = value.partition(",")
    after = _(" ext. %(n)s") % {"n": extension} if extension else ""
    local = number.removeprefix("+86")
    if _MOBILE.fullmatch(local):
        return f"{local[:3]} {local[3:7]} {local[7:]}{after}"
    if number.startswith("+86") and (found := _landline(local)):
        return f"0{found.group(1)}-{found.group(2)[:-4]} {found.group(2)[-4:]}{after}"
    if len(number) == 10 and number[0] in "48":
        return f"{number[:3]}-{number[3:6]}-{number[6:]}{after}"
    return number + after


def mask(type: str, value: str) -> str:
    """The value with its middle covered, at most 60 characters; what remains does not identify anybody by itself."""
    if type == "phone":
        return _mask_phone(value)
    if type == "email":
        name, _at, host = value.rpartition("@")
        return f"{name[:1]}***@{host}"[:60]
    if type == "bank":
        return f"{value[:4]} **** **** {value[-3:]}" if len(value) > 11 else f"**** {value[-3:]}"
    if type in ("resident_id", "credit_code"):
        return f"{value[:2]}** **** **** **{value[-2:]}" if len(value) == 18 else f"{value[:2]}** **** ***{value[-2:]}"
    if type == "code":
        return value
    return f"{value[:1]}***{value[-1:]}"


def _mask_phone(value: str) -> str:
    number = value.partition(",")[0]
    local = number.removeprefix("+86")
    if _MOBILE.fullmatch(local):
        return f"{local[:3]} **** {local[-4:]}"
    if number.startswith("+86") and (found := _landline(local)):
        return f"0{found.group(1)}-**** {local[-4:]}"
    if len(number) < 9:
        return number  # a public service number
    return f"{number[:4]} **** {number[-4:]}" if number.startswith("+") else f"{number[:3]}-***-{number[-4:]}"


# ── names ──

_ORGANISATION = re.compile(
    r"(公司|集团|商行|商店|银行|信用社|合作社|工厂|厂|中心|协会|学会|联合会|基金会|委员会|事务所|工作室|学校|大学|学院|幼儿园|医院|诊所|酒店|饭店|"
    r"研究院|研究所|管理局|派出所|分局|支行|分行|部队|村委会|居委会|物业|超市|门市部|经营部|服务部)$|\b(inc|ltd|llc|gmbh|corp|co)\.?$",
    re.IGNORECASE,
)
_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团公司|分公司|公司|集团|\(个体工商户\)|个体工商户)")


def organisation(name: str) -> bool:
    """Does this name read like that of an organisation?"""
    return bool(_ORGANISATION.search(_plain(name).removesuffix("(个体工商户)").strip()))


def core(name: str) -> str:
    """A name without its legal form, spaces, brackets and case, for comparing."""
    return re.sub(r"[\W_]+", "", _FORM.sub("", _plain(name).lower())) or re.sub(r"\s+", "", _plain(name).lower())


def alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: shared pairs of neighbouring characters of their cores (Dice)."""
    a, b = core(one), core(other)
    if a == b:
        return 1.0
    first, second = [a[i : i + 2] for i in range(len(a) - 1)], [b[i : i + 2] for i in range(len(b) - 1)]
    if not first or not second:
        return 0.0
    shared = sum(min(first.count(pair), second.count(pair)) for pair in set(first))
    return 2 * shared / (len(first) + len(second))
