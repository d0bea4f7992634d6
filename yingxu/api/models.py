"""Tokens: who another program acts for, what it may do, until when."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yingxu.base import clock


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
