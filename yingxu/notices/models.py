"""Who must know of what: one row per person and journal entry."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """That somebody was told of an entry, and when they took note. The words are made when it is read, in the reader's language."""

    class Kind(models.TextChoices):
        TOLD = "told", _("For me")
        MENTION = "mention", _("Mentions")
        CLOCK = "clock", _("Time limits")
        WATCHED = "watched", _("Followed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    entry = models.ForeignKey("matters.Entry", on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_of"),
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notices_unread"),
        ]
