"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from yingxu.base.errors import Refusal
from yingxu.base.web import even_when_full, methods, page, peer, public

from .. import actions, queries, trusted
from ..forms import SecondStep, SignIn
from ..middleware import device, enter
from ..models import User
from .going import leaving, over
from .small import add, local

HALF_SECONDS = 600


@public
@even_when_full
@methods("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    if queries.nobody_yet():
        return page(request, "people/not_ready.html", status=503)
    to = local(request.POST.get("next") or request.GET.get("next") or "")
    if request.method == "GET":
        return redirect(to) if request.user.is_authenticated else _sign_in(request, SignIn(), to)
    form = SignIn(request.POST)
    if not form.is_valid():
        return _sign_in(request, form, to, status=422)
    try:
        user = actions.sign_in(
            form.cleaned_data["username"], form.cleaned_data["password"], peer=peer(request), device=device(request)
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _sign_in(request, form, to, status=refusal.status)
    if queries.has_factor(user):
        return half_in(request, user, to)
    return let_in(request, user, to)


def _sign_in(request: HttpRequest, form: SignIn, to: str, *, status: int = 200) -> HttpResponse:
    return page(request, "people/sign_in.html", {"form": form, "next": to, "providers": trusted.providers()}, status=status)


def not_in(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The door again, with why somebody who came another way was not let in."""
    form = SignIn({})
    form.errors.clear()
    form.add_error(None, str(refusal))
    return _sign_in(request, form, "/", status=refusal.status)


def let_in(request: HttpRequest, user: User, to: str, *, came: dict | None = None) -> HttpResponse:
    """This browser is this person from now on, and is known next time."""
    enter(request, user, came=came or {})
    response = redirect(to)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME, actions.came_in(user, peer=peer(request), device=device(request)),
        max_age=int(actions.KEEP_DEVICES.total_seconds()), secure=settings.HTTPS, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def half_in(request: HttpRequest, user: User, to: str, *, came: dict | None = None) -> HttpResponse:
    """The password was right, or a provider vouches; the session, a new one, knows so for some minutes and opens nothing yet."""
    request.session.flush()
    request.session["half"] = {"user": user.pk, "mark": user.session_mark, "at": timezone.now().timestamp(), "to": to, "came": came or {}}
    request.session.set_expiry(HALF_SECONDS)
    return redirect("people:second")


def halfway(request: HttpRequest) -> User | None:
    """Who is half in with this browser; None when nobody is, or no more."""
    half = request.session.get("half") or {}
    user = queries.user(half.get("user", 0))
    fresh = timezone.now().timestamp() - half.get("at", 0) < HALF_SECONDS
    return user if user is not None and user.is_active and fresh and user.session_mark == half["mark"] else None


@public
@methods("GET", "POST")
def second(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    user = halfway(request)
    if user is None:
        return redirect("people:sign_in")
    half = request.session["half"]
    kinds = {factor.kind for factor in queries.factors_of(user)}
    recovery = "recovery" in request.GET
    more = {"recovery": recovery, "app": "totp" in kinds, "passkey": "passkey" in kinds}
    form = SecondStep({"code": "".join(request.POST.getlist("code"))} if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.second_step(user, form.cleaned_data["code"], peer=peer(request), device=device(request))
        except Refusal as refusal:
            add(form, refusal)
            return page(request, "people/second.html", {"form": form, **more}, status=refusal.status)
        return let_in(request, user, half["to"], came=half.get("came"))
    return page(request, "people/second.html", {"form": form, **more}, status=422 if form.is_bound else 200)


@public
@even_when_full
@methods("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    away, name = leaving(request)
    logout(request)
    response = over(request, away, name) if away else redirect("people:sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
