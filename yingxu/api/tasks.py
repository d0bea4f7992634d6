"""Tasks: one's work list, finishing, handing on, putting off; giving one on a need."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Invalid
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.tasks import actions
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import Origin, State, Task

from . import answers, door, queries, shapes, showing
from .errors import Malformed
from .needs import KEY
from .paging import page_of

router = Router(tags=[gettext_noop("Tasks")])
on_needs = Router(tags=[gettext_noop("Tasks")])
_LISTED = {
    "whose": gettext_noop("mine (as sent when left out), department, given, late, all"),
    "state": gettext_noop("open (as sent when left out), done, withdrawn, late, any"),
    "origin": gettext_noop("What it came out of: request, plan, meeting, emergency, improvement, management"),
    "q": gettext_noop("Words of the task, or the whole register number"),
    "sort": "due, -due, given, -given",
    "cursor": gettext_noop("From next or previous"),
}


@router.get(
    "", response=answers.TaskPage, summary=gettext_noop("List tasks: one's own, nearest date first"),
    openapi_extra={"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in _LISTED.items()]},
)  # fmt: skip
def index(request: HttpRequest) -> dict[str, Any]:
    by = door.by(request, RULES["tasks.view"])
    asked = {key: request.GET.get(key, "").strip()[:300] for key in _LISTED}
    unknown = set(request.GET) - set(_LISTED)
    if unknown:
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown)[0][:40]}, code="filter")
    state = {"": State.OPEN, "any": ""}.get(asked["state"], asked["state"])
    wish = tasks.Wish(whose=asked["whose"] or "mine", state=state, origin=asked["origin"], q=asked["q"], sort=asked["sort"] or "due")
    if wish.whose not in tasks.WHOSE or state not in ["", "late", *State.values] or wish.origin not in ["", *Origin.values]:
        raise Malformed(_("This list has no such filter."), code="filter")
    if wish.sort not in tasks.SORTS:
        raise Malformed(_("This list cannot be sorted like that."), code="filter")
    try:
        found = tasks.listed(by, wish, asked["cursor"])
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, found, _all(found.rows, by))


@router.get("/{task}", response=answers.Task, summary=gettext_noop("Read a task"))
def one(request: HttpRequest, task: int) -> dict[str, Any]:
    by = door.by(request, RULES["tasks.view"])
    found = tasks.find(task, by)
    look(found.matter, by=by, what=Look.What.API)
    return _shown(found, by)


@router.post("/{task}/finish", response=answers.Task, summary=gettext_noop("Finish a task"))
def finish(request: HttpRequest, task: int, data: shapes.TaskResult) -> dict[str, Any]:
    by = door.by(request, actions.finish.rule)
    actions.finish(tasks.find(task, by), by=by, result=data.result)
    return _shown(tasks.find(task, by), by)


@router.post("/{task}/reopening", response=answers.Task, summary=gettext_noop("Take a finished task up again"))
def reopen(request: HttpRequest, task: int, data: shapes.MaybeReason) -> dict[str, Any]:
    by = door.by(request, actions.reopen.rule)
    actions.reopen(tasks.find(task, by), by=by, reason=data.reason)
    return _shown(tasks.find(task, by), by)


@router.post("/{task}/transfer", response=answers.Task, summary=gettext_noop("Hand a task over, with a reason"))
def hand_over(request: HttpRequest, task: int, data: shapes.Transfer) -> dict[str, Any]:
    by = door.by(request, actions.hand_over.rule)
    found = tasks.find(task, by)
    owner, department = queries.person(data.owner), queries.department(data.department)
    return _shown(actions.hand_over(found, by=by, owner=owner, department=department, reason=data.reason), by)


@router.post(
    "/{task}/postponement", response=answers.Task, summary=gettext_noop("Another date for a task, with a reason"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("Who may decide about the date puts it off at once; for others it is asked and decided by somebody else. Both dates are kept."),
)  # fmt: skip
def postpone(request: HttpRequest, task: int, data: shapes.TaskPostponement, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.postpone.rule)
    found = tasks.find(task, by)
    door.once(request, response, lambda: actions.postpone(found, by=by, until=data.until, reason=data.reason))
    return _shown(tasks.find(task, by), by)


@router.post("/{task}/withdrawal", response=answers.Task, summary=gettext_noop("Withdraw a task, with a reason"))
def withdraw(request: HttpRequest, task: int, data: shapes.Reason) -> dict[str, Any]:
    by = door.by(request, actions.withdraw.rule)
    return _shown(actions.withdraw(tasks.find(task, by), by=by, reason=data.reason), by)


@on_needs.get("/{number}/tasks", response=list[answers.Task], summary=gettext_noop("Tasks on a need"))
def of_need(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    by = door.by(request, RULES["needs.view"])
    need = queries.find(number, by)
    look(need.matter, by=by, what=Look.What.API)
    return _all(tasks.on(need.matter), by)


@on_needs.post("/{number}/tasks", response={201: answers.Task}, summary=gettext_noop("Give a task on a need"), openapi_extra={"parameters": [KEY]})
def give(request: HttpRequest, number: str, data: shapes.NewTask, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.give.rule)
    need = queries.find(number, by)
    made = door.once(request, response, lambda: actions.give(
        need.matter, by=by, title=data.title, details=data.details, owner=queries.person(data.owner), department=queries.department(data.department),
        due_at=data.due_at,
    ))  # fmt: skip
    return _shown(made, by)


def _shown(task: Task, by: Actor) -> dict[str, Any]:
    return _all([task], by)[0]


def _all(found: list[Task], by: Actor) -> list[dict[str, Any]]:
    """The matter's title only for whoever may see the matter."""
    seen = tasks.seen_matters(by, found)
    return [showing.task(task, title=task.matter.title if task.matter_id in seen else None) for task in found]
