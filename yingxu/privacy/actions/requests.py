"""What people ask about their own data: taken in, identity checked, answered or refused with a reason, all within the time there is."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.base import clock, crypto, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters import circles
from yingxu.matters import queries as matters
from yingxu.matters.actions import exported, next_number, open_matter, record
from yingxu.matters.models import Matter
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks
from yingxu.tasks import queries as tasks_on
from yingxu.tasks.models import Origin

from .. import copies, queries, rules
from ..events import (
    CopyMade,
    ErasureApproved,
    ErasureAsked,
    ErasureNotApproved,
    RecordsExported,
    RequestAnswered,
    RequestChecked,
    RequestReceived,
    RequestRefused,
    RequestWithdrawn,
)
from ..models import Consent, Request

SERIES, CHAIN = "GR", "privacy.erase"
MOST = 10_000
State, Kind = Request.State, Request.Kind


@opens(rules.RECEIVE)
def receive(
    *, by: Actor, kind: str, applicant: str, contact: str, channel: str, words: str = "", relation: str = Request.Relation.SELF,
    about: Matter | None = None,
) -> Request:  # fmt: skip
    """Somebody asks for a copy, a correction, the deletion or an explanation of their data. The time to answer begins now, whether or
    not it is known whose data it is."""
    return take_in(by=by, kind=kind, applicant=applicant, contact=contact, channel=channel, words=words, relation=relation, about=about)


@step
def take_in(
    *, by: Actor, kind: str, applicant: str, contact: str, channel: str, words: str = "", relation: str = Request.Relation.SELF,
    about: Matter | None = None, beside: Matter | None = None,
) -> Request:  # fmt: skip
    """The same as part of another room's verb; `beside` is the need the portal asked it from. Asked again while it is open, it is the
    same request."""
    for name, value, choices in (("kind", kind, Kind), ("channel", channel, Consent.Channel), ("relation", relation, Request.Relation)):
        if value not in choices.values:
            raise Invalid.field(name, _("Choose one of those named."))
    applicant, contact = given.words(applicant, "applicant", longest=60), given.words(contact, "contact", longest=200)
    words = given.words(words, "words", required=kind in (Kind.CORRECT, Kind.EXPLAIN), longest=4_000)
    asked = Request.objects.filter(kind=kind, ended_at=None).select_related("matter")
    if about is not None and (same := asked.filter(about=about).first()):
        return same
    if beside is not None and (same := asked.filter(from_matter=beside).first()):
        return same
    now, service = clock.now(), people.service_department()
    matter = open_matter(
        "privacy", str(Kind(kind).label), number=next_number(SERIES, prefix=SERIES), department_id=service.pk if service else by.department_id,
        owner_id=by.user_id, words=[applicant],
    )  # fmt: skip
    if about is not None:
        circles.follow(matter, about)
    matter.due_at = queries.to_answer_by(now)
    matter.save(update_fields=["due_at"])
    made = Request.objects.create(
        matter=matter, about=about, kind=kind, relation=relation, applicant=applicant, sealed_contact=crypto.seal(contact, Request.SEALED),
        channel=channel, words=words, from_matter=beside,
    )  # fmt: skip
    due = timezone.localtime(matter.due_at).date().isoformat()
    record(RequestReceived(kind=kind, due=due, applicant=applicant), on=matter, by=by, tell=[user.pk for user in people.holders(rules.HANDLE, made)])
    title = _("Answer the privacy request %(number)s") % {"number": matter.number}
    tasks.add(matter, by=SYSTEM, title=title, department=service, due_at=matter.due_at, origin=Origin.REQUEST)
    return made


@action(rules.HANDLE)
def check_identity(request: Request, *, by: Actor, about: Matter, how: str) -> Request:
    """It is known whose data it is, and that who asks may ask: how that was checked. Without this nothing is given out."""
    _in(request, State.RECEIVED)
    if about.kind != "customer" or not matters.may_see(by, about):
        raise Invalid.field("about", _("Choose the customer whose data it is."))
    how = given.words(how, "how", longest=300)
    request.about, request.state = about, State.CHECKED
    request.checked_at, request.checked_by_id, request.checked_how = clock.now(), by.user_id, how
    request.save()
    circles.follow(request.matter, about)
    record(RequestChecked(kind=request.kind, how=how), on=request.matter, by=by)
    return request


@action(rules.HANDLE)
def make_copy(request: Request, *, by: Actor) -> list[copies.Sheet]:
    """Everything held of the person concerned, to be handed over. It is made anew each time and not kept here; every making is stated."""
    _in(request, State.CHECKED)
    if request.kind != Kind.COPY:
        raise WrongMoment(_("Nobody asked for a copy here."))
    parts = copies.of(request.about)
    record(CopyMade(kind=request.kind, sheets=len(parts)), on=request.matter, by=by)
    return parts


@action(rules.HANDLE)
def ask_erasure(request: Request, *, by: Actor) -> Request:
    """The deletion is justified: others approve it (chain `privacy.erase`), then the room of archives carries it out. A legal duty to
    keep part of it is their reason to refuse."""
    _in(request, State.CHECKED)
    if request.kind != Kind.DELETE:
        raise WrongMoment(_("Nobody asked for deletion here."))
    request.state = State.APPROVAL
    request.save(update_fields=["state"])
    record(ErasureAsked(kind=request.kind, about=request.about_id), on=request.matter, by=by)
    facts = [
        [str(_("Customer file")), request.about.number], [str(_("Who asks")), request.applicant], [str(_("As whom")), str(request.get_relation_display())],
        [str(_("Identity")), request.checked_how],
    ]  # fmt: skip
    title = _("Delete the data of %(number)s at the person's request") % {"number": request.about.number}
    approvals.ask(request.matter, by=by, chain=CHAIN, title=title, subject={"request": request.pk, "about": request.about_id, "facts": facts}, key=f"erase:{request.pk}")
    return request


@step
def erasure_settled(request: Request, *, by: Actor, granted: bool, reason: str = "") -> Request:
    """The signatures are there, or somebody refused: then the request is to be answered otherwise."""
    if request.state != State.APPROVAL:
        return request
    request.state = State.ERASING if granted else State.CHECKED
    request.save(update_fields=["state"])
    event = ErasureApproved(kind=request.kind, about=request.about_id) if granted else ErasureNotApproved(kind=request.kind, reason=reason[:200])
    record(event, on=request.matter, by=by, tell=[request.matter.owner_id])
    return request


@step
def erased(request: Request, *, by: Actor, words: str) -> Request:
    """The room that carried the deletion out says so: the request is answered."""
    return _end(request, State.ANSWERED, by=by, answer=words)


@action(rules.HANDLE)
def answer(request: Request, *, by: Actor, answer: str) -> Request:
    """What was done and said, after the identity was checked. A copy must have been made; a deletion goes through its approval."""
    _in(request, State.CHECKED)
    if request.kind == Kind.DELETE:
        raise WrongMoment(_("A deletion is answered when it was carried out."))
    if request.kind == Kind.COPY and not queries.copy_made(request):
        raise WrongMoment(_("Make the copy first."))
    return _end(request, State.ANSWERED, by=by, answer=given.words(answer, "answer", longest=4_000))


@action(rules.HANDLE)
def refuse(request: Request, *, by: Actor, reason: str) -> Request:
    """The request is not followed; the person is told why (art. 50) and may complain or sue."""
    _in(request, State.RECEIVED, State.CHECKED)
    reason = given.words(reason, "reason", longest=4_000)
    request = _end(request, State.REFUSED, by=by, answer=reason)
    record(RequestRefused(kind=request.kind, reason=reason[:200]), on=request.matter, by=by)
    return request


@action(rules.HANDLE)
def withdraw_request(request: Request, *, by: Actor, reason: str) -> Request:
    """Who asked takes it back."""
    _in(request, State.RECEIVED, State.CHECKED)
    reason = given.words(reason, "reason", longest=500)
    request = _end(request, State.WITHDRAWN, by=by, answer=reason)
    record(RequestWithdrawn(kind=request.kind, reason=reason[:200]), on=request.matter, by=by)
    return request


@opens(rules.EXPORT)
def export_records(*, by: Actor, what: str, wish: queries.Wish | None = None) -> list[Any]:
    """The records of processing ("purposes"), or the list of requests as the wish says ("requests"); stated in the journal."""
    found = queries.processing_records() if what == "purposes" else list(queries.to_export(by, wish or queries.Wish())[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    if what == "requests":
        asked = " ".join(f"{key}={value}" for key, value in vars(wish or queries.Wish()).items() if value)
        approvals.second_person(by=by, listed="privacy", name=_("Privacy requests"), rows=len(found), asked=asked)
    record(RecordsExported(what=what, count=len(found)), on=None, by=by)
    keys = {row.pk for row in found} if what == "requests" else set()
    exported("privacy", by=by, rows=len(found), words=wish.q if wish else "", of=keys)
    return found


def _end(request: Request, state: str, *, by: Actor, answer: str) -> Request:
    now = clock.now()
    late = request.matter.due_at is not None and now > request.matter.due_at
    request.state, request.answer, request.ended_at, request.ended_by_id = state, answer, now, by.user_id
    request.save()
    request.matter.closed_at, request.matter.due_at = now, None
    request.matter.save(update_fields=["closed_at", "due_at"])
    for task in tasks_on.open_on(request.matter):
        task.matter = request.matter
        tasks.conclude(task, by=by, result=str(State(state).label))
    if state == State.ANSWERED:
        record(RequestAnswered(kind=request.kind, late=late), on=request.matter, by=by)
    return request


def _in(request: Request, *states: str) -> None:
    if request.state not in states:
        raise WrongMoment(_("The request is now “%(state)s”. Reload to see what changed.") % {"state": State(request.state).label})
