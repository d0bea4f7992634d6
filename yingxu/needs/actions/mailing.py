"""Words to the customer leave the house when the way is mail or SMS; the portal shows them in any case."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.errors import Invalid
from yingxu.matters.models import Entry
from yingxu.notices import actions as notices
from yingxu.notices import queries as outgoing
from yingxu.notices.models import Delivery

from ..models import Need
from ..queries import reach
from ..states import Channel

LATE = timedelta(days=1)  # history that is brought in later is not sent


def key(entry: Entry) -> str:
    """Under which the words of an entry are sent once."""
    return f"needs.told:{entry.pk}"


@step
def send(need: Need, entry: Entry, text: str, *, channel: str, by: Actor, files: Iterable[Any] = (), ask: bool = False) -> Delivery | None:
    """Put words to the customer into the outbox, in the verb's own transaction. None when the way is another one (phone, counter,
    portal), when no address is known, or when this is history. `ask` adds that the customer is asked to confirm."""
    if channel not in (Channel.MAIL, Channel.SMS) or timezone.now() - clock.now() > LATE:
        return None
    way = reach.way(need, channel)
    if way is None:
        return None
    try:
        if channel == Channel.SMS:
            return notices.send(channel="sms", to=way.address, body=text, matter=need.matter, entry=entry, key=key(entry), by=by)
        with override(settings.LANGUAGE_CODE):
            body = f"{text}\n\n{_closing(need, ask)}"
        return notices.send(
            channel="mail", to=way.address, subject=f"[#{need.matter.number}] {need.matter.title}", body=body, matter=need.matter, entry=entry,
            key=key(entry), by=by, files=files, in_reply_to=way.in_reply_to, references=way.references,
        )  # fmt: skip
    except Invalid:  # an old number that no provider takes: the words stay on the need, marked as not sent
        return None


def _closing(need: Need, ask: bool) -> str:
    """What stands under every mail: how to answer."""
    lines = ["—"]
    where = _address()
    if ask:
        lines.append(_("Please tell us whether this settles it: answer this mail, or confirm and rate with your number and code."))
    lines.append(_("Number %(number)s. You can simply answer this mail; leave the number in the subject.") % {"number": need.matter.number})
    if where:
        lines.append(_("Follow it with your number and code: %(address)s") % {"address": f"{where}?number={need.matter.number}"})
    return "\n".join(lines)


def _address() -> str:
    """Where customers knock; "" when nobody said where we are reached."""
    try:
        path = reverse("portal:door")
    except NoReverseMatch:
        return ""
    address = outgoing.common().address
    return f"{address.rstrip('/')}{path}" if address else ""
