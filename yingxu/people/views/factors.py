"""One's own second factors."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from yingxu.base.errors import Invalid, NotAllowed, Refusal
from yingxu.base.web import before_password, go, methods, page, signed_in
from yingxu.ui.qr import qr

from .. import actions, queries, totp
from ..forms import NewApp
from ..middleware import enter
from ..verification import Again, verify
from .small import add


@before_password
@signed_in
@methods("GET", "POST")
def app(request: HttpRequest) -> HttpResponse:
    """Take up an authenticator app: scan, type the code it shows. Whoever has a factor already proves first who they are."""
    user, due = request.user, bool(request.session.get("factor_due"))
    sealed = request.POST.get("sealed") or actions.sealed_secret(user)
    form = NewApp(request.POST or None, initial={"sealed": sealed})
    again = None if due else Again(request.POST or None)
    if request.method == "POST" and form.is_valid() and (again is None or again.is_valid()):
        try:
            if again is not None:
                verify(request, **again.cleaned_data)
            _factor, codes = actions.add_app(sealed, form.cleaned_data["code"], by=request.actor, name=form.cleaned_data["name"])
        except Refusal as refusal:
            add(again if again is not None and "secret" in refusal.fields else form, refusal)
        else:
            return kept(request, codes)
    secret = actions.opened(user, sealed)
    size, cells = qr(totp.address(secret, user.username, gettext("Yingxu")))
    context = {
        "form": form, "again": again, "due": due, "sealed": sealed, "size": size, "cells": cells, "factors": queries.factors_of(user),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }  # fmt: skip
    return page(request, "people/new_app.html", context, status=422 if form.is_bound else 200)


def kept(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """A factor was added or new codes made: a new session, and the codes on this one answer only."""
    user = queries.user(request.user.pk)
    enter(request, user)
    if not codes:
        return go(request, "/settings/me/security/?saved=1")
    return page(request, "people/recovery_codes.html", {"codes": codes})


@before_password
@signed_in
@methods("GET", "POST")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a second factor, after proving again who one is."""
    return _proved(request, "remove", lambda: actions.remove_factor(pk, by=request.actor))


@signed_in
@methods("GET", "POST")
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, after proving again who one is."""
    return _proved(request, "codes", lambda: actions.new_recovery_codes(by=request.actor))


def _proved(request, what, act) -> HttpResponse:
    form = Again(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verify(request, **form.cleaned_data)
            made = act()
        except (Invalid, NotAllowed) as refusal:
            add(form, refusal)
        else:
            return kept(request, made or [])
    return proving(request, form, what)


def proving(request: HttpRequest, form: Again, what: str, name: str = "") -> HttpResponse:
    """The page that asks whether it is still you, with what will happen then."""
    context = {"form": form, "what": what, "name": name, "passkey": bool(queries.passkeys_of(request.user))}  # type: ignore[arg-type]
    return page(request, "people/prove.html", context, status=422 if form.is_bound else 200)
