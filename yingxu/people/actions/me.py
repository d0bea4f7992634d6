"""One's own settings: password, look, contact, whether one takes new work."""

import secrets
from collections.abc import Sequence

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto, numbers
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.errors import Gone, Invalid

from .. import passwords
from ..models import FormerPassword, Session, User

KEEP_FORMER = 5  # as many as the strictest profile asks for


@transaction.atomic
def change_password(old: str, new: str, *, by: Actor) -> User:
    """One's own new password; every other session of this person ends."""
    user = myself(by)
    if not check_password(old, user.password):
        raise Invalid.field("old", _("This is not your present password."))
    if old == new:
        raise Invalid.field("new", _("The new password is the old one."))
    return give_password(user, new, due=False)


@transaction.atomic
def set_preferences(*, by: Actor, language: str, theme: str, letter_keys: bool) -> User:
    """How the pages look and read for oneself."""
    user = myself(by)
    user.language, user.theme, user.letter_keys = language, theme, letter_keys
    user.save(update_fields=["language", "theme", "letter_keys"])
    return user


@transaction.atomic
def set_columns(shown_in: str, columns: Sequence[str] | None, *, by: Actor) -> User:
    """Which columns a list shows to oneself; None for the usual ones again."""
    user = myself(by)
    kept = {name: codes for name, codes in user.columns.items() if name != shown_in}
    user.columns = kept if columns is None else {**kept, shown_in: list(columns)}
    user.save(update_fields=["columns"])
    return user


@transaction.atomic
def set_contact(*, by: Actor, mobile: str, chat_id: str) -> User:
    """Where one's own SMS go, and how the group robot calls one. The mail address is given by who manages people."""
    user = myself(by)
    seal_contact(user, mobile, chat_id)
    return user


def seal_contact(user: User, mobile: str, chat_id: str) -> None:
    number = numbers.mobile(mobile)
    if mobile.strip() and not number:
        raise Invalid.field("mobile", _("“%(number)s” is no mobile number.") % {"number": mobile[:40]})
    user.sealed_mobile = crypto.seal(number, User.SEALED) if number else ""
    user.sealed_chat_id = crypto.seal(chat_id.strip()[:64], User.SEALED) if chat_id.strip() else ""
    user.save(update_fields=["sealed_mobile", "sealed_chat_id"])


@transaction.atomic
def set_available(available: bool, *, by: Actor) -> User:
    """Whether one takes new work at the moment."""
    user = myself(by)
    user.available = available
    user.save(update_fields=["available"])
    return user


def myself(by: Actor) -> User:
    user = User.objects.select_for_update().filter(pk=by.user_id, is_active=True).first()
    if user is None:
        raise Gone()
    return user


@step
def leave_all(user_id: int) -> int:
    """Every session of this person ends now; returns how many there were."""
    User.objects.filter(pk=user_id).update(session_mark=secrets.token_hex(8))
    return Session.objects.filter(user_id=user_id).delete()[0]


def give_password(user: User, password: str, *, due: bool, validate: bool = True) -> User:
    former = [user.password, *FormerPassword.objects.filter(user=user).values_list("hash", flat=True)[:KEEP_FORMER]]
    if validate and (wrong := passwords.missing(password, user, former)):
        raise Invalid(" ".join(wrong), fields={"new": wrong})
    if user.has_usable_password():
        FormerPassword.objects.create(user=user, hash=user.password, at=clock.now())
        kept = FormerPassword.objects.filter(user=user)[:KEEP_FORMER].values_list("pk", flat=True)
        FormerPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    user.set_password(password)
    user.password_due, user.password_at = due, clock.now()
    user.save(update_fields=["password", "password_due", "password_at"])
    leave_all(user.pk)
    user.refresh_from_db(fields=["session_mark"])
    return user
