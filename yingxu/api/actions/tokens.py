"""Tokens are made, used and revoked; they are never edited."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.matters.actions import record
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.people.models import User

from .. import queries, rules, scopes
from ..events import TokenMade, TokenRevoked
from ..models import ApiToken

PREFIX = "yx_"
NOTED_EVERY = timedelta(minutes=1)
RATE_MOST = 100_000


@opens(rules.MANAGE)
def make_token(
    *, by: Actor, name: str, user: User, allowed: Sequence[str], expires_at: datetime | None = None, per_minute: int = 600
) -> tuple[ApiToken, str]:
    """A token and its secret, which is shown now and never again. Who may not act for others makes tokens for themselves only: a token
    can do what its user can."""
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid.field("name", _("A token needs a name that tells where it is used."))
    if not user.is_active:
        raise Invalid.field("user", _("This person does not work here any more."))
    if user.pk != by.user_id and not by.may(rules.ACT_FOR):
        raise NotAllowed(_("You make tokens for yourself only: %(rule)s.") % {"rule": rules.ACT_FOR.title}, code="api.act_for")
    unknown = [scope for scope in allowed if not scopes.known(scope)]
    if unknown or not allowed:
        raise Invalid.field("allowed", _("Choose what the token may do."))
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid.field("expires_at", _("This day is over."))
    if not 0 <= per_minute <= RATE_MOST:
        raise Invalid.field("per_minute", _("At most %(most)s requests a minute.") % {"most": RATE_MOST})
    secret = crypto.token(PREFIX)
    made = ApiToken.objects.create(
        name=name, user=user, digest=crypto.token_hash(secret), hint=secret[:8], scopes=sorted(set(allowed)),
        per_minute=per_minute, made_at=clock.now(), made_by_id=by.user_id, expires_at=expires_at,
    )  # fmt: skip
    record(TokenMade(token=made.pk, name=name, user=user.name, scopes=made.scopes), on=None, by=by, tell=[user.pk])
    return made, secret


@action(rules.MANAGE)
def revoke_token(token: ApiToken, *, by: Actor) -> ApiToken:
    """From now on (within seconds in every process) it opens nothing. Revoking twice changes nothing."""
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by_id = clock.now(), by.user_id
        token.save(update_fields=["revoked_at", "revoked_by"])
        queries.forget()
        record(TokenRevoked(token=token.pk, name=token.name), on=None, by=by, tell=[token.user_id])
    return token


def note_use(caller: queries.Caller) -> None:
    """When the token was last used, to the minute."""
    now = clock.now()
    if caller.last_used_at is None or now - caller.last_used_at > NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=caller.token).update(last_used_at=now)
        caller.last_used_at = now


def carry_out(
    act: Callable[..., Need], need: Need, arguments: Callable[[], Mapping[str, Any]], *, by: Actor, once: needs.Once | None
) -> tuple[Need, bool]:
    """Do a verb of the loop; with `once` at most once. Returns the need as it is then, and whether it had been done before."""
    if once is None:
        return act(need, by=by, **arguments()), False
    with transaction.atomic():
        if needs.done_before(need, once):
            return need, True
        return act(need, by=by, **arguments()), False
