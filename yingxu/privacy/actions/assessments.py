"""Impact assessments: written by one, reviewed by another, looked at again in time (P15; PIPL art. 55, 56)."""

from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import exported, next_number, open_matter, record
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks
from yingxu.tasks import queries as tasks_on

from .. import queries, rules
from ..events import (
    AssessmentBegun,
    AssessmentReviewed,
    AssessmentRevoked,
    AssessmentRewritten,
    AssessmentSentBack,
    AssessmentSubmitted,
    RecordsExported,
)
from ..models import Assessment
from ..models.guarding import three_years_after

SERIES = "PG"
MOST_YEARS = 3  # an assessment is looked at again at least so often
_WORDS = ("need", "influence", "dangers", "measures")
State = Assessment.State


@opens(rules.ASSESS)
def begin_assessment(*, by: Actor, title: str, kind: str, **said: Any) -> Assessment:
    """Begin an assessment; its author is who begins it. It counts only after another person reviewed it.

    `said`: need, influence, dangers, measures (words), risk, decision (codes), review_on (a date within three years)."""
    title = given.words(title, "title", longest=200)
    values = _checked(kind=kind, **said)
    author = given.staff(by)
    matter = open_matter(
        "assessment", title, number=next_number(SERIES, prefix=SERIES), owner_id=author, department_id=by.department_id, words=[values["need"]]
    )
    made = Assessment.objects.create(matter=matter, **values)
    record(AssessmentBegun(kind=kind), on=matter, by=by)
    return made


@action(rules.ASSESS)
def rewrite_assessment(assessment: Assessment, *, by: Actor, title: str, kind: str, **said: Any) -> Assessment:
    """Other words while it is being written."""
    _in(assessment, State.DRAFT)
    values, title = _checked(kind=kind, **said), given.words(title, "title", longest=200)
    changed = [key for key, value in values.items() if getattr(assessment, key) != value]
    changed += ["title"] if assessment.matter.title != title else []
    if changed:
        for key, value in values.items():
            setattr(assessment, key, value)
        assessment.save()
        assessment.matter.title = title
        assessment.matter.save(update_fields=["title"])
        record(AssessmentRewritten(kind=kind, fields=sorted(changed)), on=assessment.matter, by=by)
    return assessment


@action(rules.ASSESS)
def submit_assessment(assessment: Assessment, *, by: Actor) -> Assessment:
    """It is written; another person reviews it."""
    _in(assessment, State.DRAFT)
    assessment.state, assessment.asked_at = State.REVIEW, clock.now()
    assessment.save(update_fields=["state", "asked_at"])
    told = [user.pk for user in people.holders(rules.REVIEW, assessment) if user.pk != assessment.matter.owner_id]
    stated = AssessmentSubmitted(kind=assessment.kind, risk=assessment.risk, decision=assessment.decision)
    record(stated, on=assessment.matter, by=by, tell=told)
    return assessment


@action(rules.REVIEW)
def review_assessment(assessment: Assessment, *, by: Actor, agreed: bool, words: str = "") -> Assessment:
    """Another person than its author agrees, or sends it back with a reason."""
    _in(assessment, State.REVIEW)
    _another(assessment, by)
    words = given.words(words, "words", required=not agreed, longest=2_000)
    if not agreed:
        assessment.state, assessment.words = State.DRAFT, words
        assessment.save(update_fields=["state", "words"])
        record(AssessmentSentBack(kind=assessment.kind, words=words[:200]), on=assessment.matter, by=by, tell=[assessment.matter.owner_id])
        return assessment
    assessment.state = State.STOPPED if assessment.decision == Assessment.Decision.STOP else State.APPROVED
    return _reviewed(assessment, by, words)


@action(rules.REVIEW)
def confirm_assessment(assessment: Assessment, *, by: Actor, review_on: date, words: str) -> Assessment:
    """It was looked at again and still holds: what was looked at, and when it is looked at the next time. Its author cannot say so."""
    _in(assessment, State.APPROVED)
    _another(assessment, by)
    words = given.words(words, "words", longest=2_000)
    assessment.review_on = _day(review_on)
    return _reviewed(assessment, by, words)


@action(rules.REVIEW)
def revoke_assessment(assessment: Assessment, *, by: Actor, reason: str) -> Assessment:
    """It no longer holds. What rests on it stops at once: recipients get nothing more."""
    _in(assessment, State.APPROVED)
    reason = given.words(reason, "reason", longest=2_000)
    assessment.state, assessment.words = State.STOPPED, reason
    assessment.save(update_fields=["state", "words"])
    _settle(assessment, by)
    record(AssessmentRevoked(kind=assessment.kind, reason=reason[:200]), on=assessment.matter, by=by, tell=[assessment.matter.owner_id])
    return assessment


@step
def remind_of_reviews() -> int:
    """A fortnight before an assessment is to be looked at again its author gets a task, once; returns how many."""
    made = 0
    for row in queries.assessments_due(clock.today() + queries.AHEAD):
        if tasks_on.open_on(row.matter):
            continue
        due = datetime.combine(row.review_on, time(18), tzinfo=clock.zone())
        title = _("Look at the impact assessment %(number)s again") % {"number": row.matter.number}
        tasks.add(row.matter, by=SYSTEM, title=title, owner=row.matter.owner, department=row.matter.department, due_at=due)
        made += 1
    return made


@opens(rules.EXPORT)
def export_assessments(*, by: Actor, wish: queries.AssessmentWish) -> list[Assessment]:
    """The assessments this person may see, as the wish says; stated in the journal."""
    found = list(queries.assessments_to_export(by, wish))
    record(RecordsExported(what="assessments", count=len(found)), on=None, by=by)
    exported("assessments", by=by, rows=len(found), words=wish.q, of=[row.pk for row in found])
    return found


def _reviewed(assessment: Assessment, by: Actor, words: str) -> Assessment:
    now = clock.now()
    assessment.reviewed_at, assessment.reviewed_by_id, assessment.words = now, given.staff(by), words
    assessment.kept_until = three_years_after(max(clock.today(), assessment.review_on))
    assessment.save()
    _settle(assessment, by)
    stated = AssessmentReviewed(kind=assessment.kind, state=assessment.state, review_on=assessment.review_on.isoformat(), words=words[:200])
    record(stated, on=assessment.matter, by=by, tell=[assessment.matter.owner_id])
    return assessment


def _settle(assessment: Assessment, by: Actor) -> None:
    """Tasks of its last round are done; one that says no is over."""
    matter = assessment.matter
    for task in tasks_on.open_on(matter):
        task.matter = matter
        tasks.conclude(task, by=by, result=str(State(assessment.state).label))
    if assessment.state == State.STOPPED:
        matter.closed_at = clock.now()
        matter.save(update_fields=["closed_at"])


def _checked(*, kind: str, risk: str, decision: str, review_on: date, **words: str) -> dict[str, Any]:
    for name, value, choices in (("kind", kind, Assessment.Kind), ("risk", risk, Assessment.Risk), ("decision", decision, Assessment.Decision)):
        if value not in choices.values:
            raise Invalid.field(name, _("Choose one of those named."))
    said = {name: given.words(words[name], name, longest=4_000) for name in _WORDS}
    return {"kind": kind, "risk": risk, "decision": decision, "review_on": _day(review_on), **said}


def _day(day: date) -> date:
    today = clock.today()
    if not today < day <= three_years_after(today):
        raise Invalid.field("review_on", _("A day to come, within %(years)s years.") % {"years": MOST_YEARS})
    return day


def _another(assessment: Assessment, by: Actor) -> None:
    if by.user_id is not None and by.user_id == assessment.matter.owner_id:
        raise NotAllowed(_("You wrote this assessment; another person reviews it."), code="privacy.second_person")


def _in(assessment: Assessment, *states: str) -> None:
    if assessment.state not in states:
        raise WrongMoment(_("The assessment is now “%(state)s”. Reload to see what changed.") % {"state": State(assessment.state).label})
