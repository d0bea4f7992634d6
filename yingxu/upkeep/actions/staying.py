"""Whose work it is: the owner's while they are here, then the head's of the department."""

from django.db import transaction
from django.db.models import QuerySet

from yingxu.base.access import SYSTEM
from yingxu.matters.actions import record
from yingxu.matters.models import Matter
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks

from .. import rules
from ..events import ReportHandedOver, SheetHandedOver
from ..models import Check, Report, Sheet


def doer(owner: User | None, department: Department | None) -> User | None:
    """Who does what is the owner's to do: the owner, and when they left or there is none, the head of the department or of one above.
    None when nobody is there."""
    if owner is not None and owner.is_active:
        return owner
    seen: set[int] = set()
    while department is not None and department.pk not in seen:
        seen.add(department.pk)
        if department.head_id and department.head.is_active:
            return department.head
        department = department.parent
    return None


def keeper() -> User | None:
    """Who does what nobody else is there to do: the first who sets the rhythm of upkeep and goes through lists."""
    return next((user for user in people.holders(rules.SET) if people.actor(user).may(rules.DO)), None)


def hand_over_left() -> int:
    """Give lists and drafts whose owner left to the head of their department; returns how many. Each in a transaction of its own."""
    found = 0
    for rows in (Sheet.objects.filter(finished_at=None, round__closed_at=None), Report.objects.filter(state=Report.State.DRAFT)):
        found += sum(_moved(rows, pk) for pk in rows.filter(matter__owner__is_active=False).order_by("pk").values_list("pk", flat=True))
    return found


def _moved(rows: QuerySet, pk: int) -> bool:
    with transaction.atomic():
        matter = Matter.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        row = rows.select_related("task").filter(pk=pk).first()
        if matter is None or row is None or matter.owner is None or matter.owner.is_active:
            return False
        left, to = matter.owner, doer(matter.owner, matter.department)
        if to is None:
            return False
        matter.owner = to
        matter.save(update_fields=["owner"])
        if row.task and row.task.open:
            tasks.change(row.task, by=SYSTEM, owner=to, department=to.department or matter.department, due_at=row.task.due_at)
        if isinstance(row, Sheet):
            event = SheetHandedOver(to=to.name, before=left.name, rows=row.checks.filter(result=Check.Result.OPEN).count())
        else:
            event = ReportHandedOver(month=f"{row.month:%Y-%m}", to=to.name, before=left.name)
        record(event, on=matter, by=SYSTEM, tell=[to.pk])
    return True
