"""What destruction can prove to a policy clause."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.approvals.models import Seat
from yingxu.base import clock
from yingxu.base.controls import Evidence, Tally, control
from yingxu.customers.models import Identifier
from yingxu.matters.models import Entry, Matter, Note
from yingxu.privacy import kinds, queries

from .events import FileErased
from .models import Certificate

MOST = 100


@control("destruction.three_signatures", gettext_lazy("What is destroyed was signed by three different persons"), "record")
def three_signatures(start: datetime, end: datetime, seen: Any) -> Tally:
    """Certificates of the period: each proposal was signed by three different persons, none of them its proposer or its appraiser alone."""
    rows = Certificate.objects.filter(at__gte=start, at__lt=end, proposal__isnull=False).select_related("proposal__matter")
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    bad = []
    for made in rows:
        signed = Seat.objects.filter(request=made.proposal.request_id, state=Seat.State.APPROVED).values_list("user", "signed_by")
        persons = {by or user for user, by in signed}
        if len(persons) < 3 or made.proposal.matter.owner_id in persons:
            bad.append((made.matter_id, made.at))
    return _tally(rows.count(), bad, _("fewer than three different persons signed"))


@control("destruction.destroyed_for_good", gettext_lazy("What was destroyed is gone for good"), "lock")
def destroyed_for_good(start: datetime, end: datetime, seen: Any) -> Tally:
    """Files erased in the period: none of them has an identifier, a note or a personal part of the journal again."""
    rows = Entry.objects.filter(event=FileErased.NAME, at__gte=start, at__lt=end, matter__erased_at__isnull=False)
    rows = rows if seen is None else rows.filter(matter_id__in=seen)
    found = dict(rows.values_list("matter_id", "at"))
    left = set(Identifier.objects.filter(customer__in=found).values_list("customer_id", flat=True)) | set(Note.objects.filter(matter__in=found).values_list("matter_id", flat=True))
    return _tally(len(found), [(pk, found[pk]) for pk in sorted(left)], _("something of it is still kept"))


@control("destruction.retention_kept", gettext_lazy("Nothing is kept beyond its time unnoticed"), "clock")
def retention_kept(start: datetime, end: datetime, seen: Any) -> Tally:
    """What came to the end of its time before the period's end: all of it is destroyed, proposed, or held."""
    from .models import Item

    applied, bad = 0, []
    for code in sorted(kinds.KINDS):
        kind, rule = queries.kind(code)
        if rule is None:
            continue
        over = kind.ended(queries.months_later(min(end, clock.now()), -rule.months - 3))
        over = over if seen is None else over.filter(pk__in=seen)
        known = Item.objects.values("matter")
        applied += over.count()
        late = Matter.objects.filter(pk__in=over.values("pk"), erased_at=None, legal_holds=None).exclude(pk__in=known)
        bad += [(pk, at) for pk, at in late.values_list("pk", "closed_at")[:MOST]]
    return _tally(applied, bad, _("it is three months over its time and was not proposed"))


def _tally(applied: int, broken: list[tuple[int, datetime]], note: str) -> Tally:
    return Tally(applied, applied - len(broken), len(broken), [Evidence(pk, at, note) for pk, at in broken[:MOST]])
