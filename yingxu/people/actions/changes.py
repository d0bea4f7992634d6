"""Two people for every change of what people may do: one who manages people proposes, another agrees, then it takes effect (S8).

A company that has just begun has nobody to agree; until there is a second security administrator, and never again after that, what the
first proposes takes effect at once and is marked as founding.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check, locked, opens, step
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.base.events import state

from .. import events, queries, rules
from ..models import Grant, Role, RoleChange, User
from . import factors, linking
from .me import leave_all
from .roles import check_person, check_role, give, make_role, take, write_role
from .staff import reactivate_user

K, S = RoleChange.Kind, RoleChange.State


@opens(rules.MANAGE)
def propose_grant(user: User, role: Role, *, by: Actor, why: str = "") -> RoleChange:
    """Somebody is to hold a role."""
    if Grant.objects.filter(user=user, role=role, ends_at=None).exists():
        raise Invalid.field("role", _("%(name)s holds this role already.") % {"name": user.name})
    check_person(user, role)
    return propose(K.GRANT, by, why, user=user, role=role)


@opens(rules.MANAGE)
def propose_end(held: Grant, *, by: Actor, why: str = "") -> RoleChange:
    """Somebody is to hold a role no longer."""
    if held.ends_at is not None:
        raise WrongMoment(_("This role was ended already."))
    return propose(K.END, by, why, user=held.user, role=held.role, grant=held)


@opens(rules.MANAGE)
def propose_role(
    role: Role | None, *, by: Actor, name: str, description: str = "", granted: Mapping[str, str] | None = None, why: str = ""
) -> RoleChange:
    """A role is to be made, or to have another name or other rules: {"needs.view": "department"}."""
    check_role(role, name, granted or {})
    wanted = {"name": name, "description": description, "granted": dict(granted or {})}
    return propose(K.RULES if role else K.ROLE, by, why, role=role, wanted=wanted)


@opens(rules.MANAGE)
def propose_clearance(user: User, clearance: int, *, by: Actor, why: str = "") -> RoleChange:
    """Somebody is to see more, or less, of what is graded."""
    return propose(K.CLEARANCE, by, why, user=user, wanted={"clearance": clearance, "was": user.clearance})


@opens(rules.MANAGE)
def propose_factor_reset(user: User, *, by: Actor, why: str = "") -> RoleChange:
    """Somebody lost their second factor and every recovery code; they take up another at the next sign-in."""
    if not queries.has_factor(user):
        raise Invalid(_("%(name)s has no second factor.") % {"name": user.name})
    return propose(K.FACTORS, by, why, user=user)


@action(rules.MANAGE)
def bring_back(user: User, *, by: Actor, why: str = "") -> RoleChange | None:
    """Somebody who left is back: at once when they hold nothing, else when another agrees that they have their roles and clearance again."""
    if user.is_active:
        raise WrongMoment(_("%(name)s is active already.") % {"name": user.name})
    if not queries.holds_rights(user):
        reactivate_user(user, by=by)
        return None
    return propose(K.BACK, by, why, user=user)


@step
def ask_for_rules(role: Role, granted: Mapping[str, str], *, by: Actor, why: str) -> RoleChange | None:
    """Other rules of a role, wanted by somebody who is no security administrator (who upgrades a pack); None when it waits already."""
    check_role(role, role.name, granted)
    if RoleChange.objects.filter(kind=K.RULES, role=role, state=S.WAITING).exists():
        return None
    return propose(K.RULES, by, why, role=role, wanted={"name": role.name, "description": role.description, "granted": dict(granted)})


@step
def propose(kind: str, by: Actor, why: str, **about: Any) -> RoleChange:
    """The change waits for another security administrator; a company being founded, and the system, need none."""
    change = RoleChange(kind=kind, why=why.strip()[:300], proposed_by_id=by.user_id, proposed_at=clock.now(), **about)
    same = {"kind": kind, "user": change.user, "role": change.role, "state": S.WAITING}
    if RoleChange.objects.filter(**same).exists() and kind not in (K.ROLE, K.PROVIDER):
        raise WrongMoment(_("The same change waits already; settle that one first."))
    change.founding = queries.founding() or by.kind == "system"
    change.save()
    if change.founding:
        return settle_role_change(change.pk, agreed=True, by=by)
    fact = events.RoleChangeProposed(change=change.pk, **_named(change), why=change.why)
    state(fact, by=by, tell=[user.pk for user in queries.managers()])
    return change


@action(rules.MANAGE)
def agree(change: RoleChange, *, by: Actor) -> RoleChange:
    """The other security administrator agrees: it takes effect now."""
    return settle_role_change(change.pk, agreed=True, by=by)


@action(rules.MANAGE)
def refuse(change: RoleChange, *, by: Actor, said: str) -> RoleChange:
    """It does not take effect; says why."""
    if not said.strip():
        raise Invalid.field("said", _("Say why not."))
    return settle_role_change(change.pk, agreed=False, by=by, said=said)


@action(rules.MANAGE)
def withdraw(change: RoleChange, *, by: Actor) -> RoleChange:
    """Whoever proposed it takes it back."""
    if change.proposed_by_id != by.user_id:
        raise NotAllowed(_("Only who proposed this can withdraw it."), code="people.manage")
    return _settled(_waiting(change), S.WITHDRAWN, by, "")


@step
def settle_role_change(pk: int, *, agreed: bool, by: Actor, said: str = "") -> RoleChange:
    """It takes effect, or not; `by` is who agreed or refused. Raises WrongMoment when it was settled before, NotAllowed when `by` may not
    or proposed it, Invalid when it no longer can take effect."""
    found = RoleChange.objects.filter(pk=pk).first()
    if found is None:
        raise Gone()
    change = _waiting(locked(found))
    check(rules.MANAGE, by, change)
    if not change.founding and change.proposed_by_id == by.user_id:
        raise NotAllowed(_("You proposed this; another security administrator has to agree (two people for every change of rights)."), code="people.two_people")
    if agreed:
        _take_effect(change, by)
    return _settled(change, S.DONE if agreed else S.REFUSED, by, said)


def _waiting(change: RoleChange) -> RoleChange:
    if change.state != S.WAITING:
        raise WrongMoment(_("This change was settled already: %(state)s.") % {"state": change.get_state_display()})
    return change


def _take_effect(change: RoleChange, by: Actor) -> None:
    proposer = change.proposed_by_id or by.user_id
    if change.kind == K.GRANT:
        give(change.user, change.role, by_id=proposer)
    elif change.kind == K.END:
        take(change.grant, by_id=proposer)
    elif change.kind == K.RULES:
        write_role(change.role, **change.wanted)
    elif change.kind == K.ROLE:
        change.role = make_role(**change.wanted)
    elif change.kind == K.CLEARANCE:
        User.objects.filter(pk=change.user_id).update(clearance=change.wanted["clearance"])
        leave_all(change.user_id)
    elif change.kind == K.FACTORS:
        factors.forget_factors(change.user, by=by)
    elif change.kind == K.BACK:
        User.objects.filter(pk=change.user_id).update(is_active=True, available=True)
    elif change.kind == K.PROVIDER:
        linking.believe(**change.wanted)
    else:
        linking.link_agreed(change.user, provider=change.wanted["provider"], subject=change.wanted["subject"], by=by)


def _settled(change: RoleChange, how: str, by: Actor, said: str) -> RoleChange:
    change.wanted.pop("sealed_secret", None)  # it is the provider's now, or nobody's
    change.state, change.settled_by_id, change.settled_at, change.said = how, by.user_id, clock.now(), said.strip()[:300]
    change.save()
    fact = events.RoleChangeSettled(change=change.pk, outcome=how, **_named(change), said=change.said)
    state(fact, by=by, tell=[change.proposed_by_id, *([change.user_id] if how == S.DONE else [])])
    return change


def _named(change: RoleChange) -> dict[str, Any]:
    role = change.wanted.get("name") or (change.role.name if change.role_id else "")
    level = change.wanted.get("clearance")
    return {"kind": change.kind, "name": change.user.name if change.user_id else "", "role": role, "clearance": level}


