"""Signing in with an account that somebody else vouches for (OpenID Connect)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yingxu.base import crypto


@crypto.seals("sealed_secret")
class Provider(models.Model):
    """Who vouches: the company's own directory, or that of a group. `factor_values` are the words (`amr`, `acr`) by which it says that a
    second factor was asked for there; `trusts_email` lets a verified address find the account when nothing is linked yet. `found` is what
    it said of itself, `keys` with what it signs, each with the moment it was asked."""

    name = models.CharField(max_length=40)
    issuer = models.CharField(max_length=300, unique=True)
    client_id = models.CharField(max_length=200)
    sealed_secret = models.TextField(blank=True)
    factor_values = models.CharField(max_length=200, blank=True)
    trusts_email = models.BooleanField(default=False)
    on = models.BooleanField(default=True)
    found = models.JSONField(default=dict)
    found_at = models.DateTimeField(null=True)
    keys = models.JSONField(default=dict)
    keys_at = models.DateTimeField(null=True)
    order = models.PositiveSmallIntegerField(default=0)

    SEALED = "people.provider"

    class Meta:
        ordering = ["order", "id"]

    @property
    def secret(self) -> str:
        return crypto.unseal(self.sealed_secret, self.SEALED) if self.sealed_secret else ""

    def __str__(self) -> str:
        return self.name


class LinkedAccount(models.Model):
    """This subject of this provider is this person. `how` it came to be: linked by the person, by two security administrators, or found by
    a verified address."""

    class How(models.TextChoices):
        SELF = "self", _("by oneself")
        OFFICE = "office", _("by the security administrators")
        EMAIL = "email", _("by verified e-mail address")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="links")
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="links")
    subject = models.CharField(max_length=255)
    how = models.CharField(max_length=6, choices=How.choices)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="subject_is_one_person"),
            models.UniqueConstraint(fields=["provider", "user"], name="person_linked_once"),
        ]
