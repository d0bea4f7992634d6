"""Asking for a signature, asking again, taking it back, letting it lapse."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.action import step as part
from yingxu.base.errors import Gone, Invalid, WrongMoment
from yingxu.base.flow import at_state, move
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see

from .. import rules
from ..events import ApprovalLapsed, ApprovalWithdrawn
from ..models import GOING, MOVES, Chain, Request, Round, State
from ..queries import digest
from . import going

OTHER = "approvals.other"  # the chain of what people ask for in their own words
LONGEST = 64_000  # characters of a subject


@part
def ask(
    matter: Matter | None, *, by: Actor, chain: str, title: str, subject: Mapping[str, Any], url: str = "", key: str = "",
    above: int = 0,
) -> Request:  # fmt: skip
    """Part of another room's verb: may this be done? The signers see `title` and `subject`, frozen now; `url` is where they may look
    closer. `subject` is JSON: what the asking room must know again when it is granted, and "facts", [[label, value], …], which the
    signers read (without it, all of it as label and value). No identifiers, addresses or secrets in it: name them by their keys. `above` is the secrecy level of what it is about where the matter's is
    lower: who is not cleared for it is not asked and knows nothing of it.

    With a `key` (one's own, e.g. "level:417") the same thing is asked once: while a request of this chain and key is going, the same
    subject finds it, and after it was sent back another subject begins its next round. Raises Invalid without such a chain, WrongMoment
    for another subject while it is being signed.
    """
    row = _chain(chain)
    plain = _plain(subject)
    running = Request.objects.select_for_update().filter(chain=chain, key=key, state__in=GOING).first() if key else None
    if running is not None:
        return _once_more(running, row, plain, title, url, by=by)
    request = Request.objects.create(
        matter=matter, chain=row.code, chain_name=row.name, distinct=row.distinct, title=given.words(title, "title", longest=200),
        url=_ours(url), key=key[:80], above=above, asked_by_id=by.user_id, asked_at=clock.now(),
        lapses_at=clock.now() + timedelta(days=row.lapse_days) if row.lapse_days else None,
    )  # fmt: skip
    going.begin(request, row, plain, "", by=by)
    return request


@part
def above_now(chain: str, key: str, level: int) -> None:
    """What these requests are, or were, about has a higher level from now on: who is not cleared for it knows nothing of them any more."""
    Request.objects.filter(chain=chain, key=key[:80], above__lt=level).update(above=level)


@opens(rules.ASK)
def propose(*, by: Actor, title: str, details: str, matter: Matter | None = None) -> Request:
    """Anything else that needs a signature, in one's own words; on a matter one may see, or on none."""
    given.staff(by)
    if matter is not None and not may_see(by, matter):
        raise Gone()
    return ask(matter, by=by, chain=OTHER, title=title, subject=in_words(details))


def in_words(details: str) -> dict[str, Any]:
    """A subject in one's own words."""
    return {"facts": [[_("What is asked"), given.words(details, "details", longest=5_000)]]}


def _once_more(request: Request, chain: Chain, subject: dict[str, Any], title: str, url: str, *, by: Actor) -> Request:
    same = request.rounds.filter(number=request.rounds_made, digest=digest(subject)).exists()
    if request.state == State.SENT_BACK:
        request.title, request.url = given.words(title, "title", longest=200), _ours(url) or request.url
        request.save(update_fields=["title", "url"])
        return _again(request, chain, subject, "", by=by)
    if not same:
        raise WrongMoment(_("The same is being signed already, with other content. Withdraw that request first, or wait for it."))
    return request


@action(rules.ASK)
def resubmit(request: Request, *, by: Actor, words: str = "", subject: Mapping[str, Any] | None = None) -> Request:
    """After it was sent back: the next round, with another subject (the room that asked gives it) or with words to the same one."""
    at_state(request, State.SENT_BACK)
    last = request.rounds.get(number=request.rounds_made)
    words = given.words(words, "words", required=subject is None, longest=500)
    return _again(request, _chain(request.chain), last.subject if subject is None else _plain(subject), words, by=by)


def _again(request: Request, chain: Chain, subject: dict[str, Any], words: str, *, by: Actor) -> Request:
    move(request, State.OPEN, MOVES)
    request.distinct, request.chain_name = chain.distinct, chain.name
    request.lapses_at = clock.now() + timedelta(days=chain.lapse_days) if chain.lapse_days else None
    request.save(update_fields=["state", "distinct", "chain_name", "lapses_at"])
    going.begin(request, chain, subject, words, by=by)
    return request


@action(rules.ASK)
def withdraw(request: Request, *, by: Actor, reason: str) -> Request:
    """The requester no longer wants it."""
    at_state(request, *GOING)
    reason = given.words(reason, "reason", longest=500)
    going.settle(request, _last(request), State.WITHDRAWN, ApprovalWithdrawn, by=by, reason=reason)
    return request


@part
def take_back(request: Request, *, by: Actor, reason: str) -> Request:
    """The same as part of another room's verb (what it was about is gone); nothing happens when it is over already."""
    if request.going:
        going.settle(request, _last(request), State.WITHDRAWN, ApprovalWithdrawn, by=by, reason=reason[:500])
    return request


@part
def lapse(request: Request, *, reason: str = "") -> Request:
    """Its time is over: what was not finished is void. Nothing happens when it is over already."""
    if request.going:
        reason = reason or _("nobody finished it in time")
        going.settle(request, _last(request), State.LAPSED, ApprovalLapsed, by=SYSTEM, reason=reason[:500])
    return request


def _last(request: Request) -> Round:
    return request.rounds.get(number=request.rounds_made)


def _chain(code: str) -> Chain:
    row = Chain.objects.filter(code=code, active=True).first()
    if row is None or not row.steps.exists():
        raise Invalid(_("There is no approval chain “%(name)s”: set it up under Settings › Approval chains.") % {"name": code}, code="no_chain")
    return row


def _plain(subject: Mapping[str, Any]) -> dict[str, Any]:
    """As the database will give it back, so that its digest stays the same."""
    text = DjangoJSONEncoder(ensure_ascii=False).encode(dict(subject))
    if len(text) > LONGEST:
        raise Invalid(_("This is too much to be put before a signer; name it by its number instead."))
    return json.loads(text)


def _ours(url: str) -> str:
    """An address of this house, or none."""
    return url[:200] if url.startswith("/") and not url.startswith("//") else ""
