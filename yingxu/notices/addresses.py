"""Where something is sent to: what an address must look like, and how a page shows it without giving it away."""

import re
from email.headerregistry import Address

from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid

from .models import CHATS, Channel

LONGEST_MAIL = 254
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean(channel: str, to: str) -> str:
    """The address as it is kept. Raises Invalid for what can be no address, and for anything that would break out of a header."""
    if _CONTROL.search(to):
        raise Invalid.field("to", _("An address cannot contain line breaks or control characters."))
    to = to.strip()
    if channel == Channel.MAIL:
        return _mail(to)
    if channel == Channel.SMS:
        return mobile(to)
    if channel in CHATS and not to.isdigit():
        raise Invalid.field("to", _("A robot is addressed by its number in the settings."))
    return to


def _mail(to: str) -> str:
    try:
        found = Address(addr_spec=to)
    except (ValueError, IndexError):
        raise Invalid.field("to", _("“%(to)s” is no mail address.") % {"to": to[:80]}) from None
    if not found.username or "." not in found.domain or len(to) > LONGEST_MAIL:
        raise Invalid.field("to", _("“%(to)s” is no mail address.") % {"to": to[:80]})
    return f"{found.username}@{found.domain.lower()}" if not found.username.startswith('"') else to


def mobile(to: str) -> str:
    """A mobile number: eleven digits here, +country… elsewhere. Raises Invalid."""
    number = re.sub(r"[\s()\-‑–]", "", to)
    number = re.sub(r"^(\+86|0086)", "", number)
    if not _MOBILE.fullmatch(number) and not _FOREIGN.fullmatch(number):
        raise Invalid.field("to", _("“%(to)s” is no mobile number.") % {"to": to[:40]})
    return number


def hint(channel: str, to: str) -> str:
    """The address as a page may show it: a***@example.com, 138****5678."""
    if channel == Channel.MAIL:
        name, _at, domain = to.rpartition("@")
        return f"{name[:1]}***@{domain}"[:80]
    if channel == Channel.SMS:
        return f"{to[:-8]}****{to[-4:]}"
    return ""
