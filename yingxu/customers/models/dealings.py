"""Dealings with a customer that are no need: calls, visits, receptions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .contacts import Contact
from .customer import Customer


class Dealing(models.Model):
    """One time somebody of us dealt with the customer, what was said, what comes next. What was written wrongly is struck out with the
    reason and stays readable."""

    class Kind(models.TextChoices):
        CALLED_US = "called_us", _("They called")
        CALLED = "called", _("We called")
        VISIT = "visit", _("Visit to them")
        RECEPTION = "reception", _("Reception here")
        WROTE_US = "wrote_us", _("They wrote")
        WROTE = "wrote", _("We wrote")
        EVENT = "event", _("Event")

    customer = models.ForeignKey(Customer, db_index=False, on_delete=models.PROTECT, related_name="dealings")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    next_step = models.CharField(max_length=200, blank=True)
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)
    struck_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["called_us", "called", "visit", "reception", "wrote_us", "wrote", "event"]), name="dealing_kind_known")]
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="dealing_of_customer"),
            models.Index(fields=["-at", "-id"], name="dealing_by_day"),
        ]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)
