"""Members of staff: they come, change place, leave."""

import secrets

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid

from .. import queries, rules
from ..models import Department, User
from .me import give_password, leave_all, seal_contact
from .roles import alone, someone_manages


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
    if clearance:
        alone(by)
    user = User(username=username, name=name, department=department, email=email, clearance=clearance)
    user.set_password(password)
    user.password_at = clock.now()
    user.session_mark = secrets.token_hex(8)
    user.save()
    return user


@opens(rules.MANAGE)
def add_person(
    *, by: Actor, username: str, name: str, department: Department | None, email: str = "", clearance: int = 0,
    mobile: str = "", chat_id: str = "",
) -> tuple[User, str]:  # fmt: skip
    """A new member of staff with a random password, to be handed over once; they choose another when they first sign in."""
    secret = secrets.token_urlsafe(12)
    user = add_user(
        by=by, username=username, name=name, department=department, password=secret, email=email, clearance=clearance
    )
    user.password_due = True
    user.save(update_fields=["password_due"])
    seal_contact(user, mobile, chat_id)
    return user, secret


@action(rules.MANAGE)
def edit_user(
    user: User, *, by: Actor, username: str, name: str, department: Department | None, email: str, clearance: int,
    mobile: str | None = None, chat_id: str | None = None,
) -> User:  # fmt: skip
    """Another name, place, or way to reach somebody. Another clearance takes two (`propose_clearance`), but while the company is founded."""
    if clearance != user.clearance:
        alone(by)
        leave_all(user.pk)
    if User.objects.filter(username__iexact=username).exclude(pk=user.pk).exists():
        raise Invalid.field("username", _("This sign-in name is taken."))
    user.username, user.name, user.department, user.email, user.clearance = username, name, department, email, clearance
    user.save(update_fields=["username", "name", "department", "email", "clearance"])
    if mobile is not None and chat_id is not None:
        seal_contact(user, mobile, chat_id)
    return user


@action(rules.MANAGE)
def deactivate_user(user: User, *, by: Actor) -> User:
    """The person leaves: every session ends, no new work. What they did keeps their name."""
    if user.pk == by.user_id:
        raise Invalid(_("You cannot deactivate yourself; ask somebody else who manages people."))
    with someone_manages():
        user.is_active, user.available = False, False
        user.save(update_fields=["is_active", "available"])
        leave_all(user.pk)
    return user


@action(rules.MANAGE)
def reactivate_user(user: User, *, by: Actor) -> User:
    """The person is back; with the roles or the clearance they still hold it takes two (`bring_back`)."""
    if queries.holds_rights(user):
        alone(by)
    user.is_active, user.available = True, True
    user.save(update_fields=["is_active", "available"])
    return user


@action(rules.MANAGE)
def set_password(user: User, password: str, *, by: Actor) -> User:
    """A password given by somebody else; every session of this person ends."""
    return give_password(user, password, due=user.pk != by.user_id and by.kind != "system", validate=False)


@action(rules.MANAGE)
def reset_password(user: User, *, by: Actor) -> str:
    """A random password, to be handed over once; the person chooses another at the next sign-in."""
    password = secrets.token_urlsafe(12)
    give_password(user, password, due=True, validate=False)
    return password


@step
def former_system() -> User:
    """Nobody who can sign in: the name under work that a former system did and an import brings along."""
    return User.objects.get_or_create(
        username="former-system", defaults={"name": _("Former system"), "is_active": False, "password": "!"}
    )[0]
