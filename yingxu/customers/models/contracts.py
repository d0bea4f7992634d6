"""Contracts with customers as papers of the archive: parties, sum, term, clauses, scans, and by when what is to be paid."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .customer import Customer


class Contract(models.Model):
    """`told_on` is the day its coming end was spoken of; `renews` the contract it takes the place of."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("contract", "Draft")
        RUNNING = "running", pgettext_lazy("contract", "In force")
        ENDED = "ended", pgettext_lazy("contract", "Ended")
        RENEWED = "renewed", pgettext_lazy("contract", "Renewed")
        CANCELLED = "cancelled", pgettext_lazy("contract", "Cancelled")

    class Renewal(models.TextChoices):
        NONE = "none", pgettext_lazy("renewal", "Ends by itself")
        ASK = "ask", pgettext_lazy("renewal", "Ask before the end")
        AUTOMATIC = "automatic", pgettext_lazy("renewal", "Goes on unless given up")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, blank=True)
    ours = models.CharField(max_length=80, blank=True)  # who signs for us
    theirs = models.CharField(max_length=120)  # who signs for them
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="CNY")
    signed_on = models.DateField(null=True)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    renewal = models.CharField(max_length=10, choices=Renewal.choices, default=Renewal.ASK)
    remind_on = models.DateField(null=True)  # a day of its own; else so many days before the end
    clauses = models.TextField(blank=True)
    reference = models.CharField(max_length=60, blank=True)  # the number on the paper itself
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    reason = models.CharField(max_length=200, blank=True)  # why it ended before its day
    renews = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="renewed_by")
    files = models.ManyToManyField("files.File", related_name="+", blank=True)
    told_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="contract_amount_not_negative"),
            models.CheckConstraint(condition=Q(begins_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="contract_ends_after_begin"),
            models.CheckConstraint(condition=Q(state__in=["draft", "running", "ended", "renewed", "cancelled"]), name="contract_state_known"),
        ]
        indexes = [
            models.Index(fields=["ends_on"], condition=Q(state="running", ends_on__isnull=False), name="contract_by_end"),
            models.Index(fields=["customer", "-id"], name="contract_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def open(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.RUNNING)


class Instalment(models.Model):
    """What is to be paid on a contract by a day, and what was. `told_on` is the day it was spoken of as coming, `late_on` as late."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="instalments")
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    paid = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    paid_on = models.DateField(null=True)
    note = models.CharField(max_length=120, blank=True)
    told_on = models.DateField(null=True)
    late_on = models.DateField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_of_something"),
            models.CheckConstraint(condition=Q(paid__gte=0, paid__lte=F("amount")), name="instalment_not_overpaid"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(paid__lt=F("amount")), name="instalment_unpaid")]

    def __str__(self) -> str:
        return _("%(amount)s by %(day)s") % {"amount": self.amount, "day": self.due_on}

    @property
    def left(self) -> Decimal:
        return self.amount - self.paid

    def late(self, today: date) -> bool:
        return self.left > 0 and self.due_on < today
