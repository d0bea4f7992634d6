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

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, blank=True)
    preference = models.CharField(max_length=60, blank=True)  # how they like to be reached
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
