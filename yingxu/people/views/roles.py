"""Pages about roles and their rules."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from yingxu.base.access import RULES
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules
from ..forms import RoleForm
from ..models import RoleChange
from .small import add as put
from .small import found as there


@door(rules.MANAGE)
@methods("GET")
def roles(request: HttpRequest) -> HttpResponse:
    return page(request, "people/roles.html", {"roles": queries.roles()})


@door(rules.MANAGE)
@methods("GET", "POST")
def add_role(request: HttpRequest) -> HttpResponse:
    add = lambda **given: actions.propose_role(None, by=request.actor, **given)  # noqa: E731
    return _role(request, None, RoleForm(request.POST or None), add)


@door(rules.MANAGE)
@methods("GET", "POST")
def role(request: HttpRequest, pk: int) -> HttpResponse:
    found = there(queries.role(pk))
    form = RoleForm(request.POST or None, initial={"name": found.name, "description": found.description})
    edit = lambda **given: actions.propose_role(found, by=request.actor, **given)  # noqa: E731
    return _role(request, found, form, edit)


def _role(request: HttpRequest, found: Any, form: RoleForm, verb: Callable) -> HttpResponse:
    granted = {n: request.POST[n] for n in RULES if request.POST.get(n)} if form.is_bound else queries.reaches_of(found)
    if request.method == "POST" and form.is_valid():
        try:
            change = verb(**form.cleaned_data, granted=granted)
        except (Invalid, WrongMoment) as refusal:
            put(form, refusal)
        else:
            if change.state != RoleChange.State.DONE:
                return go(request, "/settings/changes/?sent=1")
            return go(request, f"/settings/roles/{change.role_id}/?saved=1")
    context = {"form": form, "role": found, "rooms": queries.all_rules(), "granted": granted, "saved": "saved" in request.GET, "founding": queries.founding()}
    return page(request, "people/role.html", context, status=422 if form.is_bound else 200)
