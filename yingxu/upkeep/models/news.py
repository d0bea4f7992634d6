"""What was learned about a customer, and when it stood in the archive."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class News(models.Model):
    """A fact learned on a day: something new (`entry`) or something that changed (`update`), to be in the file by `due_on`. A
    customer that is destroyed takes its news with it."""

    class Kind(models.TextChoices):
        ENTRY = "entry", pgettext_lazy("news", "New")
        UPDATE = "update", pgettext_lazy("news", "Changed")

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="news")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.CharField(max_length=300, blank=True)
    learned_on = models.DateField()
    due_on = models.DateField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["entry", "update"]), name="news_kind_known")]
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(entered_at=None), name="news_open"), models.Index(fields=["learned_on", "id"], name="news_by_day")]
