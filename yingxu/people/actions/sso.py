"""Signing in with an account of a provider: whom we believe (two security administrators decide), which account is whose, coming in."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import addresses, clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, check, opens
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.base.events import state

from .. import events, offices, oidc, queries, rules
from ..models import LinkedAccount, Provider, RoleChange, SignInAttempt, User
from . import linking
from .changes import propose
from .me import leave_all, myself

FRESH = 24 * 3600  # seconds what a provider says of itself is believed
SETTLED = 60  # seconds between two looks at its keys, so that made-up answers cannot make us ask without end
How = LinkedAccount.How

# ── whom we believe ──


@opens(rules.MANAGE)
def propose_provider(
    provider: Provider | None, *, by: Actor, name: str, issuer: str, client_id: str, secret: str = "", factor_values: str = "", trusts_email: bool = False,
    why: str = "",
) -> RoleChange:  # fmt: skip
    """A provider is to be believed, with these settings; an empty secret keeps the one there is. It can make anybody of us who is linked
    come in, so it takes two."""
    addresses.check(issuer)
    if Provider.objects.filter(issuer=issuer).exclude(pk=provider.pk if provider else None).exists():
        raise Invalid.field("issuer", _("This provider is here already."))
    given = {"name": name, "issuer": issuer, "client_id": client_id, "factor_values": " ".join(factor_values.replace(",", " ").split()), "trusts_email": trusts_email}
    kept = crypto.seal(secret, Provider.SEALED) if secret else provider.sealed_secret if provider else ""
    return propose(RoleChange.Kind.PROVIDER, by, why, wanted={"provider": provider.pk if provider else None, **given, "sealed_secret": kept})


@action(rules.MANAGE)
def switch_off_provider(provider: Provider, *, by: Actor) -> Provider:
    """Nobody comes in by it from now on; one is enough for that. Believing it again takes two."""
    provider.on = False
    provider.save(update_fields=["on"])
    state(events.ProviderSwitchedOff(provider=provider.name), by=by)
    return provider


def try_provider(provider: Provider, *, by: Actor) -> dict[str, Any]:
    """Ask it for its addresses and keys now; {"addresses": …, "keys": how many}. Raises Invalid with what is wrong."""
    check(rules.MANAGE, by, provider)
    _look(provider, fresh=0)
    return {"addresses": provider.found, "keys": len(provider.keys["keys"])}


def known(provider: Provider) -> dict[str, str]:
    """Its addresses, asked when they are old. Raises Invalid when it cannot be asked."""
    _look(provider, fresh=FRESH)
    return provider.found


def _look(provider: Provider, *, fresh: int, keys: int | None = None) -> None:
    """Asked outside a transaction, since a provider may take its time."""
    if _age(provider.found_at) >= fresh or not provider.found:
        provider.found, provider.found_at = oidc.discover(provider.issuer), clock.now()
    if _age(provider.keys_at) >= (fresh if keys is None else keys) or not provider.keys:
        provider.keys, provider.keys_at = oidc.keys(provider.found["jwks_uri"]), clock.now()
    Provider.objects.filter(pk=provider.pk, issuer=provider.issuer).update(
        found=provider.found, found_at=provider.found_at, keys=provider.keys, keys_at=provider.keys_at
    )


def _age(at: Any) -> float:
    return (clock.now() - at).total_seconds() if at else float("inf")


# ── whose account is it ──


def answered(provider: Provider, code: str, asked: oidc.Question) -> tuple[dict[str, Any], str]:
    """(claims, id_token) for a code, everything checked. Keys that are not known yet are asked for once."""
    found = known(provider)
    token = oidc.exchange(found, provider.client_id, provider.secret, code, asked)
    if not oidc.knows(provider.keys, token) and _age(provider.keys_at) >= SETTLED:
        _look(provider, fresh=FRESH, keys=0)
    said = oidc.believed(token, provider.keys, issuer=provider.issuer, client_id=provider.client_id, nonce=asked.nonce)
    return said, token


@transaction.atomic
def person_of(provider: Provider, claims: dict[str, Any], *, peer: str | None) -> User:
    """Who comes in. Only an account that is linked, or one whose address the provider verified, if it is trusted with that; nobody is made
    here, and administrators are never found by address. Raises NotAllowed."""
    link = LinkedAccount.objects.select_for_update().select_related("user").filter(provider=provider, subject=claims["sub"], provider__on=True).first()
    if link is None and provider.trusts_email:
        link = _by_email(provider, claims)
    if link is None or not link.user.is_active:
        raise NotAllowed(
            _("Nobody here is linked to this account of %(name)s. Sign in with your password and link it under “Security”, or ask who manages people.") % {"name": provider.name},
            code="sso_unknown",
        )
    link.used_at = clock.now()
    link.save(update_fields=["used_at"])
    account = link.user.username.lower()[:60]
    SignInAttempt.objects.create(account=account, peer=peer, at=clock.now(), ok=True, way=provider.name)
    state(events.ProviderSignedIn(user=link.user_id, provider=provider.name), by=queries.actor(link.user))
    return link.user


def _by_email(provider: Provider, claims: dict[str, Any]) -> LinkedAccount | None:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or "@" not in email:
        return None
    found = list(User.objects.filter(email__iexact=email)[:2])
    if len(found) != 1 or not found[0].is_active or offices.administers(queries.actor(found[0])):
        return None
    if LinkedAccount.objects.filter(provider=provider, user=found[0]).exists():
        return None
    return linking.link(provider, found[0], claims["sub"], How.EMAIL, SYSTEM)


@transaction.atomic
def link_mine(provider: Provider, claims: dict[str, Any], *, by: Actor) -> LinkedAccount:
    """This account of the provider is mine."""
    return linking.link(provider, myself(by), claims["sub"], How.SELF, by)


@opens(rules.MANAGE)
def propose_link(user: User, provider: Provider, subject: str, *, by: Actor, why: str = "") -> RoleChange:
    """An account of the provider is to be this person's. Whoever has that account then comes in as them, so it takes two."""
    subject = subject.strip()
    if not subject:
        raise Invalid.field("subject", _("Write the subject (sub) that the provider knows this person by."))
    linking.check_free(provider, user, subject)
    return propose(RoleChange.Kind.LINK, by, why, user=user, wanted={"provider": provider.pk, "name": provider.name, "subject": subject})


@transaction.atomic
def unlink_mine(pk: int, *, by: Actor) -> None:
    """One of one's own links ends."""
    _unlink(LinkedAccount.objects.filter(pk=pk, user=myself(by)).first(), by)


@action(rules.MANAGE)
def unlink(link: LinkedAccount, *, by: Actor) -> None:
    """Somebody's link ends, and their sessions with it; one is enough for that."""
    _unlink(link, by)
    leave_all(link.user_id)


def _unlink(link: LinkedAccount | None, by: Actor) -> None:
    if link is None:
        raise Gone()
    mine = by.user_id == link.user_id
    fact = events.AccountUnlinked(user=link.user_id, name=link.user.name, provider=link.provider.name, how="self" if mine else "office")
    link.delete()
    state(fact, by=SYSTEM if mine else by, tell=[fact.user])
