"""Meetings one may see, and what their pages show."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter
from yingxu.matters.queries import Line, seen_by, timeline
from yingxu.people.models import User
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import Task

from . import rules
from .models import Attendee, Meeting, Minutes, State

PARTS = ("upcoming", "past", "mine", "all")
SORTS = {"soon": ("starts_at", "matter_id"), "latest": ("-starts_at", "-matter_id")}


@dataclass(frozen=True)
class Wish:
    """What the list is asked for."""

    part: str = "upcoming"
    purpose: str = ""
    state: str = ""
    q: str = ""
    sort: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sort or ("soon" if self.part == "upcoming" else "latest")]


def visible_to(by: Actor) -> QuerySet[Meeting]:
    return Meeting.objects.filter(rules.VIEW.where(by)).select_related("matter")


def find(number: str, by: Actor) -> Meeting:
    """The meeting of this number. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "about", "called_by")
    found = rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def by_uid(uid: str) -> Meeting | None:
    """The meeting calendars know by this name; for what comes in by mail, which shows nobody anything."""
    return Meeting.objects.select_related("matter").filter(uid=uid).first()


def matching(by: Actor, wish: Wish) -> QuerySet[Meeting]:
    rows, now = visible_to(by), clock.now()
    if wish.part == "upcoming":
        rows = rows.filter(ends_at__gte=now, state=State.PLANNED)
    elif wish.part == "past":
        rows = rows.filter(Q(ends_at__lt=now) | ~Q(state=State.PLANNED))
    elif wish.part == "mine":
        invited = Attendee.objects.filter(meeting=OuterRef("pk"), user_id=by.user_id)
        rows = rows.filter(Q(Exists(invited)) | Q(called_by_id=by.user_id))
    if wish.purpose:
        rows = rows.filter(purpose=wish.purpose)
    if wish.state:
        rows = rows.filter(state=wish.state)
    if text := wish.q.strip()[:100]:
        rows = rows.filter(Q(matter__title__icontains=text) | Q(matter__number=text) | (Q(about__number=text) & seen_by(by, "about_id")) | Q(agenda__icontains=text))
    return rows


def listed(by: Actor, wish: Wish, cursor: str = "") -> Slice:
    rows = matching(by, wish).select_related("matter__owner", "about").prefetch_related("attendees__user")
    return keyset(rows, wish.order, cursor)


def to_export(by: Actor, wish: Wish) -> QuerySet[Meeting]:
    rows = matching(by, wish).select_related("matter__owner", "about", "called_by").prefetch_related("attendees__user", "outcomes__task__matter")
    return rows.order_by(*wish.order)


def next_of(by: Actor, many: int = 3) -> list[Meeting]:
    """The meetings this person goes to next: invited and not declined."""
    return _next_of(by, many=many)


@kept
def _next_of(by: Actor, *, many: int) -> QuerySet[Meeting]:
    comes = Attendee.objects.filter(meeting=OuterRef("pk"), user_id=by.user_id).exclude(answer=Attendee.Answer.DECLINED)
    rows = visible_to(by).filter(Exists(comes), state=State.PLANNED, ends_at__gte=clock.now())
    return rows.order_by("starts_at")[:many]


def about(matter: Matter, by: Actor) -> list[Meeting]:
    """Meetings about a matter that this person may see, the latest first."""
    return _about(by, matter.pk)


@kept
def _about(by: Actor, matter: int) -> QuerySet[Meeting]:
    return visible_to(by).filter(about_id=matter).order_by("-starts_at")


# ── one meeting ──


def attendees(meeting: Meeting) -> list[Attendee]:
    return list(meeting.attendees.select_related("user__department", "department"))


def minutes(meeting: Meeting) -> list[Minutes]:
    """All versions, the newest first."""
    return list(meeting.minutes.select_related("by").order_by("-version"))


def outcomes(meeting: Meeting, by: Actor) -> list[Task]:
    """What was decided; a task on something of a higher level or a narrower circle than the meeting only for whoever may see it."""
    near = Q(matter__circle=None) | Q(matter__circle=meeting.matter.circle_id)
    open_ = Q(near, matter__secrecy__lte=meeting.matter.secrecy) | Q(pk__in=tasks.visible_to(by).values("pk"))
    rows = Task.objects.filter(open_, decided_in__meeting=meeting).select_related("owner", "department", "matter", "done_by")
    return list(rows.order_by("id"))


def story(meeting: Meeting) -> list[Line]:
    return timeline(meeting.matter)


def suggested(matter: Matter) -> list[User]:
    """Who should come to talk about a matter: its owner and the head of its department, and of every department with a task on it
    the person who has it and the head."""
    wanted: dict[int, None] = dict.fromkeys(pk for pk in (matter.owner_id, matter.department.head_id if matter.department else None) if pk)
    for task in tasks.on(matter):
        wanted |= dict.fromkeys(pk for pk in (task.owner_id, task.department.head_id if task.department else None) if pk)
    found = User.objects.filter(pk__in=wanted, is_active=True).select_related("department").in_bulk()
    return [found[pk] for pk in wanted if pk in found]
