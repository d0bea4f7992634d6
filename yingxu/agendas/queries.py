"""Agendas and decisions a person may see. What is on an agenda about something the reader may not see is not there for them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor, bounds
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by
from yingxu.meetings import queries as meetings
from yingxu.meetings.models import State as MeetingState
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task

from .models import Agenda, Decision, Item

STATES = ("open", "late", "done", "withdrawn", "all")
SORTS = {"due": ("task__due_at", "id"), "-due": ("-task__due_at", "-id"), "-at": ("-at", "-id"), "at": ("at", "id")}
MOST = 10_000


def visible_to(by: Actor) -> QuerySet[Agenda]:
    """Agendas of meetings this actor may see."""
    return Agenda.objects.filter(meeting__in=meetings.visible_to(by).select_related(None).values("pk"))


def find(number: str, by: Actor) -> Agenda:
    """The agenda of the meeting with this number. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("meeting__matter__owner", "previous__meeting__matter")
    found = rows.filter(meeting__matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def listed(by: Actor, cursor: str = "") -> Slice:
    """Meetings of management, the latest first; counted without what the reader may not see."""
    seen = Matter.objects.filter(seen_by(by)).values("pk")
    known = Q(items__matter=None) | Q(items__matter__in=seen)
    told = Q(decisions__item=None) | Q(decisions__item__matter=None) | Q(decisions__item__matter__in=seen)
    rows = visible_to(by).select_related("meeting__matter__owner").annotate(
        items_=Count("items", filter=Q(items__chosen=True) & known, distinct=True), decided=Count("decisions", filter=told, distinct=True),
        left=Count("decisions", filter=Q(decisions__task__state=TaskState.OPEN) & told, distinct=True),
    )  # fmt: skip
    return keyset(rows, ("-meeting__starts_at", "-meeting_id"), cursor)


def latest() -> Agenda | None:
    """The last meeting that was held; the next one follows up on it."""
    held = Agenda.objects.filter(meeting__state=MeetingState.HELD).select_related("meeting")
    return held.order_by("-meeting__starts_at").first()


def items(agenda: Agenda, by: Actor) -> list[Item]:
    """In their order, with what was decided on each; only those on something the reader may see."""
    seen = Matter.objects.filter(pk=OuterRef("matter_id")).filter(seen_by(by))
    decided = Decision.objects.select_related("task__owner", "task__department", "task__matter")
    rows = agenda.items.filter(Q(matter=None) | Exists(seen)).select_related("matter", "task__owner", "task__department")
    return list(rows.prefetch_related(Prefetch("decisions", decided)))


def loose(agenda: Agenda) -> list[Decision]:
    """Decided outside any item."""
    return list(agenda.decisions.filter(item=None).select_related("task__owner", "task__department", "task__matter"))


# ── decisions ──


@dataclass(frozen=True)
class Wish:
    """What the page of decisions is asked for. Unknown values raise Invalid."""

    state: str = "open"
    q: str = ""
    meeting: str = ""
    owner: str = ""
    sort: str = "due"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        found = cls(asked.get("state") or "open", asked.get("q", "").strip()[:100], asked.get("meeting", "").strip()[:24], asked.get("owner", ""), asked.get("sort") or "due")
        if found.state not in STATES or found.sort not in SORTS or found.owner not in ("", "me"):
            raise Invalid(_("This list has no such filter."), code="filter")
        return found


def decisions(by: Actor) -> QuerySet[Decision]:
    """Those of meetings this actor may see, as far as clearance and circles go, and those they have to carry out or whose task they see."""
    return Decision.objects.filter(Q(bounds(by, "task__matter"), agenda__in=visible_to(by).values("pk")) | Q(task__in=tasks.visible_to(by).values("pk")))


def matching(by: Actor, wish: Wish) -> QuerySet[Decision]:
    rows, now = decisions(by), clock.now()
    if wish.state == "late":
        rows = rows.filter(task__state=TaskState.OPEN, task__due_at__lt=now)
    elif wish.state != "all":
        rows = rows.filter(task__state=wish.state)
    if wish.q:
        rows = rows.filter(Q(task__title__icontains=wish.q) | Q(task__matter__number=wish.q) | Q(task__owner__name__icontains=wish.q))
    if wish.meeting:
        rows = rows.filter(agenda__meeting__matter__number=wish.meeting)
    if wish.owner:
        rows = rows.filter(task__owner_id=by.user_id)
    return rows


_WITH = ("task__owner", "task__department", "task__matter", "agenda__meeting__matter", "task__done_by")


def decided(by: Actor, wish: Wish, cursor: str = "") -> Slice:
    return keyset(matching(by, wish).select_related(*_WITH), SORTS[wish.sort], cursor)


def to_export(by: Actor, wish: Wish) -> list[Decision]:
    keys = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in SORTS[wish.sort]]
    return list(matching(by, wish).select_related(*_WITH).order_by(*keys)[: MOST + 1])


def counts(by: Actor) -> dict[str, int]:
    """How many decisions in each state, in one query."""
    now, task = clock.now(), "task__state"
    return decisions(by).aggregate(
        open=Count("pk", filter=Q(**{task: TaskState.OPEN})), late=Count("pk", filter=Q(**{task: TaskState.OPEN}, task__due_at__lt=now)),
        done=Count("pk", filter=Q(**{task: TaskState.DONE})), withdrawn=Count("pk", filter=Q(**{task: TaskState.WITHDRAWN})), all=Count("pk"),
    )  # fmt: skip


def state_of(task: Task) -> str:
    """open, late, done or withdrawn."""
    if task.state == TaskState.OPEN:
        return "late" if task.due_at and task.due_at < clock.now() else "open"
    return str(task.state)

