"""Signing in with a provider, and linking one's own account to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import crypto
from yingxu.base.errors import Invalid, NotAllowed, Refusal
from yingxu.base.web import even_when_full, go, methods, page, peer, public, signed_in

from .. import actions, oidc, queries, trusted
from ..models import Provider, User
from ..verification import Again, verify
from .door import half_in, let_in, not_in
from .factors import proving
from .going import HINT, over
from .small import add, found, local

PENDING, MOST, SECONDS = "sso", 5, 600
SECURITY = "/settings/me/security/"


@public
@even_when_full
@methods("POST")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the provider."""
    provider = found(trusted.provider(pk))
    try:
        return _ask(request, provider, {"to": local(request.POST.get("next", ""))})
    except Refusal as refusal:
        return not_in(request, refusal)


def _ask(request: HttpRequest, provider: Provider, more: dict[str, Any]) -> HttpResponse:
    """Keeps in this browser's session what it asks, and goes there. A few questions may be open at once (several tabs)."""
    known = actions.known(provider)
    back = request.build_absolute_uri(reverse("people:sso_back", args=[provider.pk]))
    asked = oidc.Question(crypto.token(), crypto.token(), crypto.token(size=48), back)
    kept = {**more, "provider": provider.pk, "at": timezone.now().timestamp(), **vars(asked)}
    request.session[PENDING] = [*request.session.get(PENDING, []), kept][-MOST:]
    if not request.user.is_authenticated:
        request.session.set_expiry(SECONDS)
    return over(request, oidc.question_address(known, provider.client_id, asked), provider.name)


@public
@even_when_full
@methods("GET")
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """The browser comes back with the provider's answer, which is good once: the only page that changes something when it is asked for,
    because the protocol comes back this way."""
    provider = found(trusted.provider(pk))
    try:
        kept = _asked_here(request, provider)
        asked = oidc.Question(*(kept[name] for name in ("state", "nonce", "verifier", "redirect")))
        claims, token = actions.answered(provider, request.GET["code"], asked)
        if "user" in kept:
            return _linked(request, provider, claims, kept)
        user = actions.person_of(provider, claims, peer=peer(request))
    except Refusal as refusal:
        return not_in(request, refusal)
    return _in(request, provider, user, claims, token, kept["to"])


def _asked_here(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """The question this answers, which is forgotten with it. Raises Invalid when this browser asked no such question."""
    rows, state = request.session.get(PENDING, []), request.GET.get("state", "")
    kept = next((row for row in rows if state and row["state"] == state and row["provider"] == provider.pk), None)
    if kept is None:
        raise Invalid(_("This browser did not ask for this sign-in, or it was answered already. Begin again."), code="sso_state")
    request.session[PENDING] = [row for row in rows if row is not kept]
    request.session.save()  # before anything takes time: the same answer, sent twice at once, finds nothing
    if timezone.now().timestamp() - kept["at"] > SECONDS:
        raise Invalid(_("This sign-in took too long. Begin again."), code="sso_state")
    if "iss" in request.GET and request.GET["iss"] != provider.issuer:
        raise Invalid(_("The answer comes from another provider; nobody was signed in."), code="sso_claims")
    if "error" in request.GET or not request.GET.get("code"):
        raise NotAllowed(_("%(name)s did not sign you in. Begin again, or use your password.") % {"name": provider.name}, code="sso_refused")
    return kept


def _in(request: HttpRequest, provider: Provider, user: User, claims: dict[str, Any], token: str, to: str) -> HttpResponse:
    """The second factor counts where the provider says one of the words agreed on; else ours is asked for."""
    factor = bool(oidc.factors(claims) & set(provider.factor_values.split()))
    came = {"way": "provider", "provider": provider.pk, "factor": factor, "hint": crypto.seal(token, HINT)}
    if queries.has_factor(user) and not factor:
        return half_in(request, user, to, came=came)
    return let_in(request, user, to, came=came)


# ── linking one's own ──


@signed_in
@methods("GET", "POST")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Link one's account: prove again who one is, then sign in there."""
    provider = found(trusted.provider(pk))
    form = Again(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verify(request, **form.cleaned_data)
            return _ask(request, provider, {"user": request.user.pk, "mark": request.user.session_mark, "to": SECURITY})
        except (Invalid, NotAllowed) as refusal:
            add(form, refusal)
    return proving(request, form, "link", provider.name)


def _linked(request: HttpRequest, provider: Provider, claims: dict[str, Any], kept: dict[str, Any]) -> HttpResponse:
    user = request.user
    if not user.is_authenticated or user.pk != kept["user"] or user.session_mark != kept["mark"] or not user.is_active:
        raise Invalid(_("You are no longer signed in; sign in and link the account again."), code="sso_state")
    try:
        actions.link_mine(provider, claims, by=queries.actor(user))
    except Invalid as refusal:
        return page(request, "ui/refusal.html", {"refusal": refusal, "stale": None}, status=refusal.status)
    return go(request, SECURITY + "?saved=1")


@signed_in
@methods("GET", "POST")
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """The link ends, after proving again who one is. Whoever came in by it stays until they sign out."""
    form = Again(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verify(request, **form.cleaned_data)
        except (Invalid, NotAllowed) as refusal:
            add(form, refusal)
        else:
            actions.unlink_mine(pk, by=request.actor)  # type: ignore[attr-defined]
            return go(request, SECURITY + "?saved=1")
    return proving(request, form, "unlink")

