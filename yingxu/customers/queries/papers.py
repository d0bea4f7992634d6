"""Papers of a customer, and which run out."""

from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.files import queries as files

from ..models import Customer, Paper
from .sections import term


def of(customer: Customer, by: Actor) -> list[Paper]:
    """Every paper of a customer the actor was let see, those in use first, the next to run out before the others, with the scans they may
    know of."""
    return sorted(_of(by, customer.pk), key=lambda p: (not p.active, p.valid_until or date.max, p.pk))


@kept
def _of(by: Actor, customer: int) -> QuerySet[Paper]:
    return Paper.objects.filter(customer_id=customer).prefetch_related(Prefetch("files", queryset=files.readable(by)))


def one(customer: Customer, pk: int) -> Paper:
    """One of this customer's papers. Raises Gone."""
    found = Paper.objects.filter(customer=customer, pk=pk).select_related("customer__matter").first()
    if found is None:
        raise Gone()
    return found


def ending(today: date) -> QuerySet[Paper]:
    """In use, and to be spoken of: near its end and not spoken of yet, or over and not said."""
    soon = Q(told_on=None, valid_until__lte=today + timedelta(days=term().paper_days))
    return Paper.objects.filter(soon | Q(ended_on=None, valid_until__lt=today), active=True, valid_until__isnull=False).order_by("id")
