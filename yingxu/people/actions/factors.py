"""Second factors: taken up, asked for, given up. Who takes one up or gives one up stays in one session only (S9)."""

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step
from yingxu.base.errors import Gone, Invalid
from yingxu.base.events import state

from .. import events, strictness, totp
from ..models import Factor, RecoveryCode, User
from .door import Device, begin_attempt
from .me import leave_all, myself

MANY_CODES = 10
MOST = 10


def sealed_secret(user: User) -> str:
    """A secret for an app, sealed for this person, so that a form can carry it until its first code proves that the app has it."""
    return crypto.seal(totp.new_secret(), _enrolling(user))


def opened(user: User, sealed: str) -> str:
    """The secret again. Raises Invalid when it was not sealed for this person."""
    try:
        return crypto.unseal(sealed, _enrolling(user))
    except Exception:  # noqa: BLE001  whatever was wrong with it, it is not ours
        raise Invalid(_("This page is too old; open it again.")) from None


def _enrolling(user: User) -> str:
    return f"people.enrolling.{user.pk}"


@transaction.atomic
def add_app(sealed: str, code: str, *, by: Actor, name: str) -> tuple[Factor, list[str]]:
    """An authenticator app, proved by its first code; with the very first factor come recovery codes, else none."""
    user = myself(by)
    secret = opened(user, sealed)
    found = totp.matching(secret, _digits(code), clock.now())
    if found is None:
        raise Invalid.field("code", _("This is not the code that the app shows now. Is the clock of the telephone right?"))
    factor = Factor(user=user, kind=Factor.Kind.TOTP, name=name[:60] or _("Authenticator app"), last_step=found)
    factor.sealed_secret = crypto.seal(secret, Factor.SEALED)
    return factor, add_factor(factor, by=by)


@step
def add_factor(factor: Factor, *, by: Actor) -> list[str]:
    """Keep a factor that was proved; the recovery codes that come with the first one."""
    first = not Factor.objects.filter(user=factor.user).exists()
    if Factor.objects.filter(user=factor.user).count() >= MOST:
        raise Invalid(_("Ten second factors are enough; remove one you no longer use."))
    factor.added_at = clock.now()
    factor.save()
    leave_all(factor.user_id)
    state(events.SecondFactorAdded(user=factor.user_id, kind=factor.kind, name=factor.name), by=by)
    return _new_codes(factor.user) if first else []


@transaction.atomic
def remove_factor(pk: int, *, by: Actor) -> None:
    """One of one's own. The last one stays while one is demanded: take up another first."""
    user = myself(by)
    factor = Factor.objects.filter(pk=pk, user=user).first()
    if factor is None:
        raise Gone()
    last = not Factor.objects.filter(user=user).exclude(pk=pk).exists()
    if last and strictness.demands_factor(user, by):
        raise Invalid(_("You need a second factor; add another one before you remove this."))
    factor.delete()
    if last:
        RecoveryCode.objects.filter(user=user).delete()
    leave_all(user.pk)
    state(events.SecondFactorRemoved(user=user.pk, kind=factor.kind, name=factor.name), by=by)


@transaction.atomic
def new_recovery_codes(*, by: Actor) -> list[str]:
    """Ten fresh ones; those before are worth nothing."""
    user = myself(by)
    if not Factor.objects.filter(user=user).exists():
        raise Invalid(_("Recovery codes come with a second factor; add one first."))
    state(events.RecoveryCodesMade(user=user.pk), by=by)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [crypto.spoken_code() for _n in range(MANY_CODES)]
    now = clock.now()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_recovery_digest(user, code), made_at=now) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


def second_step(user: User, given: str, *, peer: str | None, device: Device | None = None) -> None:
    """A code of an app, or a recovery code. Raises Invalid for a wrong one, NotAllowed after too many; they are counted apart from
    passwords, since who gets here knew the password."""
    attempt = begin_attempt(user.username.lower(), peer, device, second=True)
    if not _taken(user, given):
        raise Invalid.field("code", _("This code is wrong, too old, or was used before."))
    attempt.ok = True
    attempt.save(update_fields=["ok"])


@transaction.atomic
def _taken(user: User, given: str) -> bool:
    """Whether the code is one of this person's, which it is once."""
    now, digits = clock.now(), _digits(given)
    for factor in Factor.objects.select_for_update().filter(user=user, kind=Factor.Kind.TOTP):
        found = totp.matching(crypto.unseal(factor.sealed_secret, Factor.SEALED), digits, now, after=factor.last_step)
        if found is not None:
            factor.last_step, factor.used_at = found, now
            factor.save(update_fields=["last_step", "used_at"])
            return True
    digest = _recovery_digest(user, "".join(c for c in given.upper() if c.isalnum()))
    if RecoveryCode.objects.filter(user=user, used_at=None, digest=digest).update(used_at=now):
        left = RecoveryCode.objects.filter(user=user, used_at=None).count()
        state(events.RecoveryCodeUsed(user=user.pk, left=left), by=SYSTEM, tell=[user.pk])
        return True
    return False


def prove_again(secret: str, *, by: Actor, peer: str | None, device: Device | None = None) -> None:
    """Whoever is signed in is still there: the password, a code of an app, or a recovery code. Raises Invalid or NotAllowed."""
    user = User.objects.filter(pk=by.user_id, is_active=True).first()
    if user is None:
        raise Gone()
    attempt = begin_attempt(user.username.lower(), peer, device)
    code = _digits(secret)
    looks_like_code = code == secret.replace(" ", "") and len(code) == totp.DIGITS
    if not (looks_like_code and _taken(user, code)) and not check_password(secret, user.password):
        raise Invalid.field("secret", _("This is neither your password nor a code that is valid now."))
    attempt.ok = True
    attempt.save(update_fields=["ok"])


@step
def forget_factors(user: User, *, by: Actor) -> None:
    """Every second factor of somebody, who takes up another at the next sign-in; part of a change that two people agreed on."""
    Factor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    leave_all(user.pk)


def _recovery_digest(user: User, code: str) -> bytes:
    return crypto.token_hash(f"{user.pk}:{code}")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())
