"""Pages about people: the list, one person, the roles they hold."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules
from ..forms import GiveRole, Person
from .small import add, found, number, stay


@door(rules.MANAGE)
@methods("GET")
def staff(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:60]
    department = queries.department(number(request.GET.get("department")))
    left = request.GET.get("left") == "1"
    rows = list(queries.staff(text, department_id=department.pk if department else None, active=not left)[:500])
    context = {"rows": rows, "q": text, "department": department, "left": left, "tree": queries.tree()}
    return page(request, "people/staff.html", context, block="rows")


@door(rules.MANAGE)
@methods("GET", "POST")
def add_person(request: HttpRequest) -> HttpResponse:
    form = Person(request.POST or None, initial={"department": request.GET.get("department")})
    if request.method == "POST" and form.is_valid():
        try:
            user, secret = actions.add_person(by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            add(form, refusal)
        else:
            return page(request, "people/secret.html", {"person": user, "secret": secret, "fresh": True})
    return page(request, "people/person.html", {"form": form, "person": None}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    start = {name: getattr(user, name) for name in ("name", "username", "department", "email", "mobile", "chat_id", "clearance")}
    form = Person(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_user(user, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            add(form, refusal)
        else:
            return go(request, request.path + "?saved=1")
    return _person(request, user, form=form, status=422 if form.is_bound else 200)


def _person(request: HttpRequest, user: Any, *, form: Any = None, give: Any = None, status: int = 200) -> HttpResponse:
    start = {name: getattr(user, name) for name in ("name", "username", "department", "email", "mobile", "chat_id", "clearance")}
    context = {
        "person": user,
        "form": form or Person(initial=start),
        "give": give or GiveRole(),
        "grants": queries.grants_of(user),
        "sessions": queries.sessions_of(user),
        "saved": "saved" in request.GET,
    }
    return page(request, "people/person.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def new_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A password made at random, shown on this one answer only."""
    user = found(queries.user(pk))
    secret = actions.reset_password(user, by=request.actor)
    return page(request, "people/secret.html", {"person": user, "secret": secret, "fresh": False})


@door(rules.MANAGE)
@methods("POST")
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    verb = actions.reactivate_user if request.POST.get("active") == "on" else actions.deactivate_user
    verb(user, by=request.actor)
    return go(request, f"/settings/people/{pk}/?saved=1")


@door(rules.MANAGE)
@methods("POST")
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    form = GiveRole(request.POST)
    if not form.is_valid():
        return _person(request, user, give=form, status=422)
    actions.grant(user, form.cleaned_data["role"], by=request.actor)
    stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1#roles")


@door(rules.MANAGE)
@methods("POST")
def end_role(request: HttpRequest, pk: int, held: int) -> HttpResponse:
    user = found(queries.user(pk))
    actions.end_grant(found(queries.grant(held, user)), by=request.actor)
    stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1#roles")


@door(rules.MANAGE)
@methods("POST")
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    actions.end_sessions(found(queries.user(pk)), by=request.actor)
    if pk == request.user.pk:
        stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1")
