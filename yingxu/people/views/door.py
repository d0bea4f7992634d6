"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yingxu.base.errors import Refusal
from yingxu.base.web import methods, page, peer, public

from .. import actions, queries
from ..forms import SignIn
from ..middleware import device, enter
from ..models import User
from .small import local


@public
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
    return let_in(request, user, to)


def _sign_in(request: HttpRequest, form: SignIn, to: str, *, status: int = 200) -> HttpResponse:
    return page(request, "people/sign_in.html", {"form": form, "next": to}, status=status)


def let_in(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """This browser is this person from now on, and is known next time."""
    enter(request, user)
    response = redirect(to)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME, actions.came_in(user, peer=peer(request), device=device(request)),
        max_age=int(actions.KEEP_DEVICES.total_seconds()), secure=settings.HTTPS, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


@public
@methods("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect("people:sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
