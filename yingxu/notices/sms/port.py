"""The port every SMS provider stands behind, and the provider that only records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext as _

from yingxu.base import addresses, calling
from yingxu.base.addresses import Target
from yingxu.base.errors import Invalid

from ..models import RECORDED, Attempt
from ..sending import Result

Outcome = Attempt.Outcome


@dataclass(frozen=True)
class Message:
    """What a provider is told: its own code for the template, the values by name and in its order, and our reference. `to` is eleven
    digits or +country…."""

    code: str
    values: Sequence[tuple[str, str]]
    to: str
    ref: str


@dataclass(frozen=True)
class Receipt:
    """What the provider knows of a reference: it has it (`known`), it has not, or it cannot tell (None)."""

    known: bool | None
    provider_id: str = ""


class Provider(Protocol):
    def send(self, message: Message) -> Result:
        """Hand it over."""

    def receipt(self, message: Message, since: datetime) -> Receipt:
        """Did a message with this reference reach the provider?"""


class Recording:
    """Nothing leaves: the outbox itself is the record."""

    def send(self, message: Message) -> Result:
        return Result(Outcome.SENT, provider_id=RECORDED)

    def receipt(self, message: Message, since: datetime) -> Receipt:
        return Receipt(False)


def unreached(answer: calling.Answer) -> Result:
    """No answer: LOST when the request may have been heard."""
    heard = answer.trouble in (calling.Trouble.SLOW, calling.Trouble.BROKEN)
    return Result(Outcome.LOST if heard else Outcome.LATER, _("SMS provider: %(why)s") % {"why": calling.Trouble(answer.trouble).label})


def endpoint(url: str) -> Target:
    """The provider's address. Raises ValueError for one that cannot be called."""
    try:
        return addresses.target(url)
    except Invalid as wrong:
        raise ValueError(str(wrong)) from None
