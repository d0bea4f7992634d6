"""Papers on a matter: what was handed in, where its bytes lie, who brought it."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q


def place(stored: str) -> Path:
    """Where the bytes with this stored name lie."""
    return Path(settings.FILES_DIR) / stored[:2] / stored


class File(models.Model):
    """One file. Its bytes lie under a random name in the files directory; `name` is only ever shown. `mime` was found by us in
    the bytes. `public` means the customer may see it. `entry` is the journal entry it came with."""

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="files")
    entry = models.ForeignKey("matters.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=32, unique=True)
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80)
    public = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty")]
        indexes = [models.Index(fields=["matter", "id"])]

    @property
    def path(self) -> Path:
        return place(self.stored)

    def __str__(self) -> str:
        return self.name
