"""The monthly report: laid out when the month is over, written, submitted with its figures frozen, read, commented."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import NotAllowed, WrongMoment
from yingxu.customers.models import Customer
from yingxu.deadlines import queries as deadlines
from yingxu.matters.actions import next_number, open_matter, record
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks

from .. import queries, rhythm, rules
from ..events import ReportCommented, ReportDueSoon, ReportLate, ReportOpened, ReportRead, ReportSubmitted
from ..models import Comment, Report, Settings
from .staying import doer

S = Report.State
LONGEST = 4_000


def draft() -> int:
    """Lay out last month's report for everybody who looks after customers and may write one; returns how many. Once each, however many
    workers ask."""
    first, last = rhythm.before("month", clock.today().replace(day=1))
    calendar = deadlines.calendar()
    due = rhythm.first_monday(clock.today(), calendar)
    made = 0
    if not Settings.objects.filter(pk=1).exists() or clock.today() > rhythm.plus(due, 10, calendar):
        return 0
    for user in _owners(last):
        with transaction.atomic():
            Settings.objects.select_for_update().get(pk=1)
            if Report.objects.filter(person=user, month=first).exists():
                continue
            _laid_out(user, first, due, calendar)
            made += 1
    return made


def _owners(last: Any) -> list[User]:
    """Who looked after a customer when the month ended; what belonged to somebody who left, the head reports on."""
    end = rhythm.begins(last, clock.zone())
    rows = Customer.objects.filter(merged_into=None, matter__opened_at__lte=end).order_by()
    pairs = set(rows.values_list("matter__owner_id", "matter__department_id").distinct())
    users = User.objects.select_related("department__head").in_bulk({owner for owner, _place in pairs if owner})
    places = {row.pk: row for row in Department.objects.select_related("head", "parent__head")}
    found = {user.pk: user for owner, place in pairs if (user := doer(users.get(owner), places.get(place)))}
    return [user for _pk, user in sorted(found.items()) if people.actor(user).may(rules.WRITE)]


def _laid_out(user: User, first: Any, due: Any, calendar: Any) -> Report:
    month = f"{first:%Y-%m}"
    title = _("Customer report of %(month)s") % {"month": month}
    at = rhythm.end_of(due, calendar, clock.zone())
    matter = open_matter("report", f"{title} · {user.name}", number=next_number("report", prefix="YB"), owner_id=user.pk, department_id=user.department_id)
    task = tasks.add(matter, by=SYSTEM, title=title, owner=user, due_at=at)
    report = Report.objects.create(matter=matter, person=user, month=first, due_on=due, task=task)
    record(ReportOpened(month=month, due_on=due), on=matter, by=SYSTEM, tell=[user.pk])
    return report


def remind() -> int:
    """Remind on the worked day before a report is due, tell its reader when it is late; each once. Returns how many were told of."""
    today, calendar, told = clock.today(), deadlines.calendar(), 0
    soon = rhythm.plus(today, 1, calendar)
    for pk in Report.objects.filter(state=S.DRAFT, due_on__lte=soon).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            report = Report.objects.select_for_update(skip_locked=True, of=("self",)).select_related("matter__owner", "matter__department").filter(pk=pk, state=S.DRAFT).first()
            if report is None:
                continue
            matter, month = report.matter, f"{report.month:%Y-%m}"
            if report.due_on < today and report.late_at is None:
                report.late_at = clock.now()
                head = matter.department.head_id if matter.department else None
                who = matter.owner.name if matter.owner else ""
                record(ReportLate(month=month, who=who), on=matter, by=SYSTEM, tell=[matter.owner_id, head, *_readers(report)])
            elif report.due_on >= today and report.reminded_at is None:
                report.reminded_at = clock.now()
                record(ReportDueSoon(month=month, due_on=report.due_on), on=matter, by=SYSTEM, tell=[matter.owner_id])
            else:
                continue
            report.save(update_fields=["late_at", "reminded_at"])
            told += 1
    return told


def _readers(report: Report) -> list[int]:
    return [user.pk for user in people.holders(rules.READ, report) if user.pk != report.matter.owner_id]


@action(rules.WRITE)
def write(report: Report, *, by: Actor, summary: str = "", risks: str = "", plans: str = "") -> Report:
    """The owner's words, as often as they like before it is submitted."""
    _is_draft(report)
    _kept(report, summary, risks, plans)
    report.save()
    return report


@action(rules.WRITE)
def submit(report: Report, *, by: Actor, summary: str, risks: str = "", plans: str = "") -> Report:
    """Hand it in: the figures are made from the archive now and stay as they are, with this moment on them."""
    _is_draft(report)
    _kept(report, given.words(summary, "summary"), risks, plans)
    now = clock.now()
    report.figures = queries.reports.measured(by, report.person_id, *rhythm.month(report.month))
    report.as_of = report.submitted_at = now
    report.state, report.submitted_by_id = S.SUBMITTED, by.user_id
    report.save()
    if report.task and report.task.open:
        tasks.conclude(report.task, by=by)
    record(ReportSubmitted(month=f"{report.month:%Y-%m}", late=_late(report, now), as_of=now), on=report.matter, by=by, tell=_readers(report))
    return report


def _late(report: Report, now: datetime) -> bool:
    return now.astimezone(clock.zone()).date() > report.due_on


def _kept(report: Report, summary: str, risks: str, plans: str) -> None:
    for name, text in (("summary", summary), ("risks", risks), ("plans", plans)):
        setattr(report, name, given.words(text, name, required=False, longest=LONGEST))


def _is_draft(report: Report) -> None:
    if report.state != S.DRAFT:
        raise WrongMoment(_("This report was handed in; it does not change any more. Add a comment instead."))


@action(rules.READ)
def read(report: Report, *, by: Actor) -> Report:
    """Say that it was read. Nobody reads their own report."""
    _handed_in(report, by)
    if report.state == S.SUBMITTED:
        _note_read(report, by)
        report.save()
    return report


@action(rules.READ)
def comment(report: Report, *, by: Actor, text: str) -> Comment:
    """Say something to it; with that it is read, too."""
    _handed_in(report, by)
    text = given.words(text, "text", longest=LONGEST)
    if report.state == S.SUBMITTED:
        _note_read(report, by)
    report.state = S.ANSWERED
    report.save()
    return _said(report, by, text)


@action(rules.WRITE)
def answer(report: Report, *, by: Actor, text: str) -> Comment:
    """The owner's answer to what was said."""
    if report.state == S.DRAFT:
        raise WrongMoment(_("Hand the report in first."))
    return _said(report, by, given.words(text, "text", longest=LONGEST))


def _said(report: Report, by: Actor, text: str) -> Comment:
    made = Comment.objects.create(report=report, by_id=by.user_id, at=clock.now(), text=text)
    tell = {report.matter.owner_id, report.read_by_id, *report.comments.values_list("by_id", flat=True)} - {None, by.user_id}
    record(ReportCommented(month=f"{report.month:%Y-%m}", text=text[:200]), on=report.matter, by=by, tell=sorted(tell))
    return made


def _handed_in(report: Report, by: Actor) -> None:
    if report.state == S.DRAFT:
        raise WrongMoment(_("This report is still being written."))
    if report.matter.owner_id == by.user_id:
        raise NotAllowed(_("Somebody else reads what you reported."), code=rules.READ.name)


def _note_read(report: Report, by: Actor) -> None:
    report.state, report.read_at, report.read_by_id = S.READ, clock.now(), by.user_id
    record(ReportRead(month=f"{report.month:%Y-%m}"), on=report.matter, by=by, tell=[report.matter.owner_id])
