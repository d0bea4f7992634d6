"""Pages about people: the list, one person, the roles they hold."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules, trusted
from ..forms import GiveRole, Person
from ..models import RoleChange
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
            given = {**form.cleaned_data}
            level = given.pop("clearance")
            user, secret = actions.add_person(by=request.actor, **given)
            if level:
                actions.propose_clearance(user, level, by=request.actor)
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
            level = form.cleaned_data["clearance"]
            with transaction.atomic():
                actions.edit_user(user, by=request.actor, **{**form.cleaned_data, "clearance": user.clearance})
                change = actions.propose_clearance(user, level, by=request.actor) if level != user.clearance else None
        except (Invalid, WrongMoment) as refusal:
            add(form, refusal)
        else:
            return _after(request, change, request.path)
    return _person(request, user, form=form, status=422 if form.is_bound else 200)


def _person(request: HttpRequest, user: Any, *, form: Any = None, give: Any = None, status: int = 200, said: str = "") -> HttpResponse:
    start = {name: getattr(user, name) for name in ("name", "username", "department", "email", "mobile", "chat_id", "clearance")}
    context = {
        "person": user,
        "form": form or Person(initial=start),
        "give": give or GiveRole(),
        "grants": queries.grants_of(user),
        "sessions": queries.sessions_of(user),
        "saved": "saved" in request.GET,
        "sent": "sent" in request.GET,
        "said": said,
        "waiting": [c for c in queries.changes("waiting") if c.user_id == user.pk],
        "factors": queries.factors_of(user),
        "links": trusted.links_of(user),
        "holds": queries.holds_rights(user),
        "founding": queries.founding(),
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
    if request.POST.get("active") == "on":
        return _after(request, actions.bring_back(user, by=request.actor), f"/settings/people/{pk}/")
    actions.deactivate_user(user, by=request.actor)
    return go(request, f"/settings/people/{pk}/?saved=1")


@door(rules.MANAGE)
@methods("POST")
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    form = GiveRole(request.POST)
    if not form.is_valid():
        return _person(request, user, give=form, status=422)
    try:
        change = actions.propose_grant(user, form.cleaned_data["role"], by=request.actor, why=form.cleaned_data["why"])
    except (Invalid, WrongMoment) as refusal:
        add(form, refusal)
        return _person(request, user, give=form, status=refusal.status)
    return _after(request, change, f"/settings/people/{pk}/", "#roles")


@door(rules.MANAGE)
@methods("POST")
def end_role(request: HttpRequest, pk: int, held: int) -> HttpResponse:
    user = found(queries.user(pk))
    grant = found(queries.grant(held, user))
    change = actions.propose_end(grant, by=request.actor)
    return _after(request, change, f"/settings/people/{pk}/", "#roles")


@door(rules.MANAGE)
@methods("POST")
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    user = found(queries.user(pk))
    try:
        change = actions.propose_factor_reset(user, by=request.actor, why=request.POST.get("why", ""))
    except Invalid as refusal:
        form = GiveRole()
        return _person(request, user, give=form, status=refusal.status, said=str(refusal))
    return _after(request, change, f"/settings/people/{pk}/")


def _after(request: HttpRequest, change: RoleChange | None, to: str, part: str = "") -> HttpResponse:
    """Back to the page; it says whether the change is in effect or waits for another."""
    done = change is None or change.state == RoleChange.State.DONE
    stay(request)
    return go(request, f"{to}?{'saved' if done else 'sent'}=1{part}")


@door(rules.MANAGE)
@methods("POST")
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    actions.end_sessions(found(queries.user(pk)), by=request.actor)
    stay(request)
    return go(request, f"/settings/people/{pk}/?saved=1")
