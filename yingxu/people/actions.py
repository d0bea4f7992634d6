"""Verbs about people: signing in, installing a pack's departments and roles, giving and ending roles."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import RULES, Actor, Reach
from yingxu.base.action import opens, step
from yingxu.base.errors import Invalid, NotAllowed

from . import rules
from .models import Department, Grant, Role, RoleRule, SignInAttempt, User

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_PEER = 5, 50, 40
_NOBODY = make_password(secrets.token_urlsafe())


def sign_in(username: str, password: str, *, peer: str | None) -> User:
    """The user, or a refusal that says the same for a wrong password and an unknown name.

    Throttled by account and peer together (5 in 15 minutes), by peer (40) and, more loosely, by account (50), so that a stranger
    cannot lock the owner out for long.
    """
    account = username.strip().lower()[:60]
    now = timezone.now()
    with transaction.atomic():
        failed = SignInAttempt.objects.filter(at__gt=now - WINDOW, ok=False)
        mine = failed.filter(account=account)
        if (
            mine.filter(peer=peer).count() >= PER_PAIR
            or mine.count() >= PER_ACCOUNT
            or (peer and failed.filter(peer=peer).count() >= PER_PEER)
        ):
            raise NotAllowed(_("Too many attempts. Wait 15 minutes and try again."), code="throttled")
        user = User.objects.filter(username__iexact=account, is_active=True).first()
        ok = check_password(password, user.password if user else _NOBODY) and user is not None
        SignInAttempt.objects.create(account=account, peer=peer, at=now, ok=ok)
    if not ok:
        raise Invalid(_("Name and password do not match."), code="credentials")
    return user


@opens(rules.MANAGE)
def add_user(
    *,
    by: Actor,
    username: str,
    name: str,
    department: Department | None,
    password: str,
    email: str = "",
    clearance: int = 0,
) -> User:
    """A new member of staff."""
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid.field("username", _("This sign-in name is taken."))
    user = User(username=username, name=name, department=department, email=email, clearance=clearance)
    user.set_password(password)
    user.session_mark = secrets.token_hex(8)
    user.save()
    return user


@opens(rules.MANAGE)
def set_password(user: User, password: str, *, by: Actor) -> User:
    """A new password; every session of this person ends."""
    user.set_password(password)
    user.session_mark = secrets.token_hex(8)
    user.save(update_fields=["password", "session_mark"])
    return user


@opens(rules.MANAGE)
def grant(user: User, role: Role, *, by: Actor) -> Grant:
    """Give a role from now on; giving it twice changes nothing."""
    found = Grant.objects.filter(user=user, role=role, ends_at=None).first()
    return found or Grant.objects.create(user=user, role=role, begins_at=clock.now(), granted_by_id=by.user_id)


@opens(rules.MANAGE)
def end_grant(held: Grant, *, by: Actor) -> Grant:
    """Take a role away from now on. The last manager of people keeps it."""
    others = Grant.objects.filter(role__rules__rule=rules.MANAGE.name).filter(Q(ends_at=None)).exclude(pk=held.pk)
    if held.role.rules.filter(rule=rules.MANAGE.name).exists() and not others.exists():
        raise Invalid(_("Somebody has to be able to manage people; give the role to another person first."))
    held.ends_at, held.ended_by_id = clock.now(), by.user_id
    held.save(update_fields=["ends_at", "ended_by"])
    return held


@step
def install(departments: Sequence[Mapping], roles: Sequence[Mapping]) -> None:
    """Make or update departments ({code, name, parent, service, order}) and roles ({code, name, description, rules: {rule: reach}})."""
    for order, row in enumerate(departments):
        Department.objects.update_or_create(
            code=row["code"],
            defaults={"name": row["name"], "service": row.get("service", False), "order": order},
        )
    for row in departments:
        parent = Department.objects.get(code=row["parent"]) if row.get("parent") else None
        Department.objects.filter(code=row["code"]).update(parent=parent)
    for row in roles:
        role, _made = Role.objects.update_or_create(
            code=row["code"], defaults={"name": row["name"], "description": row.get("description", "")}
        )
        set_rules(role, row["rules"])


@step
def set_rules(role: Role, granted: Mapping[str, str]) -> None:
    """Exactly these rules, {"needs.view": "all"}. Raises Invalid for a rule nobody defined."""
    unknown = [name for name in granted if name not in RULES]
    if unknown:
        raise Invalid(_("Unknown rule: %(rule)s.") % {"rule": ", ".join(unknown)})
    RoleRule.objects.filter(role=role).exclude(rule__in=granted).delete()
    for name, reach in granted.items():
        RoleRule.objects.update_or_create(role=role, rule=name, defaults={"reach": Reach[reach.upper()].value})
