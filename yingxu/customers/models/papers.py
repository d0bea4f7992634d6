"""Licences, tax papers and other documents of a customer, with their scans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto

from .customer import Customer


@crypto.seals("sealed", context="customers.identifier")
class Paper(models.Model):
    """A document a customer has shown us. Its number is sealed. `told_on` is the day its coming end was spoken of, `ended_on` the day
    its end was; a paper that was replaced or given back is out of use and stays readable."""

    class Kind(models.TextChoices):
        LICENCE = "licence", _("Business licence")
        TAX = "tax", _("Tax paper")
        PERMIT = "permit", _("Permit")
        IDENTITY = "identity", _("Identity document")
        AUTHORITY = "authority", _("Letter of authority")
        OTHER = "other", pgettext_lazy("paper", "Other paper")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)
    sealed = models.TextField(blank=True)
    masked = models.CharField(max_length=60, blank=True)
    issuer = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    files = models.ManyToManyField("files.File", related_name="+", blank=True)
    told_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(valid_until=None) | Q(valid_until__gte=F("issued_on")), name="paper_valid_after_issue"
            )
        ]
        indexes = [models.Index(fields=["valid_until"], condition=Q(active=True, valid_until__isnull=False), name="paper_by_end")]

    def __str__(self) -> str:
        return self.name or str(self.Kind(self.kind).label)
