"""Where a mail belongs: by a token of ours, by a Message-ID we know, by the number in its subject; and whether its sender may write there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from yingxu.base.kept import kept
from yingxu.customers.models import Customer, Identifier
from yingxu.matters.models import Matter
from yingxu.needs.models import Need
from yingxu.notices import queries as notices
from yingxu.notices.models import Delivery

from ..models import Received
from .reading import Mail

_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", re.IGNORECASE)
_TOKENS = 40  # tried of one mail
_OURS = (Received.State.NEED, Received.State.REPLY)


@dataclass(frozen=True)
class Thread:
    """What a mail belongs to. `by` is how it was found (token, message, number); `trusted` says that its sender takes part in it."""

    matter: Matter | None
    by: str
    trusted: bool
    delivery: Delivery | None = None


def tokens(texts: Iterable[str]) -> list[str]:
    """What could be tokens of ours in these texts, in order, once each."""
    return list(dict.fromkeys(token.lower() for text in texts for token in _TOKEN.findall(text)))[:_TOKENS]


def sent(texts: Iterable[str]) -> Delivery | None:
    """The first thing we sent whose token stands in these texts."""
    for token in tokens(texts):
        if found := notices.thread(token):
            return found[1]
    return None


def find(mail: Mail, mark: bytes | None, received: Received) -> Thread | None:
    """The thread of a mail, in the order of trust; None when it begins one."""
    if delivery := sent([*mail.references, *mail.recipients]):
        known = delivery.matter
        same = mark is not None and delivery.to.lower() == mail.sender.address.lower()
        return Thread(known, "token", same or takes_part(known, mark), delivery)
    if matter := _by_message(mail, mark, received):
        return Thread(matter, "message", takes_part(matter, mark))
    if mail.number and (matter := Matter.objects.filter(number=mail.number, kind="need").first()):
        return Thread(matter, "number", takes_part(matter, mark))
    return None


def _by_message(mail: Mail, mark: bytes | None, received: Received) -> Matter | None:
    """What this mail answers, or what was an answer to it and came first (from the same sender)."""
    rows = Received.objects.filter(about__kind="need", original=None).exclude(pk=received.pk).select_related("about")
    before = list(rows.filter(message_id__in=mail.references).exclude(message_id="")) if mail.references else []
    order = {one: n for n, one in enumerate(mail.references)}
    if before:
        return min(before, key=lambda row: order.get(row.message_id, len(order))).about
    if not mail.message_id or mark is None:
        return None
    after = rows.filter(refs__contains=[mail.message_id], sender_mark=mark, state__in=_OURS).order_by("id").first()
    return after.about if after else None


def takes_part(matter: Matter | None, mark: bytes | None) -> bool:
    """Is this address the customer's (or one of their contacts'), or did it write on this need before?"""
    if matter is None or mark is None or matter.kind != "need":
        return False
    need = Need.objects.filter(pk=matter.pk).first()
    if need is None:
        return False
    if need.customer_id:
        whose = Q(customer=need.customer_id) | Q(customer__merged_into=need.customer_id) | Q(customer__in=Customer.objects.filter(merged=need.customer_id))
        if Identifier.objects.filter(whose, type="email", fingerprint=mark).exists():
            return True
    return Received.objects.filter(about=matter, sender_mark=mark, state__in=_OURS).exists()


def followed(need: Need) -> Need:
    """The need itself, or the one it was merged into in the end."""
    while need.merged_into_id and need.state == "merged":
        need = Need.objects.select_related("matter", "customer").get(pk=need.merged_into_id)
    return need


def last_mail(matter_id: int) -> tuple[str, list[str], str] | None:
    """(Message-ID, all Message-IDs of the thread, the address) of the customer's last mail on a need, for our answer to it."""
    rows = _mails_of(matter_id)
    if not rows:
        return None
    ids = [row.message_id for row in reversed(rows) if row.message_id]
    return rows[0].message_id, ids, rows[0].sender


@kept
def _mails_of(matter_id: int) -> QuerySet[Received]:
    return Received.objects.filter(about=matter_id, state__in=_OURS, original=None).order_by("-at", "-id")[:20]
