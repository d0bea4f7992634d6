"""How strict the door is at the moment, kept in memory until it changes, and what each password profile asks."""

from dataclasses import dataclass
from datetime import timedelta

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.remember import Remembered

from . import offices
from .models import Profile, SignInRules, User


@dataclass(frozen=True)
class Asked:
    """What a profile asks of passwords: at least so long, of so many classes of characters (lower, upper, digit, other), not older than
    so many days (0: any age), not one of the last so many; wrong ones lock for so many minutes at least."""

    min_length: int
    classes: int = 0
    max_age_days: int = 0
    history: int = 0
    lock_minutes: int = 1


PROFILES = {
    Profile.MODERN: Asked(12),
    Profile.LEVEL2: Asked(8, classes=3, max_age_days=90, history=5, lock_minutes=10),
    Profile.LEVEL3: Asked(10, classes=3, max_age_days=90, history=5, lock_minutes=30),
}


def fresh() -> SignInRules:
    """The row, a copy of one's own to be changed."""
    return SignInRules.objects.filter(pk=1).first() or SignInRules(pk=1)


rules: Remembered[SignInRules] = Remembered(
    fresh,
    lambda: SignInRules.objects.filter(pk=1).values_list("changed_at", flat=True).first() or "never",
)


def demands_factor(user: User, by: Actor) -> bool:
    """Does this person need a second factor: administrators, and who may see what is graded high enough (S10)?"""
    given = rules()
    return given.demanded and (user.clearance >= given.factor_from or offices.administers(by))


def asked() -> Asked:
    """What this company asks of passwords."""
    return PROFILES[Profile(rules().profile)]


def too_old(user: User) -> bool:
    """Is the password older than the profile allows?"""
    days = asked().max_age_days
    return bool(days) and clock.now() - (user.password_at or user.created_at) > timedelta(days=days)


def length() -> int:
    """How long a password must be."""
    return max(rules().min_length if rules().profile == Profile.MODERN else 0, asked().min_length)
