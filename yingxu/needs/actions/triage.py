"""Triage: what is it, how urgent, whose; or answered at once; or watched."""

from datetime import date

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import words
from yingxu.deadlines import actions as clocks
from yingxu.matters.models import Note
from yingxu.people.models import Department, User
from yingxu.templates import queries as record_templates

from .. import rules
from ..events import NeedAnswered, NeedAssigned, NeedPromoted, NeedTriaged, NeedWatched
from ..models import Need
from ..states import TO_TRIAGE, Category, Outcome, State
from ._parts import no_open_task, place, put, responsible, say, state
from .answer import finish
from .management import STEP as MANAGEMENT
from .management import nothing_open


@action(rules.TRIAGE)
def triage(
    need: Need, *, by: Actor, category: str, kind: str = "", urgency: int | None = None, importance: int | None = None,
    suggested: str = "", confidence: int | None = None, reason: str = "",
) -> Need:  # fmt: skip
    """Set category and kind; the clocks are measured anew under the category. Possible until the need is reviewed (a change of
    category later on is a triage too); before assignment the need then waits for assignment."""
    at_state(need, *TO_TRIAGE, State.ASSIGNMENT, State.ACCEPTANCE, State.HANDLING)
    if category not in Category.values:
        raise Invalid.field("category", _("Choose one of the four categories."))
    kind = kind or need.kind
    for name, value in (("urgency", urgency), ("importance", importance)):
        if value is not None and not 1 <= value <= 5:
            raise Invalid.field(name, _("Urgency and importance are 1 to 5."))
    if kind != need.kind:
        version = record_templates.version_for(kind)
        if version is None:
            raise Invalid.field("kind", _("There is no business type “%(kind)s”.") % {"kind": kind})
        known = {spec.code for spec in version.specs}
        need.fields = {code: value for code, value in need.fields.items() if code in known}
        need.template_id = version.pk
    old_category, old_kind = need.category, need.kind
    need.category, need.kind = category, kind
    need.urgency, need.importance = urgency or need.urgency, importance or need.importance
    if need.state in TO_TRIAGE:
        put(need, State.ASSIGNMENT)  # the clock of triage runs on until somebody has the need
    need.save()
    clocks.retarget(need.matter, category, at=clock.now(), by=by)
    state(
        NeedTriaged(
            round=need.round, category=category, kind=kind, old_category=old_category, old_kind=old_kind if old_kind != kind else "",
            urgency=urgency, importance=importance, suggested=suggested, confidence=confidence, reason=words(reason, "reason", required=False),
        ),
        need, by, tell=[need.matter.owner_id] if old_category and old_category != category else [],
    )  # fmt: skip
    return need


@action(rules.ASSIGN)
def assign(need: Need, *, by: Actor, department: Department, owner: User | None = None, reason: str = "") -> Need:
    """Give it to a department (and a person), which must acknowledge acceptance."""
    at_state(need, State.ASSIGNMENT, State.ACCEPTANCE)
    if not need.category:
        raise WrongMoment(_("Set the category first."))
    old = need.matter.department.name if need.matter.department_id else ""
    place(need, department, owner)
    put(need, State.ACCEPTANCE)
    need.save()
    now = clock.now()
    clocks.handed_over(need.matter, at=now)
    clocks.stop(need.matter, "triage", at=now, by=by)
    clocks.cancel(need.matter, ["acceptance"], at=now)
    clocks.start(need.matter, "acceptance", category=need.category, round=need.round, at=now, by=by)
    state(
        NeedAssigned(
            round=need.round, department=department.name, department_id=department.pk, owner=owner.name if owner else "",
            owner_id=owner.pk if owner else None, old_department=old, category=need.category, reason=words(reason, "reason", required=False),
        ),
        need, by, tell=responsible(need),
    )  # fmt: skip
    return need


@action(rules.ANSWER)
def answer_now(need: Need, *, by: Actor, answer: str, visit: bool = False) -> Need:
    """A simple question, answered on the spot by the person who took it and closed in one step (N10)."""
    at_state(need, *TO_TRIAGE, State.ASSIGNMENT)
    nothing_open(need)
    no_open_task(need)
    answer = words(answer, "answer")
    if not need.category:
        need.category = Category.GENERAL
    if not need.matter.owner_id and by.user_id:
        need.matter.owner_id, need.matter.department_id = by.user_id, by.department_id
        need.matter.save(update_fields=["owner", "department"])
    clocks.retarget(need.matter, need.category, at=clock.now(), by=by)
    entry = state(NeedAnswered(round=need.round), need, by)
    say(need, entry, Note.Voice.TOLD, answer, channel=need.channel, by=by)
    clocks.stop(need.matter, "first_response", at=clock.now(), by=by)
    finish(need, by, Outcome.ANSWERED, visit=visit)
    return need


@action(rules.WATCH_POTENTIAL)
def watch(need: Need, *, by: Actor, review_on: date, signals: str = "", reviewer: User | None = None) -> Need:
    """Not now, but not forgotten: on the watch list until the review date (N11)."""
    at_state(need, *TO_TRIAGE, State.ASSIGNMENT)
    if review_on <= clock.today():
        raise Invalid.field("review_on", _("Choose a day after today."))
    need.category, need.review_on = Category.POTENTIAL, review_on
    put(need, State.WATCHING)
    need.save()
    if reviewer:
        need.matter.owner = reviewer
        need.matter.save(update_fields=["owner"])
    now = clock.now()
    clocks.stop(need.matter, "triage", at=now, by=by)
    clocks.cancel(need.matter, at=now, keep=[MANAGEMENT])
    clocks.start_until(need.matter, "watch_review", review_on, round=need.round, at=now)
    state(NeedWatched(round=need.round, review_on=review_on, signals=words(signals, "signals", required=False)), need, by,
          tell=[reviewer.pk if reviewer else None])  # fmt: skip
    return need


@action(rules.WATCH_POTENTIAL)
def promote(need: Need, *, by: Actor, reason: str = "") -> Need:
    """From the watch list back to triage."""
    at_state(need, State.WATCHING)
    put(need, State.TRIAGE)
    need.category, need.review_on = "", None
    need.save()
    now = clock.now()
    clocks.stop(need.matter, "watch_review", at=now, by=by)
    clocks.start(need.matter, "triage", category="", round=need.round, at=now, by=by)
    state(NeedPromoted(round=need.round, reason=words(reason, "reason", required=False)), need, by)
    return need
