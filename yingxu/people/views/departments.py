"""Pages about departments."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules
from ..forms import DepartmentForm
from .small import add as put
from .small import found as there


@door(rules.MANAGE)
@methods("GET")
def departments(request: HttpRequest) -> HttpResponse:
    return page(request, "people/departments.html", {"tree": queries.tree()})


@door(rules.MANAGE)
@methods("GET", "POST")
def add_department(request: HttpRequest) -> HttpResponse:
    form = DepartmentForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    add = lambda **given: actions.add_department(by=request.actor, **given)  # noqa: E731
    return _department(request, form, add, None)


@door(rules.MANAGE)
@methods("GET", "POST")
def department(request: HttpRequest, pk: int) -> HttpResponse:
    found = there(queries.department(pk))
    start = {name: getattr(found, name) for name in ("name", "parent", "head", "service")}
    edit = lambda **given: actions.edit_department(found, by=request.actor, **given)  # noqa: E731
    return _department(request, DepartmentForm(request.POST or None, initial=start), edit, found)


def _department(request: HttpRequest, form: DepartmentForm, verb: Callable, found: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Invalid as refusal:
            put(form, refusal)
        else:
            return go(request, "/settings/departments/")
    return page(request, "people/department.html", {"form": form, "department": found}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def department_active(request: HttpRequest, pk: int) -> HttpResponse:
    found = there(queries.department(pk))
    verb = actions.reactivate_department if request.POST.get("active") == "on" else actions.deactivate_department
    verb(found, by=request.actor)
    return go(request, "/settings/departments/")
