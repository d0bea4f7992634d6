"""Who may become a customer. A prospect is always a customer file: from the first day it has what a file has (doubles found by its numbers,
consents, level, dealings, tasks), and nothing is carried over when it signs. The pursuit of it is a row of its own, one open at a time."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class Step(models.TextChoices):
    """How far a prospect has come."""

    IDENTIFY = "identify", pgettext_lazy("prospect", "Identified")
    SCREEN = "screen", pgettext_lazy("prospect", "Screened")
    TARGET = "target", pgettext_lazy("prospect", "Targeted")
    CONTACT = "contact", pgettext_lazy("prospect", "In contact")
    PROPOSAL = "proposal", pgettext_lazy("prospect", "Proposal made")
    CONTRACT = "contract", pgettext_lazy("prospect", "Contract signed")


class Prospect(models.Model):
    """`step` is the furthest it came, `facts` what was found out on the way {code: words}; `task` the next step. Ended with an outcome: won on
    reaching the contract, or lost for a reason."""

    class Outcome(models.TextChoices):
        OPEN = "", pgettext_lazy("prospect", "Pursued")
        WON = "won", pgettext_lazy("prospect", "Won")
        LOST = "lost", pgettext_lazy("prospect", "Not won")

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="prospects")
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.IDENTIFY)
    outcome = models.CharField(max_length=4, choices=Outcome.choices, blank=True)
    source = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expected_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    expected_on = models.DateField(null=True)
    facts = models.JSONField(default=dict)
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    since = models.DateTimeField()  # in this step
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(ended_at=None), name="one_open_prospect"),
            models.CheckConstraint(condition=Q(outcome="", ended_at=None) | (~Q(outcome="") & Q(ended_at__isnull=False)), name="prospect_ended_when"),
            models.CheckConstraint(condition=~Q(outcome="lost", reason=""), name="prospect_lost_why"),
        ]
        indexes = [models.Index(fields=["step", "-since", "-id"], name="prospect_by_step"), models.Index(fields=["owner", "-id"], name="prospect_by_owner")]

    def __str__(self) -> str:
        return str(self.customer)


class Move(models.Model):
    """A prospect came into a step (or out of the pursuit: `to` "won" or "lost")."""

    prospect = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="moves")
    before = models.CharField(max_length=10, blank=True)
    to = models.CharField(max_length=10)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["to", "at"], name="prospect_moves")]
