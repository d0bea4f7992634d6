"""Handling in the department: accept, plan, progress, hold, result; and the review by customer service."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, locked
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.deadlines import actions as clocks
from yingxu.matters.models import Note
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Origin, Task
from yingxu.tasks.models import State as TaskState

from .. import rules
from ..events import (
    NeedAccepted,
    NeedHeld,
    NeedResumed,
    NeedReturned,
    NeedTransferred,
    PlanWritten,
    ProgressRecorded,
    ResultPassed,
    ResultSentBack,
    ResultSubmitted,
)
from ..models import Hold, Need, Plan, Result
from ..queries.management import open_raise
from ..states import Channel, State
from ._parts import no_open_task, place, put, responsible, say, state

WORK = ("plan", "progress", "handling")


@action(rules.ACCEPT)
def accept(need: Need, *, by: Actor, owner: User | None = None) -> Need:
    """The department acknowledges: from now on it is theirs to handle (N5)."""
    if need.state == State.HANDLING and need.accepted_by_id:
        raise WrongMoment(_("%(name)s has already accepted this need.") % {"name": need.accepted_by.name})
    at_state(need, State.ACCEPTANCE)
    user = staff(by)
    put(need, State.HANDLING)
    need.accepted_by_id = user
    need.save()
    if owner or not need.matter.owner_id:
        place(need, need.matter.department, owner or _of_department(user, need))
    now = clock.now()
    clocks.stop(need.matter, "acceptance", at=now, by=by)
    for step in WORK:
        clocks.start(need.matter, step, category=need.category, round=need.round, at=now, by=by)
    state(NeedAccepted(round=need.round, category=need.category), need, by, tell=[need.registered_by_id])
    return need


def _of_department(user_id: int, need: Need) -> User | None:
    return User.objects.filter(pk=user_id, department_id=need.matter.department_id).first()


@action(rules.RETURN)
def return_to_triage(need: Need, *, by: Actor, reason: str) -> Need:
    """Not ours: back to triage with a reason."""
    at_state(need, State.ACCEPTANCE, State.HANDLING)
    reason = words(reason, "reason", longest=500)
    _end_hold(need)
    put(need, State.TRIAGE)
    need.accepted_by = None
    need.save()
    department = need.matter.department
    service = people.service_department()
    need.matter.owner, need.matter.department = None, service or department
    need.matter.save(update_fields=["owner", "department"])
    now = clock.now()
    clocks.cancel(need.matter, ["acceptance", *WORK], at=now)
    clocks.start(need.matter, "triage", category=need.category, round=need.round, at=now, by=by)
    state(NeedReturned(round=need.round, reason=reason, department=department.name if department else ""), need, by,
          tell=[need.registered_by_id, service.head_id if service else None])  # fmt: skip
    return need


@action(rules.TRANSFER)
def transfer(need: Need, *, by: Actor, owner: User | None = None, department: Department | None = None, reason: str = "") -> Need:
    """Within the department to another person at once; to another department, which has to accept it anew."""
    at_state(need, State.ACCEPTANCE, State.HANDLING)
    reason = words(reason, "reason", required=False, longest=500)
    if department is None and owner is None:
        raise Invalid.field("owner", _("Choose a person or a department."))
    elsewhere = department is not None and department.pk != need.matter.department_id
    if elsewhere and not reason:
        raise Invalid.field("reason", _("Say why another department should take it."))
    old_owner = need.matter.owner_id
    place(need, department or need.matter.department, owner)
    now = clock.now()
    if elsewhere:
        _end_hold(need)
        put(need, State.ACCEPTANCE)
        need.accepted_by = None
        clocks.cancel(need.matter, ["acceptance", *WORK], at=now)
        clocks.start(need.matter, "acceptance", category=need.category, round=need.round, at=now, by=by)
    clocks.handed_over(need.matter, at=now)
    need.save()
    to = owner.name if owner else department.name
    state(NeedTransferred(round=need.round, to=to, to_id=owner.pk if owner else None, reason=reason), need, by,
          tell=[old_owner, *responsible(need)])  # fmt: skip
    return need


@action(rules.TRANSFER)
def pass_on(need: Need, *, by: Actor, department: Department, reason: str) -> Need:
    """While the customer's word is waited for, another department becomes the one that has it. Nothing is left to do in it, so nothing is
    accepted anew and no clock moves. Logs of other systems know this (an import states it); here whoever rejects gets a new assignment."""
    at_state(need, State.CONFIRMATION)
    reason = words(reason, "reason", longest=500)
    old_owner = need.matter.owner_id
    place(need, department, None)
    state(NeedTransferred(round=need.round, to=department.name, to_id=None, reason=reason), need, by, tell=[old_owner])
    return need


@action(rules.PLAN)
def plan(need: Need, *, by: Actor, measures: str, owner: User | None = None, nodes: Sequence[Node] = ()) -> Need:
    """Measures, owner and time nodes, before acting (N6). Each node is a task of whoever it names. A further plan is a new version: an
    open node it names again goes on in it, the others are withdrawn."""
    at_state(need, State.HANDLING)
    measures = words(measures, "measures")
    now = clock.now()
    for node in nodes:
        words(node.title, "nodes", longest=200)
        if node.due_at <= need.matter.opened_at:
            raise Invalid.field("nodes", _("“%(title)s” is due before the need was registered.") % {"title": node.title})
    before = current_plan(need)
    version = need.plans.filter(round=need.round).count() + 1
    made = Plan.objects.create(
        need=need, round=need.round, version=version, measures=measures, owner=owner or need.matter.owner or User.objects.get(pk=staff(by)),
        by_id=staff(by), at=now,
    )  # fmt: skip
    clocks.stop(need.matter, "plan", at=now, by=by)
    state(PlanWritten(round=need.round, plan=made.pk, version=version), need, by)
    made.nodes.set(_hand_out(need, nodes, before, by))
    return need


def _hand_out(need: Need, nodes: Sequence[Node], before: Plan | None, by: Actor) -> list[Task]:
    """The nodes as tasks; what the plan before had still open goes on where it is named again, and lapses where not."""
    left = {task.title: task for task in before.nodes.filter(state=TaskState.OPEN).select_related("matter", "owner", "department")} if before else {}
    found = []
    for node in nodes:
        given = {"owner": node.owner, "department": node.department, "due_at": node.due_at}
        task = left.pop(node.title.strip(), None)
        found.append(tasks.change(task, by=by, **given) if task else tasks.add(need.matter, by=by, title=node.title, origin=Origin.PLAN, **given))
    tasks.take_back(left.values(), by=by, reason=_("The plan was written anew."))
    return found


def current_plan(need: Need) -> Plan | None:
    return need.plans.filter(round=need.round).order_by("-version").first()


@action(rules.PROGRESS)
def finish_node(need: Need, *, by: Actor, node: Task) -> Need:
    """A time node of the current plan is done; whoever handles the need may say so for everybody."""
    at_state(need, State.HANDLING)
    tasks.conclude(_node(need, node), by=by)
    return need


@action(rules.PROGRESS)
def reopen_node(need: Need, *, by: Actor, node: Task) -> Need:
    """It was not done after all."""
    at_state(need, State.HANDLING)
    tasks.take_up(_node(need, node), by=by)
    return need


def _node(need: Need, node: Task) -> Task:
    now = current_plan(need)
    if now is None or not now.nodes.filter(pk=node.pk).exists():
        raise WrongMoment(_("There is a newer plan. Reload to see it."))
    return locked(node)


@action(rules.PROGRESS)
def progress(need: Need, *, by: Actor, text: str, to_customer: bool = False) -> Need:
    """What was done since; goes to customer service and, where marked, to the customer."""
    at_state(need, State.HANDLING)
    text = words(text, "text")
    now = clock.now()
    entry = state(ProgressRecorded(round=need.round, category=need.category, to_customer=to_customer), need, by)
    voice, channel = (Note.Voice.TOLD, Channel.MAIL if need.channel == Channel.MAIL else Channel.PORTAL) if to_customer else (Note.Voice.INTERNAL, "")
    say(need, entry, voice, text, channel=channel, by=by)
    if to_customer:
        clocks.stop(need.matter, "first_response", at=now, by=by)
    clocks.cancel(need.matter, ["progress"], at=now)
    clocks.start(need.matter, "progress", category=need.category, round=need.round, at=now, by=by)
    return need


@action(rules.HOLD)
def hold(need: Need, *, by: Actor, reason: str) -> Need:
    """We cannot go on without the customer: the working clocks pause, visibly (K3)."""
    at_state(need, State.HANDLING)
    if need.held_at:
        raise WrongMoment(_("This is already waiting for the customer."))
    reason = words(reason, "reason", longest=200)
    now = clock.now()
    Hold.objects.create(need=need, reason=reason, since=now, by_id=by.user_id)
    need.held_at = now
    need.save()
    clocks.pause(need.matter, WORK, at=now)
    state(NeedHeld(round=need.round, reason=reason), need, by)
    return need


@action(rules.HOLD)
def resume(need: Need, *, by: Actor) -> Need:
    """Go on; the paused clocks run again from where they stood."""
    if not need.held_at:
        raise WrongMoment(_("This is not waiting for the customer."))
    go_on(need, by)
    return need


def go_on(need: Need, by: Actor) -> None:
    minutes = _end_hold(need)
    need.save()
    state(NeedResumed(round=need.round, minutes=minutes), need, by, tell=responsible(need))


def _end_hold(need: Need) -> int:
    """Minutes that were waited, by the wall clock."""
    if not need.held_at:
        return 0
    now = clock.now()
    need.holds.filter(until=None).update(until=now)
    minutes = int((now - need.held_at).total_seconds() // 60)
    need.held_at = None
    clocks.resume(need.matter, at=now)
    return minutes


@action(rules.SUBMIT)
def submit(need: Need, *, by: Actor, done: str, answer: str) -> Need:
    """The result goes to customer service for review (N7): what was done, and the words for the customer. Not while a task is open."""
    at_state(need, State.HANDLING)
    if current_plan(need) is None:
        raise WrongMoment(_("Write the handling plan first; it comes before the work."))
    no_open_task(need)
    asked = open_raise(need)
    if asked is not None and asked.waits:
        raise WrongMoment(_("The result waits for management's answer to “%(question)s”.") % {"question": asked.question[:60]})
    done, answer = words(done, "done"), words(answer, "answer")
    _end_hold(need)
    put(need, State.REVIEW)
    need.save()
    now = clock.now()
    result = Result.objects.create(need=need, round=need.round, done=done, answer=answer, by_id=staff(by), at=now)
    clocks.stop(need.matter, "handling", at=now, by=by)
    clocks.cancel(need.matter, ["progress", "plan"], at=now)
    clocks.start(need.matter, "review", category=need.category, round=need.round, at=now, by=by)
    service = people.service_department()
    state(ResultSubmitted(round=need.round, result=result.pk, category=need.category), need, by,
          tell=[need.registered_by_id, service.head_id if service else None])  # fmt: skip
    return need


@action(rules.REVIEW)
def review(need: Need, *, by: Actor, answer: str = "") -> Need:
    """The result passes and may be fed back; the words for the customer may be improved. Nobody reviews their own result."""
    result = _waiting(need, by)
    no_open_task(need)
    result.review, result.reviewed_by_id, result.reviewed_at = Result.Review.PASSED, staff(by), clock.now()
    if answer.strip():
        result.answer = words(answer, "answer")
    result.save()
    put(need, State.FEEDBACK)
    need.save()
    now = clock.now()
    clocks.stop(need.matter, "review", at=now, by=by)
    clocks.start(need.matter, "feedback", category=need.category, round=need.round, at=now, by=by)
    state(ResultPassed(round=need.round, result=result.pk, category=need.category), need, by, tell=[result.by_id])
    return need


@action(rules.REVIEW)
def send_back(need: Need, *, by: Actor, reason: str) -> Need:
    """The result is not good enough yet; back to the department with a reason."""
    result = _waiting(need, by)
    reason = words(reason, "reason", longest=2_000)
    result.review, result.reviewed_by_id, result.reviewed_at, result.reason = Result.Review.SENT_BACK, staff(by), clock.now(), reason
    result.save()
    put(need, State.HANDLING)
    need.save()
    now = clock.now()
    clocks.stop(need.matter, "review", at=now, by=by)
    for step in ("handling", "progress"):
        clocks.start(need.matter, step, category=need.category, round=need.round, at=now, by=by)
    state(ResultSentBack(round=need.round, result=result.pk, reason=reason, category=need.category), need, by,
          tell=[result.by_id, need.matter.owner_id])  # fmt: skip
    return need


def _waiting(need: Need, by: Actor) -> Result:
    at_state(need, State.REVIEW)
    result = need.results.select_for_update().get(review=Result.Review.WAITING)
    if result.by_id == by.user_id:
        raise NotAllowed(_("Somebody else has to review what you submitted."), code="needs.review")
    return result
