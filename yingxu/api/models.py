"""Tokens: who another program acts for, what it may do, until when. Webhooks: where facts are sent, on whose behalf, and what came of it."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock, crypto
from yingxu.base.calling import Trouble


class ApiToken(models.Model):
    """The secret itself is shown once and never kept; `digest` finds it again. `per_minute` is how many requests each web
    process takes from it in a minute, 0 for no limit."""

    name = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=12)  # how the secret begins, to tell tokens apart
    scopes = ArrayField(models.CharField(max_length=80))
    per_minute = models.PositiveIntegerField(default=600)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(scopes=[]), name="token_may_something"),
            models.CheckConstraint(condition=Q(expires_at=None) | Q(expires_at__gt=F("made_at")), name="token_lives"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def works(self) -> bool:
        """Does it still open anything?"""
        return self.revoked_at is None and self.user.is_active and (self.expires_at is None or self.expires_at > clock.now())


@crypto.seals("url", context="api.endpoint")
@crypto.seals("secret", "old_secret", context="api.webhook")
class Endpoint(models.Model):
    """An address of another program that is told what happened. It acts for `user`: what they may not see is not sent.

    Address and secrets are sealed; `shown` is the address without what may be a secret in it. `rest_until` and `failures` are the
    back-off of the whole endpoint, so that one that hangs is asked seldom; `held_until` is the lease of the worker that is sending.
    """

    class Why(models.TextChoices):
        PERSON = "person", _("paused by a person")
        FAILING = "failing", _("paused because it failed for days")
        GONE = "gone", _("paused because the receiver answered that it is gone")
        LEFT = "left", _("paused because the person it acts for has left")
        PARTY = "party", _("paused because nothing may go to its recipient now")
        RESTORED = "restored", _("paused because a backup was restored: what waits may have been sent already")

    name = models.CharField(max_length=60)
    url = models.TextField()  # sealed, "api.endpoint"
    shown = models.CharField(max_length=200)
    recipient = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    events = ArrayField(models.CharField(max_length=60))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    secret = models.TextField()  # sealed, "api.webhook"
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)  # so long both secrets sign
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    paused_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=8, choices=Why.choices, blank=True)
    deleted_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(events=[]), name="endpoint_hears_something"),
            models.CheckConstraint(condition=~Q(recipient="") & ~Q(purpose=""), name="endpoint_names_recipient"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def works(self) -> bool:
        return self.paused_at is None and self.deleted_at is None


class Delivery(models.Model):
    """One fact for one endpoint. `key` is the webhook-id: the same on every retry and replay. Without an entry it is a test."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("webhook", "Waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook", "Delivered")
        FAILED = "failed", pgettext_lazy("webhook", "Failed")
        WITHHELD = "withheld", _("Withheld")

    endpoint = models.ForeignKey(Endpoint, db_index=False, on_delete=models.PROTECT, related_name="deliveries")
    entry = models.ForeignKey("matters.Entry", null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=60)
    key = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # when it is tried, while waiting
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)  # since the last replay
    sent = ArrayField(models.CharField(max_length=60), default=list)  # names of the facts that went out (P8)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "entry"], name="one_delivery"),
            models.CheckConstraint(condition=Q(state="waiting", next_at__isnull=False) | ~Q(state="waiting"), name="waiting_for_a_moment"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "state", "-id"], name="api_deliveries"),
            models.Index(fields=["endpoint", "next_at", "id"], condition=Q(state="waiting"), name="api_due"),
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One call: what was answered and how long it took, or why nothing was."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=8, choices=Trouble.choices, blank=True)
    took = models.PositiveIntegerField()  # milliseconds
    answer = models.CharField(max_length=500, blank=True)  # how the answer begins

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.status or self.trouble}"

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def said(self) -> Any:
        """The outcome in words."""
        return self.get_trouble_display() if self.trouble else self.status
