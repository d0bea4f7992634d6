"""Is it still the person who signed in? Asked before what must not be done at a desk somebody left: approvals that demand it, a new
second factor. The room that asks shows `Again` in its form and calls `verify` before its verb.
"""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yingxu.base.web import peer

from . import actions
from .asking import origin, taken
from .middleware import device
from .passkeys import LONGEST


class Again(forms.Form):
    """What proves it: the secret, or the answer of a passkey."""

    secret = forms.CharField(
        label=_("Password or code"), max_length=256, strip=False, required=False, help_text=_("Your password, or the code your authenticator app shows now."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    answer = forms.CharField(max_length=LONGEST, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("secret") and not given.get("answer"):
            self.add_error("secret", gettext("This cannot be empty."))
        return given


def verify(request: HttpRequest, secret: str, answer: str = "") -> None:
    """The password, a code or a passkey of whoever is signed in; the session gets a new id (S9). Raises Invalid with the field `secret`, or NotAllowed
    after too many wrong ones. Wrong ones count as wrong passwords at the door."""
    by = request.actor  # type: ignore[attr-defined]
    where: dict[str, Any] = {"peer": peer(request), "device": device(request)}
    if answer:
        actions.prove_again_by_passkey(taken(request, "again"), answer, by=by, origin=origin(request), **where)
    else:
        actions.prove_again(secret, by=by, **where)
    request.session.cycle_key()
