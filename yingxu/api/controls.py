"""What the API can prove: facts leave the house only to recipients that are named, for a purpose that is named."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.controls import Evidence, Tally, control

from .models import Delivery

MOST = 100


@control("api.recipient_named", gettext_lazy("Facts leave only to recipients that are named"), "lock")
def recipients(start: datetime, end: datetime, seen: Any) -> Tally:
    """Deliveries of the period on matters one sees; the database refuses an endpoint without recipient and purpose (P8)."""
    sent = Delivery.objects.filter(state=Delivery.State.DELIVERED, done_at__gte=start, done_at__lt=end, entry__isnull=False)
    sent = sent if seen is None else sent.filter(entry__matter__in=seen)
    bare = sent.filter(Q(endpoint__recipient="") | Q(endpoint__purpose="")).select_related("entry").order_by("-id")[:MOST]
    evidence = [Evidence(row.entry.matter_id, row.done_at, _("sent to nobody named")) for row in bare if row.entry.matter_id]
    total = sent.count()
    return Tally(total, total - len(evidence), len(evidence), evidence)
