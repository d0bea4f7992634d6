"""Customers that were found to be one."""

from django.db import models
from django.db.models import F, Q

from .customer import Customer


class Merge(models.Model):
    """One customer was found to be another; kept so that it can be seen and undone."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)  # {"needs.need.customer": [ids], …}
    before = models.JSONField(default=dict)  # the kept customer's own values that the merge replaced, {field: [old, new]}
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="merged_once"),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
        ]
