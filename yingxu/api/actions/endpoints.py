"""Webhook endpoints are made, changed, paused, deleted and brought back. Their secrets are shown once."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import addresses, clock, crypto, outlets
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.returning import returning
from yingxu.matters.actions import record
from yingxu.people.models import User
from yingxu.privacy import queries as privacy

from .. import hooked, rules, signing
from ..events import (
    EndpointChanged,
    EndpointDeleted,
    EndpointMade,
    EndpointPaused,
    EndpointRestored,
    EndpointResumed,
    EndpointSecretRotated,
)
from ..models import Delivery, Endpoint

URL, SECRET = "api.endpoint", "api.webhook"
OVERLAP_MOST = 168  # hours both secrets may sign


@opens(rules.MANAGE)
def make_endpoint(
    *, by: Actor, name: str, url: str, recipient: str, purpose: str, events: Sequence[str], user: User
) -> tuple[Endpoint, str]:
    """An endpoint and its secret, which is shown now and never again. Nobody gets what `user` may not see; who manages no people
    makes endpoints that act for themselves only. Without a recipient of the register and a purpose nothing is saved (P8)."""
    given = _checked(by, name=name, recipient=recipient, purpose=purpose, events=events, user=user)
    target, secret = addresses.check(url.strip()), signing.new_secret()
    made = Endpoint.objects.create(
        **given, url=crypto.seal(url.strip(), URL), shown=target.shown, secret=crypto.seal(secret, SECRET), made_at=clock.now(), made_by_id=by.user_id
    )
    _give(made, by)
    stated = EndpointMade(endpoint=made.pk, name=made.name, shown=made.shown, recipient=made.recipient, events=len(made.events))
    record(stated, on=None, by=by, tell=[user.pk])
    return made, secret


@action(rules.MANAGE)
def change_endpoint(
    endpoint: Endpoint, *, by: Actor, name: str, recipient: str, purpose: str, events: Sequence[str], user: User, url: str = ""
) -> Endpoint:
    """Other words, events, person or, when one is given, address. The secret stays."""
    _alive(endpoint)
    given = _checked(by, name=name, recipient=recipient, purpose=purpose, events=events, user=user, was=endpoint.user_id)
    changed = [key for key, value in given.items() if getattr(endpoint, key) != value]
    if url.strip() and url.strip() != crypto.unseal(endpoint.url, URL):
        given |= {"shown": addresses.check(url.strip()).shown, "url": crypto.seal(url.strip(), URL)}
        changed.append("url")
    if changed:
        for key, value in given.items():
            setattr(endpoint, key, value)
        endpoint.save(update_fields=list(given))
        if {"recipient", "purpose"} & set(changed):
            _give(endpoint, by)
        record(EndpointChanged(endpoint=endpoint.pk, name=endpoint.name, fields=changed), on=None, by=by, tell=_concerned(endpoint))
    return endpoint


@action(rules.MANAGE)
def rotate_secret(endpoint: Endpoint, *, by: Actor, overlap_hours: int = 24) -> str:
    """A new secret, shown now and never again; so many hours both sign, so that the receiver can change over without losing anything."""
    _alive(endpoint)
    if not 0 <= overlap_hours <= OVERLAP_MOST:
        raise Invalid.field("overlap", _("The old secret may sign for at most %(most)s more hours.") % {"most": OVERLAP_MOST})
    secret, before = signing.new_secret(), endpoint.secret
    endpoint.secret = crypto.seal(secret, SECRET)
    endpoint.old_secret = before if overlap_hours else ""
    endpoint.old_until = clock.now() + timedelta(hours=overlap_hours) if overlap_hours else None
    endpoint.save(update_fields=["secret", "old_secret", "old_until"])
    stated = EndpointSecretRotated(endpoint=endpoint.pk, name=endpoint.name, hours=overlap_hours)
    record(stated, on=None, by=by, tell=_concerned(endpoint))
    return secret


@action(rules.MANAGE)
def pause_endpoint(endpoint: Endpoint, *, by: Actor) -> Endpoint:
    """Nothing is sent; what happens meanwhile waits. Pausing twice changes nothing."""
    _alive(endpoint)
    if endpoint.paused_at is None:
        halt(endpoint, Endpoint.Why.PERSON, by=by)
    return endpoint


@step
def halt(endpoint: Endpoint, why: str, *, by: Actor = SYSTEM) -> None:
    """Pause it for a reason, and tell whom it concerns."""
    endpoint.paused_at, endpoint.why = clock.now(), why
    endpoint.save(update_fields=["paused_at", "why"])
    record(EndpointPaused(endpoint=endpoint.pk, name=endpoint.name, why=why), on=None, by=by, tell=_concerned(endpoint))


@returning
def hold_after_restore() -> int:
    """Webhooks with something waiting are paused: it may have been sent already. Returns how many deliveries wait."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    for endpoint in Endpoint.objects.filter(paused_at=None, deleted_at=None, pk__in=waiting.values("endpoint")):
        halt(endpoint, Endpoint.Why.RESTORED)
    return waiting.count()


@action(rules.MANAGE)
def resume_endpoint(endpoint: Endpoint, *, by: Actor) -> Endpoint:
    """Send again, first what has waited."""
    _alive(endpoint)
    if not endpoint.user.is_active:
        raise WrongMoment(_("The person it acts for does not work here any more; choose another one first."))
    outlets.require(outlet(endpoint))
    if endpoint.paused_at is not None:
        endpoint.paused_at, endpoint.why = None, ""
        endpoint.failures, endpoint.failing_since, endpoint.rest_until = 0, None, None
        endpoint.save(update_fields=["paused_at", "why", "failures", "failing_since", "rest_until"])
        record(EndpointResumed(endpoint=endpoint.pk, name=endpoint.name), on=None, by=by, tell=_concerned(endpoint))
    return endpoint


@action(rules.MANAGE)
def delete_endpoint(endpoint: Endpoint, *, by: Actor) -> Endpoint:
    """Nothing more is sent there, nor kept for it. What was sent stays in the list; `restore_endpoint` brings it back."""
    if endpoint.deleted_at is None:
        endpoint.deleted_at = clock.now()
        endpoint.save(update_fields=["deleted_at"])
        outlets.drop(outlet(endpoint), by=by)
        record(EndpointDeleted(endpoint=endpoint.pk, name=endpoint.name), on=None, by=by, tell=_concerned(endpoint))
    return endpoint


@action(rules.MANAGE)
def restore_endpoint(endpoint: Endpoint, *, by: Actor) -> Endpoint:
    """As it was before it was deleted; what happened in between is not sent."""
    if endpoint.deleted_at is not None:
        endpoint.deleted_at = None
        endpoint.save(update_fields=["deleted_at"])
        _give(endpoint, by)
        record(EndpointRestored(endpoint=endpoint.pk, name=endpoint.name), on=None, by=by, tell=_concerned(endpoint))
    return endpoint


def outlet(endpoint: Endpoint) -> str:
    """The way out it is, as the register of recipients knows it."""
    return f"webhook:{endpoint.pk}"


def _give(endpoint: Endpoint, by: Actor) -> None:
    """What it sends goes to the recipient of the register that bears this name."""
    found = privacy.recipient_called(endpoint.recipient)
    if found is None:
        raise Invalid.field("recipient", _("“%(name)s” is not in the register of recipients; take it in first: Settings, Recipients.") % {"name": endpoint.recipient})
    try:
        outlets.hand(outlet(endpoint), str(found.pk), by=by, words=endpoint.purpose)
    except Invalid as wrong:
        raise Invalid.field("recipient", wrong.message) from None


def _checked(by: Actor, *, user: User, events: Sequence[str], was: int | None = None, **words: str) -> dict[str, object]:
    said = {key: " ".join(text.split()) for key, text in words.items()}
    asked = {
        "name": (60, _("An endpoint needs a name that tells what it is for.")),
        "recipient": (120, _("Say who receives this: the company or department behind the address.")),
        "purpose": (200, _("Say what they need it for.")),
    }
    missing = {key: [why] for key, (_most, why) in asked.items() if not said[key]}
    missing |= {key: [_("At most %(most)s characters.") % {"most": most}] for key, (most, _why) in asked.items() if len(said[key]) > most}
    if not events or set(events) - set(hooked.events()):
        missing["events"] = [_("Choose the events it shall hear.")]
    if missing:
        raise Invalid(" ".join(found[0] for found in missing.values()), fields=missing)
    if not user.is_active:
        raise Invalid.field("user", _("This person does not work here any more."))
    if user.pk not in (by.user_id, was) and not by.may(rules.ACT_FOR):
        raise NotAllowed(_("You make endpoints for yourself only: %(rule)s.") % {"rule": rules.ACT_FOR.title}, code="api.act_for")
    return {**said, "events": sorted(set(events)), "user": user}


def _alive(endpoint: Endpoint) -> None:
    if endpoint.deleted_at is not None:
        raise WrongMoment(_("This webhook was deleted; bring it back first."))


def _concerned(endpoint: Endpoint) -> list[int | None]:
    return [endpoint.user_id, endpoint.made_by_id]


def _ways() -> list[outlets.Outlet]:
    return [outlets.Outlet(outlet(row), row.name, row.works) for row in Endpoint.objects.filter(deleted_at=None).order_by("pk")]


outlets.register("webhook", gettext_lazy("Webhook"), ("number",), _ways)
