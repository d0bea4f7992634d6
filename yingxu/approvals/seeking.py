"""Who can sign a step: the people the chain means, less those who must not."""

from django.db.models import Q

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.matters.queries import may_see
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.people.queries import open_grants

from .models import Deputy, Request, Seat, Step, Who
from .rules import MANAGE, SIGN


def meant(step: Step, request: Request) -> list[User]:
    """The active people the step's words mean, in order of id."""
    active = User.objects.filter(is_active=True).select_related("department")
    if step.who == Who.ROLE:
        return list(active.filter(grants__in=open_grants().filter(role__code=step.code)).distinct().order_by("id"))
    if step.who == Who.PERSON:
        return list(active.filter(username=step.code))
    department = request.matter.department if step.who == Who.MATTER_HEAD and request.matter else None
    if step.who == Who.HEAD:
        department = request.asked_by.department if request.asked_by else None
    head = head_of(department, without=request.asked_by_id)
    return list(active.filter(pk=head))


def head_of(department: Department | None, *, without: int | None = None) -> int | None:
    """The head of the department, or of the nearest one above it that has one; `without` is passed over (nobody is their own head)."""
    seen: set[int] = set()
    while department is not None and department.pk not in seen:
        seen.add(department.pk)
        if department.head_id and department.head_id != without and department.head.is_active:
            return department.head_id
        department = department.parent
    return None


def able(step: Step, request: Request) -> list[User]:
    """Those of them who may be asked now."""
    barred = signed(step, request)
    return [user for user in meant(step, request) if user.pk not in barred and may_be_asked(user, request)]


def signed(step: Step, request: Request) -> set[int]:
    """Where nobody may sign twice: who has signed in this round, themselves or through a deputy."""
    if not request.distinct:
        return set()
    seats = Seat.objects.filter(step__round=step.round_id, state=Seat.State.APPROVED).values_list("user_id", "signed_by_id")
    return {pk for pair in seats for pk in pair if pk}


def may_be_asked(user: User, request: Request) -> bool:
    """Not the requester; active, may sign at all, and may see what it is about."""
    if user.pk == request.asked_by_id or not user.is_active:
        return False
    by = people.actor(user)
    return by.may(SIGN) and _may_know(by, request)


def may_be_told(user: User, request: Request) -> bool:
    """May this person know that a signature is late?"""
    return _may_know(people.actor(user), request)


def _may_know(by: Actor, request: Request) -> bool:
    return request.above <= by.clearance and (request.matter is None or may_see(by, request.matter))


def deputies_of(user_ids: set[int] | list[int]) -> list[Deputy]:
    """Who stands for these people now."""
    now = clock.now()
    rows = Deputy.objects.filter(user_id__in=list(user_ids), begins_at__lte=now, ends_at__gt=now, ended_at=None)
    return list(rows.select_related("deputy", "user").order_by("id"))


def to_tell(seats: list[Seat], request: Request) -> list[int]:
    """Those asked, and the deputies of whoever is away, as far as these may be asked too."""
    users = {seat.user_id for seat in seats if seat.waiting}
    standing = {row.deputy_id for row in deputies_of(users) if may_be_asked(row.deputy, request)}
    return sorted(users | standing)


def administrators(request: Request) -> list[int]:
    """Who is told that nobody can sign: those who set up the chains."""
    return [user.pk for user in people.holders(MANAGE) if user.pk != request.asked_by_id]


def waiting_names(step: Step) -> tuple[str, ...]:
    rows = Seat.objects.filter(Q(step=step), state=Seat.State.WAITING).order_by("id")
    return tuple(rows.values_list("user__name", flat=True))
