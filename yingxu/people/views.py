"""Sign-in, one's own settings, and the settings of people, departments and roles."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from yingxu.base.access import RULES
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import before_password, door, go, methods, page, peer, public, signed_in

from . import actions, queries, rules
from .forms import DepartmentForm, GiveRole, Password, Person, Preferences, RoleForm, SignIn
from .middleware import enter

HOME = "/"


# ── the door ──


@public
@methods("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    if queries.nobody_yet():
        return page(request, "people/not_ready.html", status=503)
    to = _local(request.POST.get("next") or request.GET.get("next") or "")
    if request.method == "GET":
        return redirect(to) if request.user.is_authenticated else _sign_in(request, SignIn(), to)
    form = SignIn(request.POST)
    if not form.is_valid():
        return _sign_in(request, form, to, status=422)
    try:
        user = actions.sign_in(form.cleaned_data["username"], form.cleaned_data["password"], peer=peer(request))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _sign_in(request, form, to, status=refusal.status)
    enter(request, user)
    return redirect(to)


def _sign_in(request: HttpRequest, form: SignIn, to: str, *, status: int = 200) -> HttpResponse:
    return page(request, "people/sign_in.html", {"form": form, "next": to}, status=status)


def _local(path: str) -> str:
    """Only a path of our own; anything else is the home page."""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else HOME


@public
@methods("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect("people:sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# ── one's own settings ──


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
            _add(form, refusal)
        else:
            enter(request, user)
            return go(request, "/settings/me/?saved=1")
    if request.user.password_due:
        return page(request, "people/new_password.html", {"form": form}, status=422 if form.is_bound else 200)
    return _me(request, password=form, status=422 if form.is_bound else 200)


def _me(request: HttpRequest, *, form: Any = None, password: Any = None, status: int = 200) -> HttpResponse:
    user = request.user
    start = {"language": user.language or request.LANGUAGE_CODE, "theme": user.theme, "letter_keys": user.letter_keys}
    context = {
        "form": form or Preferences(initial=start),
        "password": password or Password(),
        "saved": "saved" in request.GET,
        "held": [g for g in queries.grants_of(user) if g.ends_at is None],
    }
    return page(request, "people/me.html", context, status=status)


@signed_in
@methods("POST")
def available(request: HttpRequest) -> HttpResponse:
    actions.set_available(request.POST.get("available") == "on", by=request.actor)
    return go(request, _local(request.POST.get("next", "")) if request.POST.get("next") else "/settings/me/")


# ── people ──


@door(rules.MANAGE)
@methods("GET")
def staff(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:60]
    department = queries.department(_number(request.GET.get("department")))
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
            _add(form, refusal)
        else:
            return page(request, "people/secret.html", {"person": user, "secret": secret, "fresh": True})
    return page(request, "people/person.html", {"form": form, "person": None}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    user = _found(queries.user(pk))
    start = {name: getattr(user, name) for name in ("name", "username", "department", "email", "mobile", "chat_id", "clearance")}
    form = Person(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_user(user, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            _add(form, refusal)
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
        "saved": "saved" in request.GET,
    }
    return page(request, "people/person.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def new_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A password made at random, shown on this one answer only."""
    user = _found(queries.user(pk))
    secret = actions.reset_password(user, by=request.actor)
    return page(request, "people/secret.html", {"person": user, "secret": secret, "fresh": False})


@door(rules.MANAGE)
@methods("POST")
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    user = _found(queries.user(pk))
    verb = actions.reactivate_user if request.POST.get("active") == "on" else actions.deactivate_user
    verb(user, by=request.actor)
    return go(request, f"/settings/people/{pk}/?saved=1")


@door(rules.MANAGE)
@methods("POST")
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    user = _found(queries.user(pk))
    form = GiveRole(request.POST)
    if not form.is_valid():
        return _person(request, user, give=form, status=422)
    actions.grant(user, form.cleaned_data["role"], by=request.actor)
    _stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1#roles")


@door(rules.MANAGE)
@methods("POST")
def end_role(request: HttpRequest, pk: int, held: int) -> HttpResponse:
    user = _found(queries.user(pk))
    actions.end_grant(_found(queries.grant(held, user)), by=request.actor)
    _stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1#roles")


def _stay(request: HttpRequest) -> None:
    """Whoever changed their own roles stays in this one session; their others have ended."""
    request.user.refresh_from_db(fields=["session_mark"])
    request.session["mark"] = request.user.session_mark


# ── departments ──


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
    found = _found(queries.department(pk))
    start = {name: getattr(found, name) for name in ("name", "parent", "head", "service")}
    edit = lambda **given: actions.edit_department(found, by=request.actor, **given)  # noqa: E731
    return _department(request, DepartmentForm(request.POST or None, initial=start), edit, found)


def _department(request: HttpRequest, form: DepartmentForm, verb: Callable, found: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Invalid as refusal:
            _add(form, refusal)
        else:
            return go(request, "/settings/departments/")
    return page(request, "people/department.html", {"form": form, "department": found}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def department_active(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(queries.department(pk))
    verb = actions.reactivate_department if request.POST.get("active") == "on" else actions.deactivate_department
    verb(found, by=request.actor)
    return go(request, "/settings/departments/")


# ── roles ──


@door(rules.MANAGE)
@methods("GET")
def roles(request: HttpRequest) -> HttpResponse:
    return page(request, "people/roles.html", {"roles": queries.roles()})


@door(rules.MANAGE)
@methods("GET", "POST")
def add_role(request: HttpRequest) -> HttpResponse:
    add = lambda **given: actions.add_role(by=request.actor, **given)  # noqa: E731
    return _role(request, None, RoleForm(request.POST or None), add)


@door(rules.MANAGE)
@methods("GET", "POST")
def role(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(queries.role(pk))
    form = RoleForm(request.POST or None, initial={"name": found.name, "description": found.description})
    edit = lambda **given: actions.edit_role(found, by=request.actor, **given)  # noqa: E731
    return _role(request, found, form, edit)


def _role(request: HttpRequest, found: Any, form: RoleForm, verb: Callable) -> HttpResponse:
    granted = {n: request.POST[n] for n in RULES if request.POST.get(n)} if form.is_bound else queries.reaches_of(found)
    if request.method == "POST" and form.is_valid():
        try:
            made = verb(**form.cleaned_data, granted=granted)
        except Invalid as refusal:
            _add(form, refusal)
        else:
            return go(request, f"/settings/roles/{made.pk}/?saved=1")
    context = {"form": form, "role": found, "rooms": queries.all_rules(), "granted": granted, "saved": "saved" in request.GET}
    return page(request, "people/role.html", context, status=422 if form.is_bound else 200)


# ── small things ──


def _found(row: Any) -> Any:
    if row is None:
        raise Gone()
    return row


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _add(form: forms.Form, refusal: Refusal) -> None:
    """Put a refusal's sentences where they belong in the form."""
    known = {name: found for name, found in refusal.fields.items() if name in form.fields}
    for name, messages in known.items():
        form.add_error(name, [str(m) for m in messages])
    if not known:
        form.add_error(None, str(refusal) or _("This did not work."))
