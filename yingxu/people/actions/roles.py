"""Roles and who holds them. What a person changes here takes effect when another agrees (`changes`); these verbs are for the system, which
installs and seeds, and for a company that is being founded.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import RULES, Actor, Reach
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, NotAllowed

from .. import offices, queries, rules, strictness
from ..models import Grant, Role, RoleRule, SignInRules, User
from .me import leave_all

LEAST = 2  # security administrators, once there were so many


def alone(by: Actor) -> None:
    """Raises NotAllowed unless one is enough: the system, or a company being founded."""
    if by.kind != "system" and not queries.founding():
        raise NotAllowed(_("A change of rights takes two security administrators: propose it, and another agrees."), code="people.two_people")


@opens(rules.MANAGE)
def grant(user: User, role: Role, *, by: Actor) -> Grant:
    """Give a role from now on; giving it twice changes nothing. The person's sessions end (S9)."""
    alone(by)
    return give(user, role, by_id=by.user_id)


@step
def give(user: User, role: Role, *, by_id: int | None) -> Grant:
    """The role is held from now on. Raises Invalid when it does not go with what the person holds (S8)."""
    found = Grant.objects.filter(user=user, role=role, ends_at=None).first()
    if found:
        return found
    check_person(user, role)
    leave_all(user.pk)
    made = Grant.objects.create(user=user, role=role, begins_at=clock.now(), granted_by_id=by_id)
    _founded()
    return made


@action(rules.MANAGE)
def end_grant(held: Grant, *, by: Actor) -> Grant:
    """Take a role away from now on; the person's sessions end. The last managers of people keep theirs."""
    alone(by)
    return take(held, by_id=by.user_id)


@step
def take(held: Grant, *, by_id: int | None) -> Grant:
    """The role is held no longer."""
    if held.ends_at is not None:
        return held
    with someone_manages():
        held.ends_at, held.ended_by_id = max(clock.now(), held.begins_at), by_id
        held.save(update_fields=["ends_at", "ended_by"])
    leave_all(held.user_id)
    return held


@opens(rules.MANAGE)
def add_role(*, by: Actor, name: str, description: str = "", granted: Mapping[str, str] | None = None) -> Role:
    """A new role with its rules, {"needs.view": "department"}."""
    alone(by)
    check_role(None, name, granted or {})
    return make_role(name=name, description=description, granted=granted or {})


@step
def make_role(*, name: str, description: str, granted: Mapping[str, str]) -> Role:
    """The role is there."""
    check_role(None, name, granted)
    role = Role.objects.create(code=f"r-{secrets.token_hex(4)}", name=name, description=description)
    set_rules(role, granted)
    return role


@action(rules.MANAGE)
def edit_role(role: Role, *, by: Actor, name: str, description: str, granted: Mapping[str, str]) -> Role:
    """Another name or other rules; who holds the role may do the new things at once."""
    alone(by)
    return write_role(role, name=name, description=description, granted=granted)


@step
def write_role(role: Role, *, name: str, description: str, granted: Mapping[str, str]) -> Role:
    """The role is as it is given here."""
    check_role(role, name, granted)
    role.name, role.description = name, description
    role.save(update_fields=["name", "description"])
    if {k: v.lower() for k, v in granted.items()} != queries.reaches_of(role):
        before = offices.of(queries.reaches_of(role))
        with someone_manages():
            set_rules(role, granted)
        if before != offices.of(granted):  # whoever becomes an administrator, or is one no longer, comes in anew
            for user_id in queries.open_grants().filter(role=role).values_list("user_id", flat=True):
                leave_all(user_id)
        _founded()
    return role


def check_role(role: Role | None, name: str, granted: Mapping[str, str]) -> None:
    """Raises Invalid for a name that is taken, rules nobody defined, and what no administrator may hold, alone or beside other roles (S8)."""
    if Role.objects.filter(name=name).exclude(pk=role.pk if role else None).exists():
        raise Invalid.field("name", _("There is already a role of this name."))
    _known(granted)
    if said := offices.role_trouble(granted):
        raise Invalid(said, code="people.three_administrators")
    if role is None:
        return
    mine = list(granted.items())
    for held in queries.open_grants().filter(role=role, user__is_active=True).select_related("user"):
        if said := offices.trouble([*mine, *queries.granted_to(held.user, leaving_out=role)]):
            raise Invalid(f"{held.user.name}: {said}", code="people.three_administrators")


def check_person(user: User, role: Role) -> None:
    """Raises Invalid when the person holds what does not go with this role (S8)."""
    if said := offices.trouble([*queries.reaches_of(role).items(), *queries.granted_to(user)]):
        raise Invalid.field("role", said)


@step
def set_rules(role: Role, granted: Mapping[str, str]) -> None:
    """Exactly these rules, {"needs.view": "all"}. Raises Invalid for a rule or a reach nobody defined, and for what no administrator
    may hold (S8)."""
    _known(granted)
    if said := offices.role_trouble(granted):
        raise Invalid(f"{role.name}: {said}", code="people.three_administrators")
    RoleRule.objects.filter(role=role).exclude(rule__in=granted).delete()
    RoleRule.objects.bulk_create(
        [RoleRule(role=role, rule=name, reach=Reach[reach.upper()].value) for name, reach in granted.items()],
        update_conflicts=True, unique_fields=["role", "rule"], update_fields=["reach"],
    )  # fmt: skip


def _known(granted: Mapping[str, str]) -> None:
    unknown = [name for name, reach in granted.items() if name not in RULES or reach.upper() not in Reach.__members__]
    if unknown:
        raise Invalid(_("Unknown rule: %(rule)s.") % {"rule": ", ".join(unknown)})


def _founded() -> None:
    """The founding ends for good with the second security administrator."""
    if strictness.rules().founded_at is None and len(queries.managers()) >= LEAST:
        SignInRules.objects.update_or_create(pk=1, defaults={"founded_at": clock.now(), "changed_at": clock.now()})


@contextmanager
def someone_manages() -> Iterator[None]:
    """Whatever happens inside, somebody who managed people before still can, and of two or more two; one such change at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.manage'))")
    had = len(queries.managers())
    yield
    left = len(queries.managers())
    if left < min(had, LEAST) and left == 0:
        raise Invalid(_("Somebody has to be able to manage people; give the role to another person first."))
    if left < min(had, LEAST):
        raise Invalid(_("Two people have to be able to manage people, so that one can agree to what the other proposes; give the role to another person first."))
