"""Where a customer's page is."""

from django.urls import reverse

from ..models import Customer


def to(customer: Customer, anchor: str = "") -> str:
    """The address of a customer's page."""
    return reverse("customers:profile", args=[customer.matter.number]) + (f"#{anchor}" if anchor else "")
