"""One's own settings: look and language, password, where one is signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid
from yingxu.base.web import before_password, go, methods, page, signed_in

from .. import actions, passwords, queries, strictness, trusted
from ..forms import Password, Preferences
from ..middleware import asks_new_password, enter
from ..sessions import row_key
from .small import add, local


@signed_in
@methods("GET", "POST")
def me(request: HttpRequest) -> HttpResponse:
    user = request.user
    start = {"language": user.language or request.LANGUAGE_CODE, "theme": user.theme, "letter_keys": user.letter_keys}
    form = Preferences(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        actions.set_preferences(by=request.actor, **form.cleaned_data)
        request.session["language"] = form.cleaned_data["language"]
        return go(request, request.path + "?saved=1")
    return _me(request, form=form, status=422 if form.is_bound else 200)


@before_password
@signed_in
@methods("GET", "POST")
def password(request: HttpRequest) -> HttpResponse:
    form = Password(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.change_password(form.cleaned_data["old"], form.cleaned_data["new"], by=request.actor)
        except Invalid as refusal:
            add(form, refusal)
        else:
            enter(request, user)
            return go(request, "/settings/me/?saved=1")
    if asks_new_password(request):
        return page(request, "people/new_password.html", {"form": form, "demands": passwords.demands()}, status=422 if form.is_bound else 200)
    return _me(request, password=form, status=422 if form.is_bound else 200)


def _me(request: HttpRequest, *, form: Any = None, password: Any = None, status: int = 200) -> HttpResponse:
    user = request.user
    start = {"language": user.language or request.LANGUAGE_CODE, "theme": user.theme, "letter_keys": user.letter_keys}
    context = {
        "form": form or Preferences(initial=start),
        "password": password or Password(),
        "demands": passwords.demands(),
        "saved": "saved" in request.GET,
        "held": [g for g in queries.grants_of(user) if g.ends_at is None],
    }
    return page(request, "people/me.html", context, status=status)


@signed_in
@methods("POST")
def available(request: HttpRequest) -> HttpResponse:
    actions.set_available(request.POST.get("available") == "on", by=request.actor)
    return go(request, local(request.POST.get("next", "")) if request.POST.get("next") else "/settings/me/")


# ── where one is signed in ──


@signed_in
@methods("GET")
def security(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, and what was tried at the door."""
    context = {
        "sessions": queries.sessions_of(request.user),
        "here": row_key(request.session.session_key or ""),
        "attempts": queries.attempts_at(request.user),
        "factors": queries.factors_of(request.user),
        "left": queries.recovery_left(request.user),
        "demanded": strictness.demands_factor(request.user, request.actor),
        "rules": strictness.rules(),
        "providers": trusted.linkable(request.user),
        "links": trusted.links_of(request.user),
        "saved": "saved" in request.GET,
    }
    return page(request, "people/security.html", context)


@signed_in
@methods("POST")
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    actions.end_session(handle, by=request.actor)
    return go(request, "/settings/me/security/?saved=1")


@signed_in
@methods("POST")
def end_others(request: HttpRequest) -> HttpResponse:
    actions.end_other_sessions(by=request.actor, keep=row_key(request.session.session_key or ""))
    return go(request, "/settings/me/security/?saved=1")
