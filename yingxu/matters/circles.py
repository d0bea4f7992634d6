"""Level and circle of a matter, and how what hangs from it gets the same (S3). Levels only rise here; a circle is the set of persons
who were admitted to one matter, its governor, and who alone see whatever it governs.

A matter has one governor at most. What hangs from several with different circles governs itself, by those who are in all of them
(`Overlap`): who leaves one of those circles leaves that one too; who joins one does not join it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from yingxu.base import clock
from yingxu.base.action import step
from yingxu.people.models import User

from .access import HANGS
from .models import Admission, Matter, Overlap


def now_in(matter_id: int, *, members: bool = True) -> QuerySet[Admission]:
    """Who is admitted to this matter at this moment; `members` leaves out those admitted for a look."""
    now = clock.now()
    rows = Admission.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), matter_id=matter_id, begins_at__lte=now)
    return rows.filter(member=True) if members else rows


def may_know(matter: Matter) -> Q:
    """A filter on users: those whom the matter's level and circle let know of it. Who it is shown to is for rules to say."""
    known = Q(is_active=True, clearance__gte=matter.secrecy)
    return known if matter.circle_id is None else known & Q(pk__in=now_in(matter.circle_id, members=False).values("user_id"))


@step
def spread(matter: Matter) -> None:
    """The matter's level is higher or its circle narrower from now on, and so it is for what hangs from it."""
    loose = Q(secrecy__lt=matter.secrecy)
    if matter.circle_id is not None:
        loose |= Q(circle=None) | ~Q(circle=matter.circle_id)
    for below in HANGS:
        for row in Matter.objects.filter(below(matter.pk)).filter(loose).select_for_update().order_by("pk"):
            _follow(row, matter)


@step
def follow(matter: Matter, above: Matter) -> bool:
    """The matter hangs from another: it gets at least its level, and its circle, as they are now; whoever is about to change those waits
    for us or we for them. Whether that changed anything."""
    return _follow(matter, Matter.objects.select_for_update(no_key=True).get(pk=above.pk))


def _follow(matter: Matter, above: Matter) -> bool:
    before = (matter.secrecy, matter.circle_id)
    matter.secrecy = max(matter.secrecy, above.secrecy)
    if above.circle_id not in (None, matter.circle_id):
        matter.circle_id = above.circle_id if matter.circle_id is None else _overlap(matter, above.circle_id)
    changed = (matter.secrecy, matter.circle_id) != before
    if changed:
        matter.save(update_fields=["secrecy", "circle"])
        spread(matter)
    return changed


def _overlap(matter: Matter, more: int) -> int:
    """The matter governs itself, by those who are in its circle and in one more."""
    if Overlap.objects.filter(matter=matter, circle=more).exists():
        return matter.circle_id
    mine, theirs = _members(matter.circle_id), _members(more)
    for circle in {matter.circle_id, more} - {matter.pk}:
        Overlap.objects.get_or_create(matter=matter, circle_id=circle)
    both = {user: _sooner(mine[user], theirs[user]) for user in mine if user in theirs}
    dismiss(matter, [user for user in mine if user not in both])
    for user, end in both.items():
        admit(matter, [user], ends_at=end, member=True)
    return matter.pk


def _members(circle: int) -> dict[int, datetime | None]:
    return dict(now_in(circle).values_list("user_id", "ends_at"))


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((end for end in (one, other) if end is not None), default=None)


@step
def admit(
    matter: Matter, user_ids: Iterable[int], *, why: str = "", ends_at: datetime | None = None, member: bool = False, by_id: int | None = None,
) -> list[int]:  # fmt: skip
    """Let these persons in, until a moment or for good; who is in already until the same moment stays as they are. Returns whom it
    changed something for."""
    now, changed = clock.now(), []
    known = {row.user_id: row for row in now_in(matter.pk, members=False).filter(member=member)}
    for user in sorted(set(user_ids)):
        before = known.get(user)
        if before is not None and before.ends_at == ends_at:
            continue
        if before is not None:
            Admission.objects.filter(pk=before.pk).update(ends_at=now)
        Admission.objects.create(matter=matter, user_id=user, begins_at=now, ends_at=ends_at, why=why[:200], member=member, by_id=by_id)
        changed.append(user)
    return changed


@step
def dismiss(matter: Matter, user_ids: Iterable[int], *, members: bool = True) -> None:
    """These persons are no longer in the circle, nor in the circles that came of it; `members` False ends a look that was granted."""
    users = list(user_ids)
    rows = now_in(matter.pk, members=False).filter(user_id__in=users, member=members)
    rows.update(ends_at=clock.now())
    if members and users:
        for one in Overlap.objects.filter(circle=matter).select_related("matter").exclude(matter=matter):
            dismiss(one.matter, users)


@step
def enclose(matter: Matter, user_ids: Iterable[int], *, why: str = "", by_id: int | None = None) -> tuple[list[int], list[int]]:
    """From now on only these persons see the matter and what hangs from it, as far as their clearance and rules let. Returns who joined
    and who left."""
    wanted = set(user_ids)
    left = [user for user in _members(matter.pk) if user not in wanted]
    joined = admit(matter, wanted, why=why, member=True, by_id=by_id)
    dismiss(matter, left)
    if matter.circle_id != matter.pk:
        matter.circle_id = matter.pk
        matter.save(update_fields=["circle"])
        spread(matter)
    return joined, left


@step
def open_up(matter: Matter) -> int:
    """No circle bounds the matter any more, nor what it governed; returns how many that were. What governs itself because it hangs from
    several keeps to the circles that are left."""
    members = list(_members(matter.pk))
    for one in Overlap.objects.filter(circle=matter).select_related("matter"):
        one.delete()
        rest = list(Overlap.objects.filter(matter=one.matter).values_list("circle_id", flat=True))
        if len(rest) == 1:
            Overlap.objects.filter(matter=one.matter).delete()
            dismiss(one.matter, _members(one.matter_id))
            Matter.objects.filter(circle=one.matter).update(circle=rest[0])
    freed = Matter.objects.filter(circle=matter).update(circle=None)
    dismiss(matter, members)
    matter.circle_id = None
    return freed


@step
def taken_over(gone: Matter, kept: Matter) -> bool:
    """One matter becomes part of another: its circle is the other's from now on, narrowed to who is in both when both have one. What
    hung from the one is governed by the other. Whether the kept one got a circle it had not."""
    if gone.circle_id is None:
        return False
    new = kept.circle_id is None
    if new:
        enclose(kept, _members(gone.pk))
    else:
        dismiss(kept, [user for user in _members(kept.pk) if user not in _members(gone.pk)])
    Matter.objects.filter(circle=gone).exclude(pk=gone.pk).update(circle=kept)
    for one in Overlap.objects.filter(circle=gone):
        Overlap.objects.get_or_create(matter_id=one.matter_id, circle=kept)
    return new


def sizes(matter_ids: Iterable[int]) -> dict[int, int]:
    """How many persons are in each of these circles."""
    now = clock.now()
    rows = Admission.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), matter__in=list(matter_ids), begins_at__lte=now, member=True)
    return dict(rows.order_by().values_list("matter_id").annotate(n=Count("user_id", distinct=True)))


def people_in(matter: Matter) -> list[User]:
    """Who is in the circle that governs the matter, active or not; none when no circle does."""
    if matter.circle_id is None:
        return []
    return list(User.objects.filter(pk__in=now_in(matter.circle_id).values("user_id")).select_related("department").order_by("name", "id"))
