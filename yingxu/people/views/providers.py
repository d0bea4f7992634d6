"""Who vouches for people at the door: providers proposed, tried, switched off; accounts linked for somebody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yingxu.base.errors import Invalid, Refusal, WrongMoment
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules, trusted
from ..forms import LinkForm, ProviderForm
from .small import add, found, number, stay

HOME = "/settings/single-sign-on/"


@door(rules.MANAGE)
@methods("GET")
def providers(request: HttpRequest) -> HttpResponse:
    waiting = [change for change in queries.changes("waiting") if change.kind == "provider"]
    context = {"rows": trusted.all_providers(), "waiting": waiting, "saved": "saved" in request.GET, "sent": "sent" in request.GET}
    return page(request, "people/providers.html", context)


@door(rules.MANAGE)
@methods("GET", "POST")
def provider(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """One provider, or a new one: what is saved here is a proposal."""
    row = found(trusted.any_provider(pk)) if pk else None
    start = {name: getattr(row, name) for name in ("name", "issuer", "client_id", "factor_values", "trusts_email")} if row else {}
    form = ProviderForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.propose_provider(row, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Invalid as refusal:
            add(form, Invalid(str(refusal), fields={"issuer": refusal.fields["url"]}) if "url" in refusal.fields else refusal)
        else:
            stay(request)
            return go(request, f"{HOME}?{'saved' if change.state == 'done' else 'sent'}=1")
    return _provider(request, row, form)


def _provider(request: HttpRequest, row: Any, form: Any, **more: Any) -> HttpResponse:
    back = request.build_absolute_uri(reverse("people:sso_back", args=[row.pk])) if row else ""
    context = {"provider": row, "form": form, "back": back, "leaving": request.build_absolute_uri(reverse("people:sign_in")), "founding": queries.founding(), "said": None, "wrong": "", **more}
    return page(request, "people/provider.html", context, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def try_provider(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it now, and show what it says or what is wrong."""
    row = found(trusted.any_provider(pk))
    form = ProviderForm(initial={name: getattr(row, name) for name in ("name", "issuer", "client_id", "factor_values", "trusts_email")})
    try:
        return _provider(request, row, form, said=actions.try_provider(row, by=request.actor))  # type: ignore[attr-defined]
    except Refusal as refusal:
        return _provider(request, row, form, wrong=str(refusal))


@door(rules.MANAGE)
@methods("POST")
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    actions.switch_off_provider(found(trusted.any_provider(pk)), by=request.actor)  # type: ignore[attr-defined]
    return go(request, HOME + "?saved=1")


# ── somebody's accounts ──


@door(rules.MANAGE)
@methods("GET", "POST")
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The accounts of one person, and another one proposed."""
    user = found(queries.user(pk))
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.propose_link(user, form.cleaned_data["provider"], form.cleaned_data["subject"], by=request.actor, why=form.cleaned_data["why"])  # type: ignore[attr-defined]
        except (Invalid, WrongMoment) as refusal:
            add(form, refusal)
        else:
            stay(request)
            return go(request, f"{request.path}?{'saved' if change.state == 'done' else 'sent'}=1")
    context = {
        "person": user, "form": form, "links": trusted.links_of(user), "providers": trusted.providers(), "founding": queries.founding(),
        "saved": "saved" in request.GET, "sent": "sent" in request.GET,
    }  # fmt: skip
    return page(request, "people/links.html", context, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    actions.unlink(found(trusted.link(number(request.POST.get("link")), user)), by=request.actor)  # type: ignore[attr-defined]
    stay(request)
    return go(request, f"/settings/people/{pk}/accounts/?saved=1")
