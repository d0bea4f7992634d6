"""Every change of a customer's file: what it was, what it is, who changed it, when and why."""

from django.conf import settings
from django.db import models

from yingxu.base import crypto

from .customer import Customer


@crypto.seals("old.sealed", "new.sealed", context="customers.identifier")
class Change(models.Model):
    """One value that changed. `part` and `row` say where ("contact", 12), `field` which of its columns; a row that came or went is one
    change with an empty field, all of its columns in `new` or `old`. Sealed values stay sealed here, under the key "sealed". Read backwards from the file as
    it is, the changes give the file as it was at any moment; what was there from the first needs none."""

    customer = models.ForeignKey(Customer, db_index=False, on_delete=models.PROTECT, related_name="changes")
    part = models.CharField(max_length=20)
    row = models.BigIntegerField()
    field = models.CharField(max_length=40, blank=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["customer", "-id"], name="change_of_customer")]
