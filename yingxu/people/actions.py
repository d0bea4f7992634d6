"""Verbs about people: signing in, one's own settings, departments, staff, roles and who holds them."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto, numbers
from yingxu.base.access import RULES, Actor, Reach
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Gone, Invalid, NotAllowed

from . import queries, rules
from .models import Department, Grant, Role, RoleRule, SignInAttempt, User

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_PEER = 5, 50, 40
KEEP_ATTEMPTS = timedelta(days=400)
_NOBODY = make_password(secrets.token_urlsafe())


# ── at the door ──


def sign_in(username: str, password: str, *, peer: str | None) -> User:
    """The user, or a refusal that says the same for a wrong password and an unknown name.

    Throttled by account and peer together (5 wrong in 15 minutes), by peer (40) and, more loosely, by account (50), so that a
    stranger cannot lock the owner out for long. An attempt is written down as wrong before it is looked at, so that many at
    once count each other.
    """
    account = username.strip().lower()[:60]
    attempt = SignInAttempt.objects.create(account=account, peer=peer, at=clock.now(), ok=False)
    if _too_many(attempt):
        attempt.delete()
        raise NotAllowed(_("Too many attempts. Wait 15 minutes and try again."), code="throttled")
    user = User.objects.filter(username__iexact=account, is_active=True).first()
    if not check_password(password, user.password if user else _NOBODY) or user is None:
        raise Invalid(_("Name and password do not match."), code="credentials")
    attempt.ok = True
    attempt.save(update_fields=["ok"])
    return user


def _too_many(attempt: SignInAttempt) -> bool:
    before = SignInAttempt.objects.filter(at__gt=attempt.at - WINDOW, pk__lt=attempt.pk)
    mine = before.filter(account=attempt.account)
    pair = mine.filter(peer=attempt.peer)
    last_good = pair.filter(ok=True).order_by("-pk").values_list("pk", flat=True).first() or 0
    return (
        pair.filter(ok=False, pk__gt=last_good).count() >= PER_PAIR
        or mine.filter(ok=False).count() >= PER_ACCOUNT
        or (attempt.peer is not None and before.filter(ok=False, peer=attempt.peer).count() >= PER_PEER)
    )


def forget_attempts() -> int:
    """Sign-in attempts are kept for 400 days."""
    return SignInAttempt.objects.filter(at__lt=clock.now() - KEEP_ATTEMPTS).delete()[0]


# ── one's own settings ──


@transaction.atomic
def change_password(old: str, new: str, *, by: Actor) -> User:
    """One's own new password; every other session of this person ends."""
    user = _self(by)
    if not check_password(old, user.password):
        raise Invalid.field("old", _("This is not your present password."))
    if old == new:
        raise Invalid.field("new", _("The new password is the old one."))
    return _give_password(user, new, due=False)


@transaction.atomic
def set_preferences(*, by: Actor, language: str, theme: str, letter_keys: bool) -> User:
    """How the pages look and read for oneself."""
    user = _self(by)
    user.language, user.theme, user.letter_keys = language, theme, letter_keys
    user.save(update_fields=["language", "theme", "letter_keys"])
    return user


@transaction.atomic
def set_columns(shown_in: str, columns: Sequence[str] | None, *, by: Actor) -> User:
    """Which columns a list shows to oneself; None for the usual ones again."""
    user = _self(by)
    kept = {name: codes for name, codes in user.columns.items() if name != shown_in}
    user.columns = kept if columns is None else {**kept, shown_in: list(columns)}
    user.save(update_fields=["columns"])
    return user


@transaction.atomic
def set_contact(*, by: Actor, mobile: str, chat_id: str) -> User:
    """Where one's own SMS go, and how the group robot calls one. The mail address is given by who manages people."""
    user = _self(by)
    _seal_contact(user, mobile, chat_id)
    return user


def _seal_contact(user: User, mobile: str, chat_id: str) -> None:
    number = numbers.mobile(mobile)
    if mobile.strip() and not number:
        raise Invalid.field("mobile", _("“%(number)s” is no mobile number.") % {"number": mobile[:40]})
    user.sealed_mobile = crypto.seal(number, User.SEALED) if number else ""
    user.sealed_chat_id = crypto.seal(chat_id.strip()[:64], User.SEALED) if chat_id.strip() else ""
    user.save(update_fields=["sealed_mobile", "sealed_chat_id"])


@transaction.atomic
def set_available(available: bool, *, by: Actor) -> User:
    """Whether one takes new work at the moment."""
    user = _self(by)
    user.available = available
    user.save(update_fields=["available"])
    return user


def _self(by: Actor) -> User:
    user = User.objects.select_for_update().filter(pk=by.user_id, is_active=True).first()
    if user is None:
        raise Gone()
    return user


# ── departments ──


@opens(rules.MANAGE)
def add_department(
    *, by: Actor, name: str, parent: Department | None = None, head: User | None = None, service: bool = False, code: str = ""
) -> Department:
    """A new department at the end of its siblings."""
    last = Department.objects.filter(parent=parent).order_by("-order").values_list("order", flat=True).first()
    code = code or f"d-{secrets.token_hex(4)}"
    made = Department.objects.create(code=code, name=name, parent=parent, head=head, order=(last or 0) + 1)
    if service:
        _only_service(made)
    return made


@action(rules.MANAGE)
def edit_department(
    department: Department, *, by: Actor, name: str, parent: Department | None, head: User | None, service: bool
) -> Department:
    """Another name, place or head. A department cannot hang below itself."""
    if parent is not None and parent.pk in queries.subtree(department.pk):
        raise Invalid.field("parent", _("A department cannot belong to itself or to a part of itself."))
    department.name, department.parent, department.head = name, parent, head
    department.service = department.service and service
    department.save()
    if service and not department.service:
        _only_service(department)
    return department


@action(rules.MANAGE)
def deactivate_department(department: Department, *, by: Actor) -> Department:
    """No new work goes there; what it did stays."""
    if department.people.filter(is_active=True).exists() or department.children.filter(active=True).exists():
        raise Invalid(_("There are still people or departments in it; move them first."))
    if department.service:
        raise Invalid(_("Customer service cannot be closed; make another department customer service first."))
    department.active = False
    department.save(update_fields=["active"])
    return department


@action(rules.MANAGE)
def reactivate_department(department: Department, *, by: Actor) -> Department:
    """Open it again for new work."""
    department.active = True
    department.save(update_fields=["active"])
    return department


def _only_service(department: Department) -> None:
    Department.objects.exclude(pk=department.pk).filter(service=True).update(service=False)
    department.service = True
    department.save(update_fields=["service"])


# ── people ──


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
    _seal_contact(user, mobile, chat_id)
    return user, secret


@action(rules.MANAGE)
def edit_user(
    user: User, *, by: Actor, username: str, name: str, department: Department | None, email: str, clearance: int,
    mobile: str | None = None, chat_id: str | None = None,
) -> User:  # fmt: skip
    """Another name, place, clearance, or way to reach somebody."""
    if User.objects.filter(username__iexact=username).exclude(pk=user.pk).exists():
        raise Invalid.field("username", _("This sign-in name is taken."))
    user.username, user.name, user.department, user.email, user.clearance = username, name, department, email, clearance
    user.save(update_fields=["username", "name", "department", "email", "clearance"])
    if mobile is not None and chat_id is not None:
        _seal_contact(user, mobile, chat_id)
    return user


@action(rules.MANAGE)
def deactivate_user(user: User, *, by: Actor) -> User:
    """The person leaves: every session ends, no new work. What they did keeps their name."""
    if user.pk == by.user_id:
        raise Invalid(_("You cannot deactivate yourself; ask somebody else who manages people."))
    with _someone_manages():
        user.is_active, user.available, user.session_mark = False, False, secrets.token_hex(8)
        user.save(update_fields=["is_active", "available", "session_mark"])
    return user


@action(rules.MANAGE)
def reactivate_user(user: User, *, by: Actor) -> User:
    """The person is back, with the roles they still hold."""
    user.is_active, user.available = True, True
    user.save(update_fields=["is_active", "available"])
    return user


@action(rules.MANAGE)
def set_password(user: User, password: str, *, by: Actor) -> User:
    """A password given by somebody else; every session of this person ends."""
    return _give_password(user, password, due=user.pk != by.user_id and by.kind != "system", validate=False)


@action(rules.MANAGE)
def reset_password(user: User, *, by: Actor) -> str:
    """A random password, to be handed over once; the person chooses another at the next sign-in."""
    password = secrets.token_urlsafe(12)
    _give_password(user, password, due=True, validate=False)
    return password


def _give_password(user: User, password: str, *, due: bool, validate: bool = True) -> User:
    if validate:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), fields={"new": error.messages}) from None
    user.set_password(password)
    user.session_mark, user.password_due = secrets.token_hex(8), due
    user.save(update_fields=["password", "session_mark", "password_due"])
    return user


# ── roles ──


@opens(rules.MANAGE)
def grant(user: User, role: Role, *, by: Actor) -> Grant:
    """Give a role from now on; giving it twice changes nothing. The person's sessions end (S9)."""
    found = Grant.objects.filter(user=user, role=role, ends_at=None).first()
    if found:
        return found
    _end_sessions([user.pk])
    return Grant.objects.create(user=user, role=role, begins_at=clock.now(), granted_by_id=by.user_id)


@action(rules.MANAGE)
def end_grant(held: Grant, *, by: Actor) -> Grant:
    """Take a role away from now on; the person's sessions end. The last manager of people keeps theirs."""
    if held.ends_at is not None:
        return held
    with _someone_manages():
        held.ends_at, held.ended_by_id = max(clock.now(), held.begins_at), by.user_id
        held.save(update_fields=["ends_at", "ended_by"])
    _end_sessions([held.user_id])
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
    with _someone_manages():
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


def _end_sessions(user_ids: Sequence[int]) -> None:
    for pk in user_ids:
        User.objects.filter(pk=pk).update(session_mark=secrets.token_hex(8))


@contextmanager
def _someone_manages() -> Iterator[None]:
    """Whatever happens inside, somebody who managed people before still can; one such change at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.manage'))")
    had = bool(queries.managers())
    yield
    if had and not queries.managers():
        raise Invalid(_("Somebody has to be able to manage people; give the role to another person first."))


@step
def former_system() -> User:
    """Nobody who can sign in: the name under work that a former system did and an import brings along."""
    return User.objects.get_or_create(
        username="former-system", defaults={"name": _("Former system"), "is_active": False, "password": "!"}
    )[0]
