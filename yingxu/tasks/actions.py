"""Giving work, doing it, handing it on, putting it off, taking it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import exported, record
from yingxu.matters.models import Matter
from yingxu.people.models import Department, User

from . import queries, rules
from .events import (
    PostponementAsked,
    PostponementRefused,
    TaskChanged,
    TaskFinished,
    TaskGiven,
    TaskHandedOver,
    TaskLate,
    TaskPostponed,
    TaskReopened,
    TasksExported,
    TaskWithdrawn,
)
from .models import Origin, Postponement, State, Task

MOST = 10_000  # rows of one exported list


@dataclass(frozen=True, kw_only=True)
class Node:
    """A time node: what, by when, by whom. Plans and meetings hand out tasks in this shape."""

    title: str
    due_at: datetime
    department: Department | None = None
    owner: User | None = None
    details: str = ""


@action(rules.GIVE)
def give(
    matter: Matter, *, by: Actor, title: str, details: str = "", owner: User | None = None, department: Department | None = None,
    due_at: datetime | None = None, origin: str = "",
) -> Task:  # fmt: skip
    """Something is to be done about this matter, by a person or a department, by a date."""
    if matter.closed_at:
        raise WrongMoment(_("%(number)s is closed; no task can be given on it any more.") % {"number": matter.number})
    if due_at is not None and due_at <= clock.now():
        raise Invalid.field("due_at", _("This moment is already over."))
    if owner is None and department is None:
        raise Invalid.field("owner", _("Name a person or a department."))
    return add(matter, by=by, title=title, details=details, owner=owner, department=department, due_at=due_at, origin=origin)


@step
def add(
    matter: Matter, *, by: Actor, title: str, details: str = "", owner: User | None = None, department: Department | None = None,
    due_at: datetime | None = None, origin: str = "",
) -> Task:  # fmt: skip
    """The same as part of another room's verb, which has asked a rule of its own. Without a person and a department it stays with
    whoever has the matter."""
    title, details = given.words(title, "title", longest=200), given.words(details, "details", required=False)
    department = _hands(owner, department) or (owner.department if owner else matter.department)
    task = Task.objects.create(
        matter=matter, title=title, details=details, owner=owner, department=department, due_at=due_at, origin=origin or Origin.REQUEST,
        given_by_id=by.user_id, given_at=clock.now(),
    )  # fmt: skip
    event = TaskGiven(
        task=task.pk, title=title, to=name(task), due_at=due_at, origin=task.origin, owner_id=task.owner_id, department_id=task.department_id
    )
    record(event, on=matter, by=by, tell=_doers(task))
    return task


@step
def change(task: Task, *, by: Actor, owner: User | None, department: Department | None, due_at: datetime | None) -> Task:
    """The plan or agreement an open task belongs to was written anew; nothing is stated when nothing changed."""
    department = _hands(owner, department) or (owner.department if owner else task.matter.department)
    before = _doers(task)
    if (task.owner, task.department, task.due_at) == (owner, department, due_at):
        return task
    task.owner, task.department = owner, department
    _move(task, due_at)
    task.save()
    record(TaskChanged(task=task.pk, title=task.title, to=name(task), due_at=due_at), on=task.matter, by=by, tell=[*before, *_doers(task)])
    return task


@action(rules.FINISH)
def finish(task: Task, *, by: Actor, result: str = "") -> Task:
    """It is done; what came of it stays with it. What nobody of the department had is theirs who did it."""
    return conclude(task, by=by, result=result)


@step
def conclude(task: Task, *, by: Actor, result: str = "") -> Task:
    """The same as part of another room's verb."""
    if task.state == State.DONE:
        raise WrongMoment(_("“%(title)s” was already finished.") % {"title": task.title})
    _still_open(task)
    result = given.words(result, "result", required=False)
    now = clock.now()
    task.state, task.done_at, task.done_by_id, task.result = State.DONE, now, by.user_id, result
    if task.owner_id is None and by.department_id == task.department_id:
        task.owner_id = by.user_id
    task.save()
    _lapse(task)
    late = task.due_at is not None and now > task.due_at
    record(
        TaskFinished(task=task.pk, title=task.title, late=late, result=result[:200]), on=task.matter, by=by,
        tell=[task.given_by_id, task.matter.owner_id],
    )  # fmt: skip
    return task


@action(rules.FINISH)
def reopen(task: Task, *, by: Actor, reason: str = "") -> Task:
    """It was not done after all. The words of the earlier result stay on the timeline."""
    return take_up(task, by=by, reason=reason)


@step
def take_up(task: Task, *, by: Actor, reason: str = "") -> Task:
    """The same as part of another room's verb."""
    if task.state != State.DONE:
        raise WrongMoment(_("Only what is done can be taken up again; “%(title)s” is not.") % {"title": task.title})
    reason = given.words(reason, "reason", required=False, longest=500)
    done_by = task.done_by_id
    task.state, task.done_at, task.done_by_id, task.result = State.OPEN, None, None, ""
    task.save()
    record(TaskReopened(task=task.pk, title=task.title, reason=reason), on=task.matter, by=by, tell=[done_by, *_doers(task)])
    return task


@action(rules.HAND_OVER)
def hand_over(task: Task, *, by: Actor, reason: str, owner: User | None = None, department: Department | None = None) -> Task:
    """Into other hands, with the reason. To a department alone: whoever of it takes it."""
    _still_open(task)
    if owner is None and department is None:
        raise Invalid.field("owner", _("Name a person or a department."))
    reason = given.words(reason, "reason", longest=500)
    department = _hands(owner, department) or owner.department
    if (task.owner, task.department) == (owner, department):
        raise Invalid.field("owner", _("%(name)s has this task already.") % {"name": name(task)})
    before, told = name(task), _doers(task)
    task.owner, task.department = owner, department
    task.save()
    event = TaskHandedOver(
        task=task.pk, title=task.title, to=name(task), before=before, reason=reason, owner_id=task.owner_id, department_id=task.department_id
    )
    record(event, on=task.matter, by=by, tell=[*told, *_doers(task), task.given_by_id])
    return task


@action(rules.MANAGE)
def withdraw(task: Task, *, by: Actor, reason: str) -> Task:
    """It need not be done any more, and why."""
    _still_open(task)
    take_back([task], by=by, reason=given.words(reason, "reason", longest=500))
    return task


@step
def take_back(tasks: Iterable[Task], *, by: Actor, reason: str) -> None:
    """Withdraw open tasks as part of another verb (a plan replaced, a matter that ended)."""
    for task in tasks:
        task.state, task.withdrawn_at, task.reason = State.WITHDRAWN, clock.now(), reason[:500]
        task.save()
        _lapse(task)
        record(TaskWithdrawn(task=task.pk, title=task.title, reason=task.reason), on=task.matter, by=by, tell=_doers(task))


@action(rules.POSTPONE)
def postpone(task: Task, *, by: Actor, until: datetime, reason: str) -> Postponement:
    """Another date, with a reason; both dates stay. Who may decide it puts it off at once, the others ask."""
    _still_open(task)
    reason = given.words(reason, "reason", longest=500)
    if until <= clock.now():
        raise Invalid.field("until", _("This moment is already over."))
    if task.due_at is not None and until <= task.due_at:
        raise Invalid.field("until", _("The new date must be later than %(due)s.") % {"due": _at(task.due_at)})
    if task.postponements.filter(decision=Postponement.Decision.WAITING).exists():
        raise WrongMoment(_("Another date has been asked for and is not decided yet."))
    asked = Postponement.objects.create(
        task=task, due_before=task.due_at, due_asked=until, reason=reason, asked_by_id=by.user_id, asked_at=clock.now()
    )
    if rules.MANAGE.allows(by, task):
        _grant(asked, task, by)
        return asked
    event = PostponementAsked(task=task.pk, title=task.title, due_before=task.due_at, due_asked=until, reason=reason)
    record(event, on=task.matter, by=by, tell=_deciders(task))
    return asked


@action(rules.MANAGE)
def decide(task: Task, *, by: Actor, granted: bool, note: str = "") -> Task:
    """Yes or no to the date that was asked for, by somebody else than who asked; a no needs a word."""
    asked = task.postponements.select_for_update().filter(decision=Postponement.Decision.WAITING).first()
    if asked is None:
        raise WrongMoment(_("Nobody is waiting for a decision about this date."))
    if asked.asked_by_id == by.user_id:
        raise NotAllowed(_("Somebody else decides what you asked for."), code=rules.MANAGE.name)
    note = given.words(note, "note", required=not granted, longest=500)
    asked.note = note
    if granted:
        _grant(asked, task, by)
        return task
    asked.decision, asked.decided_by_id, asked.decided_at = Postponement.Decision.REFUSED, by.user_id, clock.now()
    asked.save()
    record(PostponementRefused(task=task.pk, title=task.title, due_at=task.due_at, note=note), on=task.matter, by=by, tell=[asked.asked_by_id])
    return task


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Task]:
    """The list as the wish says, without pages, and a line in the journal that it left the house."""
    found = list(queries.to_export(by, wish)[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s tasks. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    record(TasksExported(count=len(found)), on=None, by=by)
    exported("tasks", by=by, rows=len(found), words=wish.q, of={task.matter_id for task in found})
    return found


@step
def state_late(task: Task) -> None:
    """Say once that it is late: to whoever has it, the head of the department, who gave it."""
    task.late_at = clock.now()
    task.save(update_fields=["late_at"])
    head = task.department.head_id if task.department_id else None
    event = TaskLate(
        task=task.pk, title=task.title, due_at=task.due_at, who=name(task), owner_id=task.owner_id, department_id=task.department_id
    )
    record(event, on=task.matter, by=SYSTEM, tell=[*_doers(task), head, task.given_by_id])


def name(task: Task) -> str:
    """Who has it, in words."""
    if task.owner_id:
        return task.owner.name
    return task.department.name if task.department_id else _("nobody yet")


def _doers(task: Task) -> list[int | None]:
    """Who must know what becomes of it: the person, else the head of the department."""
    if task.owner_id:
        return [task.owner_id]
    return [task.department.head_id] if task.department_id else []


def _deciders(task: Task) -> list[int | None]:
    department = task.matter.department
    return [task.given_by_id, task.matter.owner_id, department.head_id if department else None]


def _hands(owner: User | None, department: Department | None) -> Department | None:
    if owner is not None and not owner.is_active:
        raise Invalid.field("owner", _("%(name)s no longer works here.") % {"name": owner.name})
    if department is not None and not department.active:
        raise Invalid.field("department", _("This department is no longer active."))
    return department


def _grant(asked: Postponement, task: Task, by: Actor) -> None:
    asked.decision, asked.decided_by_id, asked.decided_at = Postponement.Decision.GRANTED, by.user_id, clock.now()
    asked.save()
    before = task.due_at
    _move(task, asked.due_asked)
    task.save()
    event = TaskPostponed(task=task.pk, title=task.title, due_before=before, due_at=asked.due_asked, reason=asked.reason)
    record(event, on=task.matter, by=by, tell=[asked.asked_by_id, task.given_by_id, *_doers(task)])


def _move(task: Task, due_at: datetime | None) -> None:
    """Another date; one that is still to come makes the task no longer late."""
    task.due_at = due_at
    if due_at is None or due_at > clock.now():
        task.late_at = None


def _lapse(task: Task) -> None:
    waiting = task.postponements.filter(decision=Postponement.Decision.WAITING)
    waiting.update(decision=Postponement.Decision.LAPSED, decided_at=clock.now())


def _still_open(task: Task) -> None:
    if task.state != State.OPEN:
        raise WrongMoment(
            _("“%(title)s” is now “%(state)s”. Reload to see what changed.") % {"title": task.title, "state": State(task.state).label}
        )


def _at(moment: datetime) -> str:
    return moment.astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M")
