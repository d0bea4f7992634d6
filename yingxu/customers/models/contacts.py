"""Whom we talk to at a customer."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .customer import Customer


class Contact(models.Model):
    """A person we talk to at a customer; a personal customer is its own first contact."""

    class Role(models.TextChoices):
        """The part somebody has in a decision to buy."""

        DECIDES = "decides", _("Decision maker")
        GUARDS = "guards", _("Gatekeeper")
        INFLUENCES = "influences", _("Influencer")
        USES = "uses", pgettext_lazy("part in a decision to buy", "User")

    class Stance(models.TextChoices):
        """How somebody stands to us."""

        FOR = "for", pgettext_lazy("stance", "In favour")
        OPEN = "open", pgettext_lazy("stance", "Undecided")
        AGAINST = "against", pgettext_lazy("stance", "Against")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, blank=True)
    preference = models.CharField(max_length=60, blank=True)  # how they like to be reached
    department = models.CharField(max_length=60, blank=True, default="", db_default="")  # where in their organisation
    reports_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stance = models.CharField(max_length=8, choices=Stance.choices, blank=True, default="", db_default="")
    note = models.CharField(max_length=200, blank=True, default="", db_default="")  # what they look at, what they like
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(reports_to=models.F("id")), name="contact_not_above_itself")]

    def __str__(self) -> str:
        return self.name
