"""Customers nobody looks after, and giving several of them to somebody."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.errors import Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.customers.rules import EDIT

from .. import actions, forms, queries
from .frame import entries


@door(EDIT)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    return _page(request, forms.Owner())


@door(EDIT)
@methods("POST")
def give(request: HttpRequest) -> HttpResponse:
    """The chosen ones are somebody's from now on."""
    form = forms.Owner(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        done = actions.give_owner(request.POST.getlist("pick"), by=request.actor, **form.cleaned_data)
    except Refusal as refusal:
        return _page(request, form, refusal=refusal, status=refusal.status)
    said = ngettext("%(n)s customer is looked after by %(name)s now", "%(n)s customers are looked after by %(name)s now", len(done))
    return toast(go(request, reverse("upkeep:ownerless")), said % {"n": len(done), "name": form.cleaned_data["owner"].name})


def _page(request: HttpRequest, form: forms.Owner, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    by, wish = request.actor, queries.ownerless.Wish.of(request.GET)
    found = queries.ownerless.listed(by, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "rows": found.rows, "form": form, "refusal": refusal, "picked": request.POST.getlist("pick"), "entries": entries(by, "ownerless"),
        "previous": _address(wish, cursor=found.previous) if found.previous else None, "next": _address(wish, cursor=found.next) if found.next else None,
        "shows": [("", _("All without an owner")), ("none", _("Never had one")), ("left", _("Whose owner left"))], "sorts": [("name", _("By name")), ("-opened", _("Newest files first"))],
    }  # fmt: skip
    return page(request, "upkeep/ownerless.html", context, status=status)


def _address(wish: queries.ownerless.Wish, **over: Any) -> str:
    values = {"show": wish.show, "q": wish.text, "sort": wish.sort, **over}
    kept = {key: value for key, value in values.items() if value and (key, value) != ("sort", "name")}
    return reverse("upkeep:ownerless") + (f"?{urlencode(kept)}" if kept else "")
