"""Is it still the person who signed in? Asked before what must not be done at a desk somebody left: approvals that demand it, a new
second factor. The room that asks shows `Again` in its form and calls `verify` before its verb.
"""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from yingxu.base.web import peer

from . import actions
from .middleware import device


class Again(forms.Form):
    """The field for what proves it."""

    secret = forms.CharField(
        label=_("Password or code"), max_length=256, strip=False, help_text=_("Your password, or the code your authenticator app shows now."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


def verify(request: HttpRequest, secret: str) -> None:
    """The password or a code of whoever is signed in; the session gets a new id (S9). Raises Invalid with the field `secret`, or NotAllowed
    after too many wrong ones. Wrong ones count as wrong passwords at the door."""
    actions.prove_again(secret, by=request.actor, peer=peer(request), device=device(request))  # type: ignore[attr-defined]
    request.session.cycle_key()
