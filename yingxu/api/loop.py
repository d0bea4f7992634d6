"""The verbs of the loop: POST /needs/{number}/<verb>. Each calls the same verb the screens call and answers with the need as it
left it; with an Idempotency-Key it is done once, however often it is sent."""

from collections.abc import Callable
from hashlib import file_digest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import File, Router
from ninja.files import UploadedFile

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Invalid
from yingxu.deadlines import actions as deadlines
from yingxu.needs import actions
from yingxu.needs.actions import Once
from yingxu.needs.actions.handle import Node

from . import answers, door, queries, shapes, showing
from .actions import carry_out
from .needs import KEY, intake

router = Router(tags=[gettext_noop("The loop")])
Arguments = Callable[[Any, HttpRequest], dict[str, Any]]


def verb(path: str, act: Callable[..., Any], shape: type[shapes.Shape], summary: str, description: str = "") -> Callable[[Arguments], Arguments]:
    """Register POST /needs/{number}/`path`. The decorated function makes the verb's arguments from the body."""

    def wrap(arguments: Arguments) -> Arguments:
        def run(request: HttpRequest, number: str, data: shape, response: HttpResponse) -> dict[str, Any]:  # type: ignore[valid-type]
            by = door.by(request, act.rule)  # type: ignore[attr-defined]
            need = queries.find(number, by)
            key = door.key(request)
            content = {"verb": path, "need": number, "body": request.json}  # type: ignore[attr-defined]
            once = Once.of(door.source(request), key, content) if key else None
            done, again = carry_out(act, need, lambda: arguments(data, request), by=by, once=once)
            if again:
                response["Idempotent-Replayed"] = "true"
            response["ETag"] = f'"{done.version}"'
            return showing.brief(done)

        run.__name__ = f"need_{path.replace('-', '_')}"
        router.post(
            f"/{{number}}/{path}", response=answers.NeedBrief, summary=summary, description=description,
            openapi_extra={"parameters": [KEY]},
        )(run)  # fmt: skip
        return arguments

    return wrap


def plain(path: str, act: Callable[..., Any], shape: type[shapes.Shape], summary: str, description: str = "") -> None:
    """A verb whose arguments are the fields of its shape."""
    verb(path, act, shape, summary, description)(lambda data, _request: data.model_dump())


plain("triage", actions.triage, shapes.Triage, gettext_noop("Assess: set category and kind"))
plain("acceptance", actions.accept, shapes.Nothing, gettext_noop("Accept for the department"))
plain("return", actions.return_to_triage, shapes.Reason, gettext_noop("Return to triage"))
plain("progress", actions.progress, shapes.Progress, gettext_noop("Record progress"))
plain("hold", actions.hold, shapes.Reason, gettext_noop("Wait for the customer"))
plain("resume", actions.resume, shapes.Nothing, gettext_noop("Go on after waiting"))
plain("result", actions.submit, shapes.Result, gettext_noop("Submit the result for review"))
plain("review", actions.review, shapes.Review, gettext_noop("Pass the review"))
plain("send-back", actions.send_back, shapes.Reason, gettext_noop("Send the result back"))
plain("feedback", actions.feed_back, shapes.Feedback, gettext_noop("Feed the result back to the customer"))
plain("reminder", actions.remind, shapes.Nothing, gettext_noop("Remind the customer to confirm"))
plain("confirmation", actions.confirm, shapes.Confirmation, gettext_noop("Record that the customer is satisfied"))
plain("rejection", actions.reject, shapes.Rejection, gettext_noop("Record that the customer is not satisfied: another round begins"))
plain("answer", actions.answer_now, shapes.Answer, gettext_noop("Answer on the spot and close"))
plain("promote", actions.promote, shapes.MaybeReason, gettext_noop("Take up a watched need"))
plain("closure", actions.close, shapes.Closure, gettext_noop("Close without the customer's word"))
plain("unmerge", actions.unmerge, shapes.Nothing, gettext_noop("Undo a merge"))
plain("tags", actions.tag, shapes.Tagging, gettext_noop("Add and remove tags"))
plain("notes", actions.note, shapes.Words, gettext_noop("Write an internal note"))
plain("replies", actions.reply, shapes.Reply, gettext_noop("Write to the customer"))
plain("said", actions.listen, shapes.Said, gettext_noop("Note what the customer said"))
plain("decision", actions.decide, shapes.Settled, gettext_noop("Decide what was raised to management"))
plain("management-answer", actions.answer_raise, shapes.Settled, gettext_noop("Answer what was raised to management, without a decision"))
plain("raise-withdrawal", actions.withdraw_raise, shapes.Reason, gettext_noop("Take back what you raised to management"))
plain("follow", actions.follow, shapes.Nothing, gettext_noop("Follow a need"))
plain("unfollow", actions.unfollow, shapes.Nothing, gettext_noop("Follow it no longer"))
plain("void", actions.void, shapes.Reason, gettext_noop("Declare void: registered by mistake"))


@verb("assignment", actions.assign, shapes.Assignment, gettext_noop("Assign to a department"))
def assignment(data: shapes.Assignment, _request: HttpRequest) -> dict[str, Any]:
    return {"department": queries.department(data.department, must=True), "owner": queries.person(data.owner), "reason": data.reason}


@verb("plan", actions.plan, shapes.Plan, gettext_noop("Write the handling plan"))
def plan(data: shapes.Plan, _request: HttpRequest) -> dict[str, Any]:
    nodes = [
        Node(
            title=node.title, due_at=node.due_at, department=queries.department(node.department, f"nodes.{at}.department"),
            owner=queries.person(node.owner, f"nodes.{at}.owner"),
        )
        for at, node in enumerate(data.nodes)
    ]  # fmt: skip
    return {"measures": data.measures, "owner": queries.person(data.owner), "nodes": nodes}


@router.post("/{number}/nodes", response=answers.NeedBrief, summary=gettext_noop("Finish a time node, or open it again"))
def nodes(request: HttpRequest, number: str, data: shapes.NodeDone) -> dict[str, Any]:
    by = door.by(request, RULES["needs.progress"])
    need = queries.find(number, by)
    act = actions.finish_node if data.done else actions.reopen_node
    return showing.brief(act(need, by=by, node=queries.node(need, data.node)))


@verb("watch", actions.watch, shapes.Watch, gettext_noop("Put on the watch list"))
def watch(data: shapes.Watch, _request: HttpRequest) -> dict[str, Any]:
    return {"review_on": data.review_on, "signals": data.signals, "reviewer": queries.person(data.reviewer, "reviewer")}


@verb("visit", actions.record_visit, shapes.Visit, gettext_noop("Record the follow-up visit"))
def visit(data: shapes.Visit, request: HttpRequest) -> dict[str, Any]:
    problem = intake(request, data.problem) if data.problem else None
    return {"satisfied": data.satisfied, "notes": data.notes, "channel": data.channel, "problem": problem}


@verb("visit-day", actions.reschedule_visit, shapes.VisitDay, gettext_noop("Put the visit on another day"))
def visit_day(data: shapes.VisitDay, _request: HttpRequest) -> dict[str, Any]:
    return {"due_on": data.due_on, "assignee": queries.person(data.assignee, "assignee")}


@verb("transfer", actions.transfer, shapes.Transfer, gettext_noop("Transfer to a colleague or another department"))
def transfer(data: shapes.Transfer, _request: HttpRequest) -> dict[str, Any]:
    return {"department": queries.department(data.department), "owner": queries.person(data.owner), "reason": data.reason}


@verb("merge", actions.merge, shapes.Merge, gettext_noop("Merge into another need"))
def merge(data: shapes.Merge, request: HttpRequest) -> dict[str, Any]:
    return {"into": queries.named(data.into, _actor(request), "into")}


@verb("link", actions.link, shapes.Link, gettext_noop("Link with another need"))
def link(data: shapes.Link, request: HttpRequest) -> dict[str, Any]:
    return {"other": queries.named(data.other, _actor(request), "other"), "type": data.type}


@verb("unlink", actions.unlink, shapes.Unlink, gettext_noop("Remove a link"))
def unlink(data: shapes.Unlink, request: HttpRequest) -> dict[str, Any]:
    return {"other": queries.named(data.other, _actor(request), "other")}


@verb("amend", actions.amend, shapes.Amend, gettext_noop("Correct a need"),
      gettext_noop("Say with If-Match (or version) which version you were looking at. When somebody changed it since, nothing is saved and both values are answered: 412 with If-Match, 409 with version."))  # fmt: skip
def amend(data: shapes.Amend, request: HttpRequest) -> dict[str, Any]:
    changes = data.given()
    version = door.expected(request) or changes.pop("version", None)
    if version is None:
        raise Invalid.field("version", _("Say which version you were looking at, by If-Match or version."))
    if changes.get("customer"):
        changes["customer"] = queries.customer(changes["customer"], _actor(request), "customer")
    changes.pop("version", None)
    return {"version": version, "changes": changes}


@verb("raise", actions.raise_to_management, shapes.RaiseToManagement, gettext_noop("Raise straight to management"),
      gettext_noop("One question at a time; the answer, the decision and the whole chain are in the need's raises."))  # fmt: skip
def raise_(data: shapes.RaiseToManagement, _request: HttpRequest) -> dict[str, Any]:
    return {**data.model_dump(), "to": queries.person(data.to, "to")}


@verb("delegation", actions.delegate, shapes.Delegation, gettext_noop("Let somebody else answer or decide what was raised"))
def delegation(data: shapes.Delegation, _request: HttpRequest) -> dict[str, Any]:
    return {"to": queries.person(data.to, "to"), "due_on": data.due_on, "text": data.text}


@router.post("/{number}/split", response={201: answers.Parts}, summary=gettext_noop("Split into several needs"), openapi_extra={"parameters": [KEY]})
def split(request: HttpRequest, number: str, data: shapes.Split, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, actions.split.rule)
    need = queries.find(number, by)

    def stated() -> Any:
        actions.split(need, by=by, parts=[intake(request, part) for part in data.parts])
        return queries.last_split(need)

    return {"number": number, "parts": door.once(request, response, stated).facts["parts"]}


@router.post("/{number}/extension", response={201: answers.Extension}, summary=gettext_noop("Ask for more time"), openapi_extra={"parameters": [KEY]})
def extension(request: HttpRequest, number: str, data: shapes.Extension, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, deadlines.request_extension.rule)
    need = queries.find(number, by)
    asked = door.once(
        request, response, lambda: deadlines.request_extension(queries.clock_of(need, data.step), by=by, until=data.until, reason=data.reason)
    )  # fmt: skip
    return {
        "id": asked.pk, "step": asked.clock.step, "due_before": showing.local(asked.due_before),
        "due_asked": showing.local(asked.due_asked), "decision": asked.decision,
    }  # fmt: skip


@router.post("/{number}/files", response={201: list[answers.FileRef]}, summary=gettext_noop("Attach files"), openapi_extra={"parameters": [KEY]},
             description=gettext_noop("multipart/form-data with one or more parts named files; at most 20 at once. level: a secrecy level of their own, 1 to 3, above the need's; whoever is not cleared for it does not know of them."))  # fmt: skip
def files(request: HttpRequest, number: str, response: HttpResponse, files: list[UploadedFile] = File(...), public: bool = False, level: int = 0) -> list[dict[str, Any]]:
    by = door.by(request, actions.attach.rule)
    need = queries.find(number, by)

    def stated() -> Any:
        actions.attach(need, by=by, uploads=files, public=public, level=level)
        return queries.last_attached(need)

    entry = door.once(request, response, stated, sent=[public, level, *([file.name, file_digest(file, "sha256").hexdigest()] for file in files)])
    return [showing.file_row(found) for found in queries.files_of_entry(need, entry, by)]


def _actor(request: HttpRequest) -> Actor:
    return request.auth.actor  # type: ignore[attr-defined]

