"""Questions about impact assessments and breaches. Everything starts from what the actor may see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by

from .. import rules
from ..models import Assessment, Breach

State = Assessment.State
AHEAD = timedelta(days=14)  # before its day an assessment is due to be looked at again
ASSESSMENT_SORTS = {"due": ("review_on", "matter_id"), "-opened": ("-matter__opened_at", "-matter_id"), "opened": ("matter__opened_at", "matter_id")}
BREACH_SORTS = {"-found": ("-found_at", "-matter_id"), "found": ("found_at", "matter_id")}


@dataclass(frozen=True)
class AssessmentWish:
    """What a list of assessments is asked for. `state` also: due (to be looked at again within a fortnight, or late)."""

    state: str = ""
    kind: str = ""
    q: str = ""
    sort: str = "-opened"


@dataclass(frozen=True)
class BreachWish:
    """What a list of breaches is asked for."""

    state: str = ""
    size: str = ""
    drill: str = ""
    q: str = ""
    sort: str = "-found"


def _ordered(rows: QuerySet, keys: tuple[str, ...]) -> QuerySet:
    return rows.order_by(*[F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys])


# ── assessments ──


def assessments(by: Actor, wish: AssessmentWish) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(rules.VIEW_ASSESSMENTS.where(by)).select_related("matter__owner", "reviewed_by")
    if wish.state == "due":
        rows = rows.filter(_due(clock.today()))
    elif wish.state:
        rows = rows.filter(state=wish.state)
    rows = rows.filter(kind=wish.kind) if wish.kind else rows
    return rows.filter(Q(matter__title__icontains=wish.q) | Q(matter__number__iexact=wish.q)) if wish.q else rows


def _due(today: date) -> Q:
    return Q(state=State.APPROVED, review_on__lte=today + AHEAD)


def assessments_page(by: Actor, wish: AssessmentWish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(assessments(by, wish), ASSESSMENT_SORTS[wish.sort], cursor, size=size)


def assessments_to_export(by: Actor, wish: AssessmentWish) -> QuerySet[Assessment]:
    return _ordered(assessments(by, wish), ASSESSMENT_SORTS[wish.sort])


def assessment(number: str, by: Actor) -> Assessment:
    """One assessment. Raises Gone."""
    rows = Assessment.objects.filter(rules.VIEW_ASSESSMENTS.where(by)).select_related("matter__owner", "matter__department", "reviewed_by")
    found = rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def assessment_in_force(number: str) -> Assessment | None:
    """The assessment of this number that was approved; whoever sets up what needs one names it."""
    return Assessment.objects.filter(state=State.APPROVED, matter__number=number.strip().upper()).select_related("matter").first()


def assessments_due(until: date) -> QuerySet[Assessment]:
    """Those in force that are to be looked at again by a day, for the job that reminds."""
    rows = Assessment.objects.filter(state=State.APPROVED, review_on__lte=until)
    return rows.select_related("matter__owner__department", "matter__department").order_by("review_on", "pk")


def rests_on(assessment: Assessment) -> dict[str, list[str]]:
    """What was set up on the ground of an assessment, by name."""
    return {"recipients": [r.name for r in assessment.recipients.all()], "purposes": [p.name for p in assessment.purposes.all()]}


# ── breaches ──


def breaches(by: Actor, wish: BreachWish) -> QuerySet[Breach]:
    rows = Breach.objects.filter(rules.VIEW_BREACHES.where(by)).select_related("matter__owner")
    rows = rows.exclude(state=Breach.State.CLOSED) if wish.state == "running" else rows.filter(state=wish.state) if wish.state else rows
    rows = rows.filter(size=wish.size) if wish.size else rows
    rows = rows.filter(drill=wish.drill == "yes") if wish.drill else rows
    return rows.filter(Q(matter__title__icontains=wish.q) | Q(matter__number__iexact=wish.q)) if wish.q else rows


def breaches_page(by: Actor, wish: BreachWish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(breaches(by, wish), BREACH_SORTS[wish.sort], cursor, size=size)


def breaches_to_export(by: Actor, wish: BreachWish) -> QuerySet[Breach]:
    return _ordered(breaches(by, wish), BREACH_SORTS[wish.sort])


def breach(number: str, by: Actor) -> Breach:
    """One breach. Raises Gone."""
    rows = Breach.objects.filter(rules.VIEW_BREACHES.where(by)).select_related("matter__owner", "matter__department", "reviewed_by", "asked_by")
    found = rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


@dataclass(frozen=True)
class Chosen:
    """By what customers are chosen as affected: their numbers, their department, whose they are, when their file was opened or last
    changed (days of ours, both included). What is empty narrows nothing; all empty chooses nobody."""

    numbers: tuple[str, ...] = ()
    department: Any = None
    owner: Any = None
    since: date | None = None
    until: date | None = None
    all: bool = False


def chosen(by: Actor, asked: Chosen) -> QuerySet[Matter]:
    """The customers' files a choice means, of those this actor may see."""
    rows = Matter.objects.filter(seen_by(by), kind="customer", erased_at=None)
    if not (asked.all or asked.numbers or asked.department or asked.owner or asked.since or asked.until):
        return rows.none()
    rows = rows.filter(number__in=asked.numbers) if asked.numbers else rows
    rows = rows.filter(department=asked.department) if asked.department else rows
    rows = rows.filter(owner=asked.owner) if asked.owner else rows
    rows = rows.filter(changed_at__gte=_begin(asked.since)) if asked.since else rows
    return rows.filter(opened_at__lt=_begin(asked.until + timedelta(days=1))) if asked.until else rows


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.zone())


def affected(breach: Breach, by: Actor, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(affected_by(breach, by).select_related("owner", "department"), ("number", "id"), cursor, size=size)


def affected_by(breach: Breach, by: Actor) -> QuerySet[Matter]:
    """The affected customers' files this actor may see."""
    return breach.customers.filter(seen_by(by))


def affected_count(breach: Breach, by: Actor) -> int:
    return affected_by(breach, by).count()
