"""At the door: names and passwords, attempts counted, devices known, sessions ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.base.events import state

from .. import devices, events, queries, rules, strictness
from ..models import SECOND, KnownDevice, Session, SignInAttempt, SignInRules, User
from .me import leave_all

WINDOW = timedelta(minutes=15)
REMEMBERED = timedelta(hours=24)  # a row of wrong passwords is one row for so long
LONGEST_LOCK = timedelta(minutes=60)
PER_ACCOUNT, PER_PEER = 50, 40
SPACED = timedelta(seconds=20)  # then between two tries of browsers nobody knows: as many in a day, and the owner has a turn
KEEP_ATTEMPTS = timedelta(days=400)
KEEP_DEVICES = timedelta(days=400)
_NOBODY = make_password(secrets.token_urlsafe())


@dataclass(frozen=True)
class Device:
    """The browser at the door: the secret of its cookie ("" without one), and how it calls itself."""

    cookie: str = ""
    name: str = ""

    @property
    def digest(self) -> bytes:
        return crypto.token_hash(self.cookie)


def sign_in(username: str, password: str, *, peer: str | None, device: Device | None = None) -> User:
    """The user, or a refusal that says the same for a wrong password and an unknown name.

    Wrong passwords are counted by account and peer together, by peer (40 in 15 minutes) and, more loosely, by account (50; then one try in 20 seconds). A device
    known to the account has a counter of its own and asks neither of the others, so that a stranger cannot lock the owner out.
    """
    account = username.strip().lower()[:60]
    attempt = begin_attempt(account, peer, device)
    user = User.objects.filter(username__iexact=account, is_active=True).first()
    if not check_password(password, user.password if user else _NOBODY) or user is None:
        raise Invalid(_("Name and password do not match."), code="credentials")
    if elsewhere := queries.only_with(user):
        raise NotAllowed(_("You sign in with %(name)s: use its button. Passwords of linked accounts are switched off here.") % {"name": elsewhere}, code="sso_only")
    attempt.ok = True
    attempt.save(update_fields=["ok"])
    return user


def begin_attempt(account: str, peer: str | None, device: Device | None = None, *, second: bool = False) -> SignInAttempt:
    """Written down as wrong before anything is looked at, so that many at once count each other. Raises NotAllowed while the door is
    locked for this place; asking then does not prolong it."""
    known = _known(account, device)
    attempt = SignInAttempt.objects.create(account=account + SECOND * second, peer=peer, at=clock.now(), ok=False, device=known)
    if minutes := _locked_for(attempt):
        attempt.delete()
        said = ngettext("Too many attempts. Wait %(num)s minute and try again.", "Too many attempts. Wait %(num)s minutes and try again.", minutes)
        raise NotAllowed(said % {"num": minutes}, code="throttled")
    return attempt


def _known(account: str, device: Device | None) -> KnownDevice | None:
    if device is None or not device.cookie:
        return None
    return KnownDevice.objects.filter(digest=device.digest, user__username__iexact=account).first()


def _locked_for(attempt: SignInAttempt) -> int:
    """For how many minutes still, rounded up; 0 when the door is open."""
    mine = SignInAttempt.objects.filter(account=attempt.account, pk__lt=attempt.pk)
    here = mine.filter(device=attempt.device) if attempt.device_id else mine.filter(device=None, peer=attempt.peer)
    end = _growing(here, attempt.at)
    if not attempt.device_id:
        lately = Q(ok=False, at__gt=attempt.at - WINDOW)
        wide = mine.filter(lately, device=None)
        from_here = SignInAttempt.objects.filter(lately, peer=attempt.peer, pk__lt=attempt.pk)
        if wide.count() >= PER_ACCOUNT:
            end = max(end or attempt.at, wide.latest("pk").at + SPACED)
        if attempt.peer is not None and from_here.count() >= PER_PEER:
            end = max(end or attempt.at, attempt.at + WINDOW)
    return -(-int((end - attempt.at).total_seconds() + 0.999) // 60) if end and end > attempt.at else 0


def _growing(here: Any, now: datetime) -> datetime | None:
    """Until when wrong passwords in a row lock the door: the time doubles with each further one, up to an hour."""
    given = strictness.rules()
    lately = here.filter(at__gt=now - REMEMBERED)
    good = lately.filter(ok=True).order_by("-pk").values_list("pk", flat=True).first() or 0
    wrong = list(lately.filter(ok=False, pk__gt=good).order_by("-pk").values_list("at", flat=True)[:20])
    if len(wrong) < given.tries:
        return None
    first = timedelta(minutes=max(given.lock_minutes, strictness.asked().lock_minutes))
    return wrong[0] + min(first * 2 ** (len(wrong) - given.tries), max(first, LONGEST_LOCK))


@transaction.atomic
def came_in(user: User, *, peer: str | None, device: Device) -> str:
    """The browser is known from now on; returns the secret for its cookie. The owner is told of one they had not used before."""
    now, cookie = clock.now(), device.cookie
    known = KnownDevice.objects.filter(user=user, digest=device.digest).first() if cookie else None
    if known is None:
        others = KnownDevice.objects.filter(user=user).exists()
        cookie = cookie or crypto.token()
        KnownDevice.objects.create(
            user=user, digest=crypto.token_hash(cookie), name=device.name, peer=peer, first_at=now, last_at=now
        )
        if others:
            place = devices.place(peer)
            state(events.NewDeviceSignedIn(user=user.pk, device=device.name, place=place), by=SYSTEM, tell=[user.pk])
    else:
        known.name, known.peer, known.last_at = device.name, peer, now
        known.save(update_fields=["name", "peer", "last_at"])
    return cookie


@transaction.atomic
def tell_of_failures() -> int:
    """Owners learn of wrong passwords for their accounts; returns how many were told. Only what reached the limit is told, once."""
    since = clock.now() - REMEMBERED
    waiting = SignInAttempt.objects.filter(ok=False, told=False, at__gt=since)
    many = waiting.order_by().values("account").annotate(times=Count("pk")).filter(times__gte=strictness.rules().tries)
    found = {row["account"]: row["times"] for row in many}
    owners = {user.username.lower(): user for user in User.objects.filter(is_active=True)} if found else {}
    told = 0
    for counted, times in found.items():
        rows, account = waiting.filter(account=counted), counted.removesuffix(SECOND)
        if account in owners:
            places = {devices.place(peer) for peer in rows.values_list("peer", flat=True)}
            fact = events.SignInsFailed(user=owners[account].pk, times=times, place=places.pop() if len(places) == 1 else "")
            state(fact, by=SYSTEM, tell=[owners[account].pk])
            told += 1
        rows.update(told=True)
    return told


def forget_attempts() -> int:
    """Sign-in attempts are kept for 400 days, devices until they were not used for so long."""
    KnownDevice.objects.filter(last_at__lt=clock.now() - KEEP_DEVICES).delete()
    return SignInAttempt.objects.filter(at__lt=clock.now() - KEEP_ATTEMPTS).delete()[0]


# ── sessions ──


def end_session(handle: str, *, by: Actor) -> None:
    """One of one's own sessions. Raises Gone for any other."""
    if not Session.objects.filter(session_key=handle, user_id=by.user_id).delete()[0]:
        raise Gone()


def end_other_sessions(*, by: Actor, keep: str) -> int:
    """All of one's own sessions but this one; returns how many."""
    return Session.objects.filter(user_id=by.user_id).exclude(session_key=keep).delete()[0]


@action(rules.MANAGE)
def end_sessions(user: User, *, by: Actor) -> int:
    """Every session of somebody ends now; returns how many there were."""
    many = leave_all(user.pk)
    state(events.SessionsEnded(user=user.pk, name=user.name), by=by, tell=[user.pk])
    return many


# ── how strict ──


@opens(rules.MANAGE)
def set_sign_in_rules(*, by: Actor, **given: Any) -> SignInRules:
    """How long sessions live, how many wrong passwords lock, which password profile, and from which clearance a second factor is
    demanded; what is not given stays. Holds for sign-ins from now on."""
    row = SignInRules.objects.select_for_update().filter(pk=1).first() or SignInRules(pk=1)
    for name, value in given.items():
        setattr(row, name, value)
    row.changed_at = clock.now()
    row.full_clean(validate_constraints=False, validate_unique=False)
    row.save()
    state(events.SignInRulesChanged(), by=by)
    return row
