"""What approvals can prove to a policy clause."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.base.controls import Asked, Evidence, Tally, control, tally
from yingxu.matters.models import Look

from .actions.leaving import CHAIN, HOLDS, LISTS
from .models import Round, Seat, State, Step

MOST = 100


def _evidence(rows: list[tuple[int | None, datetime]], note: str) -> list[Evidence]:
    return [Evidence(matter, at, note) for matter, at in rows if matter is not None][:MOST]


@control("approvals.distinct_people", gettext_lazy("No one signs their own request, nor twice where different people are wanted"), "lock")
def distinct_people(start: datetime, end: datetime, seen: Any) -> Tally:
    """Rounds that were approved: by somebody else than the requester, and in chains of different people by nobody twice."""
    rounds = Round.objects.filter(outcome=State.GRANTED, ended_at__gte=start, ended_at__lt=end)
    rounds = rounds if seen is None else rounds.filter(request__matter_id__in=seen)
    who: dict[int, list[int]] = defaultdict(list)
    for round_id, user, signer in Seat.objects.filter(step__round__in=rounds, state=Seat.State.APPROVED).values_list("step__round_id", "user_id", "signed_by_id"):
        who[round_id] += {user, signer}
    bad, applied = [], 0
    for pk, distinct, requester, matter, at in rounds.order_by("-ended_at").values_list(
        "pk", "request__distinct", "request__asked_by_id", "request__matter_id", "ended_at"
    ):
        applied += 1
        if not who[pk] or requester in who[pk] or (distinct and len(who[pk]) != len(set(who[pk]))):
            bad.append((matter, at))
    return Tally(applied, applied - len(bad), len(bad), _evidence(bad, _("signed by the requester, or twice by one person")))


@control("approvals.in_time", gettext_lazy("Signatures within their time"), "clock")
def in_time(start: datetime, end: datetime, seen: Any) -> Asked:
    """Steps whose date lies in the period: signed by then, or late (also those still open)."""
    now = clock.now()
    rows = Step.objects.filter(due_at__gte=start, due_at__lt=end).exclude(state__in=[Step.State.WAITING, Step.State.DROPPED])
    rows = rows if seen is None else rows.filter(round__request__matter_id__in=seen)
    bad = rows.filter(Q(closed_at__gt=F("due_at")) | Q(closed_at=None, due_at__lt=now))
    running = rows.filter(closed_at=None, due_at__gte=now)
    newest = bad.order_by("-due_at").values_list("round__request__matter_id", "due_at")[:MOST]
    return tally(rows, bad, "due_at", "", running=running, evidence=lambda: _evidence(list(newest), _("a signature was late")))


@control("approvals.reasons", gettext_lazy("What is refused, sent back or handed on has its reason"), "record")
def reasons(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every signature that is no approval, with the words that go with it."""
    rows = Seat.objects.filter(state__in=[Seat.State.REFUSED, Seat.State.SENT_BACK], signed_at__gte=start, signed_at__lt=end)
    rows = rows if seen is None else rows.filter(request__matter_id__in=seen)
    bad = rows.filter(words="")
    found = bad.order_by("-signed_at").values_list("request__matter_id", "signed_at")[:MOST]
    return tally(rows, bad, "signed_at", "", evidence=lambda: _evidence(list(found), _("without a reason")))


@control("approvals.exports_signed", gettext_lazy("Long lists with personal data left only with a second person's signature"), "lock")
def exports_signed(start: datetime, end: datetime, seen: Any) -> Tally:
    """Exports of the period above the limit, in the access log: each was signed for the same list and person within the day before."""
    rows = Look.objects.filter(what=Look.What.EXPORT, matter=None, at__gte=start, at__lt=end, facts__list__in=LISTS, facts__rows__gt=settings.EXPORT_ROWS)
    found = [] if seen is not None else list(rows.values_list("user_id", "facts", "at"))
    signed: dict[tuple[int | None, str], list[datetime]] = defaultdict(list)
    granted = Round.objects.filter(request__chain=CHAIN, outcome=State.GRANTED, ended_at__gte=start - HOLDS, ended_at__lt=end)
    for user, listed, at in granted.values_list("request__asked_by_id", "subject__list", "ended_at") if found else ():
        signed[user, listed].append(at)
    failed = sum(not any(one <= at <= one + HOLDS for one in signed[user, facts["list"]]) for user, facts, at in found)
    return Tally(len(found), len(found) - failed, failed, [])
