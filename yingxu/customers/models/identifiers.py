"""By what a customer is known: phones, mail addresses, ID numbers, sealed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto

from .contacts import Contact
from .customer import Customer


@crypto.seals("sealed", context="customers.identifier")
class Identifier(models.Model):
    """A phone, mail address, ID number …: sealed, found by exact match of a keyed hash (whole, or a phone's last four digits).

    `first` marks the one customer that had a value first: it makes two people who register the same new phone at the same
    moment end with one customer. Others may share the value.
    """

    class Type(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        WECHAT = "wechat", _("WeChat")
        RESIDENT_ID = "resident_id", _("Resident ID number")
        CREDIT_CODE = "credit_code", _("Unified social credit code")
        BANK = "bank", _("Bank account")
        CODE = "code", pgettext_lazy("a number another system gave", "Customer code")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identifiers")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="identifiers")
    type = models.CharField(max_length=12, choices=Type.choices)
    sealed = models.TextField()
    fingerprint = models.BinaryField(max_length=16)
    tail = models.BinaryField(max_length=16, null=True)
    masked = models.CharField(max_length=60)
    first = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "customer", "contact"], nulls_distinct=False, name="one_identifier"
            ),
            models.UniqueConstraint(fields=["fingerprint"], condition=Q(first=True), name="one_first_holder"),
        ]
        indexes = [models.Index(fields=["tail"], condition=Q(tail__isnull=False), name="identifier_by_tail")]
