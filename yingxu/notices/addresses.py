"""Where something is sent to: what an address must look like, and how a page shows it without giving it away."""

import re
from email.errors import MessageError
from email.headerregistry import Address

from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid
from yingxu.base.numbers import mobile

from .models import CHATS, Channel

LONGEST_MAIL = 254
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean(channel: str, to: str) -> str:
    """The address as it is kept. Raises Invalid for what can be no address, and for anything that would break out of a header."""
    if _CONTROL.search(to):
        raise Invalid.field("to", _("An address cannot contain line breaks or control characters."))
    to = to.strip()
    if channel == Channel.MAIL:
        return _mail(to)
    if channel == Channel.SMS:
        return _mobile(to)
    if channel in CHATS and not to.isdecimal():
        raise Invalid.field("to", _("A robot is addressed by its number in the settings."))
    return to


def _mail(to: str) -> str:
    name, at, domain = to.rpartition("@")
    try:
        to = name + at + domain.encode("idna").decode() if domain and not domain.isascii() else to
        found = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError):
        raise Invalid.field("to", _("“%(to)s” is no mail address.") % {"to": to[:80]}) from None
    if not found.username or not to.isascii() or "." not in found.domain or len(to) > LONGEST_MAIL:
        raise Invalid.field("to", _("“%(to)s” is no mail address.") % {"to": to[:80]})
    return f"{found.username}@{found.domain.lower()}" if not found.username.startswith('"') else to


def _mobile(to: str) -> str:
    number = mobile(to)
    if not number:
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
