"""Roles and who holds them."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import connection
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import RULES, Actor, Reach
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid

from .. import queries, rules
from ..models import Department, Grant, Role, RoleRule, User
from .me import leave_all


@opens(rules.MANAGE)
def grant(user: User, role: Role, *, by: Actor) -> Grant:
    """Give a role from now on; giving it twice changes nothing. The person's sessions end (S9)."""
    found = Grant.objects.filter(user=user, role=role, ends_at=None).first()
    if found:
        return found
    leave_all(user.pk)
    return Grant.objects.create(user=user, role=role, begins_at=clock.now(), granted_by_id=by.user_id)


@action(rules.MANAGE)
def end_grant(held: Grant, *, by: Actor) -> Grant:
    """Take a role away from now on; the person's sessions end. The last manager of people keeps theirs."""
    if held.ends_at is not None:
        return held
    with someone_manages():
        held.ends_at, held.ended_by_id = max(clock.now(), held.begins_at), by.user_id
        held.save(update_fields=["ends_at", "ended_by"])
    leave_all(held.user_id)
    return held


@opens(rules.MANAGE)
def add_role(*, by: Actor, name: str, description: str = "", granted: Mapping[str, str] | None = None) -> Role:
    """A new role with its rules, {"needs.view": "department"}."""
    if Role.objects.filter(name=name).exists():
        raise Invalid.field("name", _("There is already a role of this name."))
    role = Role.objects.create(code=f"r-{secrets.token_hex(4)}", name=name, description=description)
    set_rules(role, granted or {})
    return role


@action(rules.MANAGE)
def edit_role(role: Role, *, by: Actor, name: str, description: str, granted: Mapping[str, str]) -> Role:
    """Another name or other rules; who holds the role may do the new things at once."""
    if Role.objects.filter(name=name).exclude(pk=role.pk).exists():
        raise Invalid.field("name", _("There is already a role of this name."))
    role.name, role.description = name, description
    role.save(update_fields=["name", "description"])
    with someone_manages():
        set_rules(role, granted)
    return role


@step
def install(departments: Sequence[Mapping], roles: Sequence[Mapping]) -> None:
    """Make or update departments ({code, name, parent, service, order}) and roles ({code, name, description, rules: {rule: reach}})."""
    Department.objects.bulk_create(
        [
            Department(
                code=row["code"], name=row["name"], service=row.get("service", False),
                response_group=row.get("response_group", False), order=order,
            )
            for order, row in enumerate(departments)
        ],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "service", "response_group", "order"],
    )  # fmt: skip
    known = {d.code: d for d in Department.objects.all()}
    for row in departments:
        known[row["code"]].parent = known[row["parent"]] if row.get("parent") else None
    Department.objects.bulk_update([known[row["code"]] for row in departments], ["parent"])
    Role.objects.bulk_create(
        [Role(code=row["code"], name=row["name"], description=row.get("description", "")) for row in roles],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "description"],
    )  # fmt: skip
    made = {r.code: r for r in Role.objects.all()}
    for row in roles:
        set_rules(made[row["code"]], row["rules"])


@step
def set_rules(role: Role, granted: Mapping[str, str]) -> None:
    """Exactly these rules, {"needs.view": "all"}. Raises Invalid for a rule or a reach nobody defined."""
    unknown = [name for name, reach in granted.items() if name not in RULES or reach.upper() not in Reach.__members__]
    if unknown:
        raise Invalid(_("Unknown rule: %(rule)s.") % {"rule": ", ".join(unknown)})
    RoleRule.objects.filter(role=role).exclude(rule__in=granted).delete()
    RoleRule.objects.bulk_create(
        [RoleRule(role=role, rule=name, reach=Reach[reach.upper()].value) for name, reach in granted.items()],
        update_conflicts=True, unique_fields=["role", "rule"], update_fields=["reach"],
    )  # fmt: skip


@contextmanager
def someone_manages() -> Iterator[None]:
    """Whatever happens inside, somebody who managed people before still can; one such change at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.manage'))")
    had = bool(queries.managers())
    yield
    if had and not queries.managers():
        raise Invalid(_("Somebody has to be able to manage people; give the role to another person first."))
