"""Kinds of personal data: what a recipient gets, what a breach is about, what the register of fields sorts by (P1, P13)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Kind:
    """`grade` is how closely it is guarded: 1 ordinary, 2 of a person's own, 3 sensitive in the sense of art. 28."""

    code: str
    label: Any
    grade: int = 2


GRADES = {1: _("ordinary"), 2: _("personal"), 3: _("sensitive")}
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("number", _("Register numbers and states"), 1),
        Kind("name", _("Names")),
        Kind("contact", _("Phone numbers and addresses")),
        Kind("paper", _("Numbers of identity papers"), 3),
        Kind("bank", _("Bank accounts"), 3),
        Kind("words", _("What people said and asked for")),
        Kind("dealing", _("Dealings, contracts and payments")),
        Kind("trait", _("Characteristics and classes of a customer")),
        Kind("file", _("Papers, pictures and recordings"), 3),
        Kind("consent", _("Consents and privacy requests")),
        Kind("staff", pgettext_lazy("kind of data", "Data of colleagues")),
        Kind("access", _("Sign-ins and looks"), 1),
    )
}
CHOICES = [(kind.code, kind.label) for kind in KINDS.values()]
