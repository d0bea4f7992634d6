"""Papers on a matter: what was handed in, where its bytes lie, who brought it."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from yingxu.matters.models import Secrecy


def place(stored: str) -> Path:
    """Where the bytes with this stored name lie."""
    return Path(settings.FILES_DIR) / stored[:2] / stored


class File(models.Model):
    """One file. Its bytes lie under a random name in the files directory; `name` is only ever shown. `mime` was found by us in
    the bytes. `public` means the customer may see it. `entry` is the journal entry it came with. `secrecy` is its own level; it never has a
    lower one than its matter."""

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
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy.choices, default=Secrecy.NONE)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty"),
            models.CheckConstraint(condition=Q(secrecy=0) | Q(secrecy__lte=3, public=False), name="file_secrecy_known"),
        ]
        indexes = [models.Index(fields=["matter", "id"])]

    @property
    def level(self) -> int:
        """The level it has: at least its matter's."""
        return max(self.matter.secrecy, self.secrecy)

    @property
    def stamp(self) -> int:
        """The level to show beside it; 0 when it has no more than its matter."""
        return self.secrecy if self.secrecy > self.matter.secrecy else 0

    @property
    def path(self) -> Path:
        return place(self.stored)

    def __str__(self) -> str:
        return self.name
