"""Codes that open a need to its customer, tries with them, and places forms stand at."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TrackingCode(models.Model):
    """With the register number it opens one need. Only its hash is kept; a new code ends the old ones."""

    need = models.ForeignKey("needs.Need", on_delete=models.PROTECT, related_name="codes")
    hash = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["need"], condition=Q(ended_at=None), name="one_valid_code")]


class Knock(models.Model):
    """A try with a number and a code, for throttling by number and by peer address."""

    number = models.CharField(max_length=24)
    peer = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    ok = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["number", "at"]), models.Index(fields=["peer", "at"], name="knock_by_peer")]


class FormPoint(models.Model):
    """A form somewhere else: in the company's web site, or behind a QR code on a counter."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, default="web")
    kind = models.SlugField(max_length=40, blank=True)  # preselected
    active = models.BooleanField(default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Agreement(models.Model):
    """That the customer saw the privacy notice and agreed, with the wording's version (PIPL art. 14, 17)."""

    need = models.OneToOneField("needs.Need", on_delete=models.PROTECT, related_name="agreement")
    notice = models.CharField(max_length=20)
    at = models.DateTimeField()
