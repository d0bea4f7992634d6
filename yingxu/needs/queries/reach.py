"""How the customer of a need is reached in writing: mail addresses and mobile phones, and the mail we answer to."""

from collections.abc import Callable
from dataclasses import dataclass

from yingxu.base.kept import kept
from yingxu.customers import identifiers
from yingxu.customers.models import Identifier

from ..models import Need
from ..states import Channel

# Rooms above add `fn(matter id) -> (Message-ID, all Message-IDs of the thread, address) or None`: the customer's last mail on it.
LAST_MAIL: list[Callable[[int], tuple[str, list[str], str] | None]] = []
# … and `fn(journal entries) -> {entry: address of the page}`: where the mails are that words on a need came in.
ORIGINALS: list[Callable[[list[int]], dict[int, str]]] = []
_TYPES = {Channel.MAIL: Identifier.Type.EMAIL, Channel.SMS: Identifier.Type.PHONE}


@dataclass(frozen=True)
class Way:
    """An address, whole and as a page may show it; for mail, what is answered."""

    address: str
    hint: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def way(need: Need, channel: str) -> Way | None:
    """Where words to this customer go by mail or SMS: back to where the last mail came from, else to the contact, else to any address
    of the customer. None when there is no such address, and for other channels."""
    return _way(need, channel, _held(need)) if channel in _TYPES else None


def to_customer(customer: int, channel: str) -> Way | None:
    """The same for a customer whose need it is not about."""
    return _first(channel, _of(customer)) if channel in _TYPES else None


def hints(need: Need) -> dict[str, str]:
    """Channel → the address as a page may show it, for mail and SMS; "" when there is none. Two queries."""
    held = _held(need)
    return {str(channel): found.hint if (found := _way(need, channel, held)) else "" for channel in _TYPES}


def _way(need: Need, channel: str, held: list[Identifier]) -> Way | None:
    last = next((found for ask in LAST_MAIL if (found := ask(need.pk))), None) if channel == Channel.MAIL else None
    if last and last[2]:
        return Way(last[2], identifiers.mask("email", last[2]), last[0], tuple(last[1]))
    return _first(channel, held, last[0] if last else "", tuple(last[1]) if last else ())


def _first(channel: str, held: list[Identifier], in_reply_to: str = "", references: tuple[str, ...] = ()) -> Way | None:
    for row in held:
        if row.type != _TYPES[Channel(channel)]:
            continue
        value = identifiers.unseal(row.sealed)
        if channel == Channel.MAIL or value.startswith("+861") or (value.startswith("+") and not value.startswith("+86")):
            return Way(value, row.masked, in_reply_to, references)
    return None


def _held(need: Need) -> list[Identifier]:
    """The contact's own first."""
    return sorted(reached(need), key=lambda row: row.contact_id != need.contact_id)


def reached(need: Need) -> list[Identifier]:
    """Phones and addresses of the need's customer, whoever asks, in the order they were noted. Asked once for a need that was read."""
    if not hasattr(need, "_reached"):
        need._reached = _of(need.customer_id) if need.customer_id else []  # type: ignore[attr-defined]
    return need._reached  # type: ignore[attr-defined]


@kept
def _of(customer: int):
    types = (Identifier.Type.PHONE, Identifier.Type.WECHAT, Identifier.Type.EMAIL)
    return Identifier.objects.filter(customer_id=customer, type__in=types).order_by("id")
