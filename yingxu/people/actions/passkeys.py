"""Passkeys: taken up, asked for as second step, and coming in with nothing else."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.events import state

from .. import events, passkeys, queries
from ..models import Factor, SignInAttempt, User
from .door import Device, begin_attempt
from .factors import add_factor
from .me import myself

KIND = Factor.Kind.PASSKEY


def handle_of(user: User) -> bytes:
    """By what a device knows this person: says nothing to whoever reads the device."""
    return crypto.fingerprint(str(user.pk), "people.passkey")


def ask_new_passkey(user: User, origin: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The question for a new one; devices that hold one already are left out."""
    return passkeys.ask_new(origin, handle=handle_of(user), account=user.username, name=user.name, known=queries.passkeys_of(user))


@transaction.atomic
def add_passkey(asked: dict[str, Any], answer: str, *, by: Actor, origin: str, name: str) -> list[str]:
    """The passkey is one's own from now on; with the very first factor come recovery codes."""
    user = myself(by)
    made = passkeys.added(origin, asked, answer)
    if Factor.objects.filter(credential=made.credential).exists():
        raise Invalid(_("This passkey is here already."))
    factor = Factor(user=user, kind=KIND, name=name[:60] or _("Passkey"), credential=made.credential, public_key=made.data, counter=made.counter)
    return add_factor(factor, by=by)


def second_step_by_passkey(user: User, asked: dict[str, Any], answer: str, *, origin: str, peer: str | None, device: Device | None = None) -> None:
    """A passkey of this person instead of a code. Raises Invalid, or NotAllowed after too many."""
    attempt = begin_attempt(user.username.lower(), peer, device, second=True)
    factor = _take(asked, answer, origin, user)
    attempt.ok, attempt.way = True, factor.name
    attempt.save(update_fields=["ok", "way"])


def prove_again_by_passkey(asked: dict[str, Any], answer: str, *, by: Actor, origin: str, peer: str | None, device: Device | None = None) -> None:
    """A passkey of whoever is signed in shows that it is still them. Raises Invalid, or NotAllowed after too many."""
    user = myself(by)
    attempt = begin_attempt(user.username.lower(), peer, device)
    factor = _take(asked, answer, origin, user)
    attempt.ok, attempt.way = True, factor.name
    attempt.save(update_fields=["ok", "way"])


@transaction.atomic
def sign_in_by_passkey(asked: dict[str, Any], answer: str, *, origin: str, peer: str | None) -> User:
    """Whoever the passkey belongs to comes in; it is both factors. The same refusal for one that is unknown, wrong, or of somebody who left."""
    factor = _take(asked, answer, origin, None)
    user = factor.user
    SignInAttempt.objects.create(account=user.username.lower()[:60], peer=peer, at=clock.now(), ok=True, way=factor.name)
    state(events.PasskeySignedIn(user=user.pk, key=factor.name), by=queries.actor(user))
    return user


@transaction.atomic
def _take(asked: dict[str, Any], answer: str, origin: str, user: User | None) -> Factor:
    """The passkey that answered, used once more. One that counts backwards was copied, and is not taken."""
    rows = Factor.objects.select_for_update(of=("self",)).select_related("user").filter(kind=KIND, user__is_active=True)
    factor = rows.filter(credential=passkeys.credential_of(answer), **({"user": user} if user else {})).first()
    if factor is None:
        raise Invalid(_("The passkey's answer does not hold. Try again."), code="passkey")
    used = passkeys.used(origin, asked, answer, bytes(factor.public_key or b""))
    if used.handle and used.handle != handle_of(factor.user):
        raise Invalid(_("The passkey's answer does not hold. Try again."), code="passkey")
    if (used.counter or factor.counter) and used.counter <= factor.counter:
        raise Invalid(_("This passkey was used less often than we know of: somebody may have copied it. Remove it and add another."), code="passkey_copied")
    factor.counter, factor.used_at = used.counter, clock.now()
    factor.save(update_fields=["counter", "used_at"])
    return factor
