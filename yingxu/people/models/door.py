"""What stands at the door: sessions, attempts, devices that are known, and how strict the company is."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import devices


class Session(AbstractBaseSession):
    """A browser. `session_key` is a hash of what its cookie holds, so that neither this table nor a backup of it opens anything;
    the columns beside the data are copies that the list of one's own sessions is made of."""

    user = models.ForeignKey("people.User", null=True, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=80, blank=True)
    peer = models.GenericIPAddressField(null=True)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "session"

    @property
    def place(self) -> str:
        return devices.place(self.peer)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from ..sessions import SessionStore

        return SessionStore


class KnownDevice(models.Model):
    """A browser somebody signed in with before. Its cookie opens nothing; it only counts wrong passwords by itself, so that
    strangers who try the account do not lock its owner out. `digest` is the hash of the cookie."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="devices")
    digest = models.BinaryField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    peer = models.GenericIPAddressField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="device_known_once")]

    def __str__(self) -> str:
        return self.name


SECOND = "#2"  # behind the name of an account: its second step; no sign-in name holds this character


class FormerPassword(models.Model):
    """The hash of a password somebody had, for profiles that ask for another one."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="former_passwords")
    hash = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class SignInAttempt(models.Model):
    """For throttling by account and by peer address. `told`: the owner knows of it."""

    account = models.CharField(max_length=64)  # the second step of an account counts by itself
    peer = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    ok = models.BooleanField()
    device = models.ForeignKey(KnownDevice, null=True, on_delete=models.SET_NULL, related_name="+")
    told = models.BooleanField(default=False)
    way = models.CharField(max_length=60, blank=True)  # which provider or passkey, when it was no password

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"]), models.Index(fields=["peer", "at"]),
            models.Index(fields=["at"], condition=Q(ok=False, told=False), name="failures_not_told"),
        ]  # fmt: skip

    @property
    def place(self) -> str:
        return devices.place(self.peer)


class Profile(models.TextChoices):
    """Two schools of thought about passwords: length and rarity, or classes and age."""

    MODERN = "modern", _("Long and not common; never changed without a reason")
    LEVEL2 = "level2", pgettext_lazy("profile", "GB/T 22239 level 2")
    LEVEL3 = "level3", pgettext_lazy("profile", "GB/T 22239 level 3")


def _within(low: int, high: int) -> list:
    return [MinValueValidator(low), MaxValueValidator(high)]


class SignInRules(models.Model):
    """How strict the company is at the door; one row. `factor_from` is the clearance from which a second factor is demanded (0: of
    everybody); administrators always need one. `demanded` is off in a demonstration only."""

    idle_minutes = models.PositiveSmallIntegerField(default=30, validators=_within(5, 60))
    idle_minutes_administrators = models.PositiveSmallIntegerField(default=15, validators=_within(5, 30))
    longest_hours = models.PositiveSmallIntegerField(default=12, validators=_within(1, 24))
    tries = models.PositiveSmallIntegerField(default=5, validators=_within(3, 10))
    lock_minutes = models.PositiveSmallIntegerField(default=1, validators=_within(1, 60))
    profile = models.CharField(max_length=8, choices=Profile.choices, default=Profile.MODERN)
    min_length = models.PositiveSmallIntegerField(default=12, validators=_within(8, 64))
    factor_from = models.PositiveSmallIntegerField(default=2, validators=_within(0, 3))
    demanded = models.BooleanField(default=True)
    only_linked = models.BooleanField(default=False)  # whoever is linked to a provider that is on has no use for a password; administrators do
    changed_at = models.DateTimeField(null=True)
    founded_at = models.DateTimeField(null=True, blank=True)  # since then it takes two to change a right

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_sign_in_rules")]
