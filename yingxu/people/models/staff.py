"""Departments, users, roles and who holds them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto


class Department(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    head = models.ForeignKey("User", null=True, blank=True, on_delete=models.PROTECT, related_name="heads")
    service = models.BooleanField(default=False)  # customer service: triages, reviews, feeds back
    response_group = models.BooleanField(default=False)  # takes complaints about how needs were handled
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str) -> "User":
        return self.get(username__iexact=username)


@crypto.seals("sealed_mobile", "sealed_chat_id")
class User(AbstractBaseUser):
    class Theme(models.TextChoices):
        FOLLOW = "follow", _("Follow the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    email = models.EmailField(blank=True)
    sealed_mobile = models.TextField(blank=True)  # for SMS
    sealed_chat_id = models.TextField(blank=True)  # how the group robot calls this person
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    clearance = models.PositiveSmallIntegerField(default=0)  # 0 none, 1 confidential, 2 secret, 3 top secret
    is_active = models.BooleanField(default=True)
    available = models.BooleanField(default=True)  # takes new work
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.FOLLOW)
    letter_keys = models.BooleanField(default=True)
    columns = models.JSONField(default=dict, blank=True)  # {list: codes of the columns shown}; a list that is not here shows the usual ones
    created_at = models.DateTimeField(auto_now_add=True)
    password_due = models.BooleanField(default=False)  # somebody else knows the password: a new one comes first
    password_at = models.DateTimeField(null=True)  # since when it is the present one
    session_mark = models.CharField(max_length=32, blank=True)  # changes end every other session

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        ordering = ["id"]

    SEALED = "people.user"

    @property
    def mobile(self) -> str:
        return crypto.unseal(self.sealed_mobile, self.SEALED) if self.sealed_mobile else ""

    @property
    def chat_id(self) -> str:
        return crypto.unseal(self.sealed_chat_id, self.SEALED) if self.sealed_chat_id else ""

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What somebody does here; a role grants rules."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class RoleRule(models.Model):
    """A role grants a rule with a reach (base.access.Reach)."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="rules")
    rule = models.CharField(max_length=80)
    reach = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "rule"], name="one_reach_per_rule"),
            models.CheckConstraint(condition=Q(reach__gte=1, reach__lte=4), name="reach_known"),
        ]


class Grant(models.Model):
    """A person holds a role from a moment until it is ended; never edited."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")), name="grant_ends_after"
            ),
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ends_at__isnull=True), name="one_open_grant"),
        ]


@crypto.seals("secrets", context="people.directory")
class DirectoryImport(models.Model):
    """A list of departments or of staff on its way in: read, looked at, applied, perhaps undone. `secrets` are the sealed first
    passwords of new people, until somebody has taken them."""

    class Shape(models.TextChoices):
        STAFF = "staff", _("Staff")
        DEPARTMENTS = "departments", _("Departments")

    class State(models.TextChoices):
        RECEIVED = "received", _("To be looked at")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    name = models.CharField(max_length=120)
    stored = models.CharField(max_length=40)
    shape = models.CharField(max_length=11, choices=Shape.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # {column: target}
    total = models.PositiveIntegerField(default=0)
    secrets = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


@crypto.seals("before.mobile", "after.mobile", context=User.SEALED)
class DirectoryRow(models.Model):
    """What became of one line, or of somebody who was missing. `before` and `after` let it be undone."""

    class Outcome(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", pgettext_lazy("row", "Changed")
        LEFT = "left", _("Deactivated")
        REFUSED = "refused", pgettext_lazy("row", "Refused")

    run = models.ForeignKey(DirectoryImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    title = models.CharField(max_length=120)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    message = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
