"""Somebody signed in shows once more that it is them, before an act that asks for it: with the password, or a code of their second factor.
The one seam for that; whatever is taken, the act gets the same Proof."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid, NotAllowed

from . import actions
from .models import User

FRESH = timedelta(minutes=2)


@dataclass(frozen=True)
class Proof:
    """That this user showed it is them, when and how ("secret": password or code)."""

    user_id: int
    at: datetime
    how: str

    def holds(self, by: Actor) -> bool:
        """Is it this actor's, and shown just now?"""
        return self.user_id == by.user_id and clock.now() - self.at <= FRESH


def verify(*, by: Actor, password: str, peer: str | None = None) -> Proof:
    """A proof for the next act. Outside any transaction of the act, so that wrong tries are counted (and throttled, as at the door) even
    though the act is refused. Raises Invalid for a wrong password or code, NotAllowed after too many, and for whoever is no signed-in person."""
    user = User.objects.filter(pk=by.user_id, is_active=True).first() if by.kind == "user" else None
    if user is None:
        raise NotAllowed(_("Only a person at the desk can show that it is them; programs cannot."), code="reauth")
    if not password:
        raise Invalid.field("password", _("Type your password again."))
    try:
        actions.prove_again(password, by=by, peer=peer)
    except Invalid as wrong:
        raise Invalid.field("password", wrong.fields.get("secret", [wrong.message])[0]) from None
    return Proof(user.pk, clock.now(), "secret")
