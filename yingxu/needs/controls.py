"""What needs can prove to a policy clause: each counts how often it applied in a period, and where it was broken."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, ExtractYear
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.controls import Asked, Evidence, Tally, control, tally
from yingxu.matters.models import Entry, Matter
from yingxu.tasks.events import TaskFinished, TaskReopened
from yingxu.tasks.models import Origin, Task
from yingxu.tasks.models import State as TaskState

from . import events
from .models import Confirmation, DayEnd, DayList, Hold, Link, Need, Plan, Raise, Result, Round, Visit
from .states import Outcome, State

MOST = 100
PROMPT = timedelta(minutes=15)


def _visible(rows: QuerySet, seen: Any, path: str = "need_id") -> QuerySet:
    return rows if seen is None else rows.filter(**{path + "__in": seen})


def _within(start: datetime, end: datetime, name: str) -> Q:
    return Q(**{name + "__gte": start, name + "__lt": end})


def _entries(event: Any, start: datetime, end: datetime, seen: Any) -> QuerySet:
    """Entries of one event, or of several."""
    names = [one.NAME for one in (event if isinstance(event, list) else [event])]
    return _visible(Entry.objects.filter(_within(start, end, "at"), event__in=names), seen, "matter_id")


def _needs(start: datetime, end: datetime, seen: Any) -> QuerySet:
    return _visible(Need.objects.filter(_within(start, end, "matter__opened_at")), seen, "pk")


@control("needs.numbered", gettext_lazy("Register numbers without gaps"), "lock")
def numbered(start: datetime, end: datetime, seen: Any) -> Tally:
    """Within a year the numbers run without gaps. Gaps are looked for over all needs, since one person may not see them all."""
    rows = Matter.objects.filter(kind="need", opened_at__gte=start, opened_at__lt=end)
    years = rows.annotate(year=ExtractYear("opened_at")).order_by().values("year")
    gaps = 0
    for year in years.annotate(first=Min("number"), last=Max("number"), n=Count("id")):
        gaps += max(0, int(year["last"].rsplit("-", 1)[1]) - int(year["first"].rsplit("-", 1)[1]) + 1 - year["n"])
    applied = _needs(start, end, seen).count()
    return Tally(applied, max(0, applied - gaps), gaps)


@control("needs.channel_kept", gettext_lazy("Channel and words recorded"), "lock")
def channel_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _needs(start, end, seen)
    return tally(rows, rows.filter(Q(channel="") | Q(body="")), "matter__opened_at", _("no channel or no words"), matter="pk")


@control("needs.template_kept", gettext_lazy("Record template of its version"), "lock")
def template_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _needs(start, end, seen)
    return tally(rows, rows.filter(template=None), "matter__opened_at", _("without a record template"), matter="pk")


@control("needs.category_by_person", gettext_lazy("Category set by a person"), "lock")
def category_by_person(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.NeedTriaged, start, end, seen)
    return tally(rows, rows.exclude(actor_kind__in=["user", "token"]), "at", _("set without a person"))


@control("needs.triage_before_assignment", gettext_lazy("Assessed before it is assigned"), "lock")
def triage_before_assignment(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.NeedAssigned, start, end, seen)
    earlier = Entry.objects.filter(matter=OuterRef("matter"), event=events.NeedTriaged.NAME, id__lt=OuterRef("id"))
    return tally(rows, rows.filter(~Exists(earlier)), "at", _("assigned before it was assessed"))


@control("needs.answer_on_the_spot", gettext_lazy("Answer on the spot is written down"), "record")
def answer_on_the_spot(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.NeedAnswered, start, end, seen)
    return tally(rows, rows.filter(note=None), "at", _("answered without words"))


@control("needs.acceptance_before_work", gettext_lazy("Accepted before work begins"), "lock")
def acceptance_before_work(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.PlanWritten, start, end, seen)
    earlier = Entry.objects.filter(matter=OuterRef("matter"), event=events.NeedAccepted.NAME, id__lt=OuterRef("id"))
    return tally(rows, rows.filter(~Exists(earlier)), "at", _("planned before it was accepted"))


def _reasoned(event: type, name: str, title: Any, note: Any) -> None:
    @control(name, title, "lock")
    def reasoned(start: datetime, end: datetime, seen: Any) -> Asked:
        rows = _entries(event, start, end, seen)
        return tally(rows, rows.filter(personal__reason=""), "at", str(note))


_reasoned(events.NeedReturned, "needs.return_with_reason", gettext_lazy("Returned only with a reason"), gettext_lazy("no reason"))
_reasoned(events.ResultSentBack, "needs.send_back_with_reason", gettext_lazy("Sent back only with a reason"), gettext_lazy("no reason"))
_reasoned(events.NeedVoided, "needs.void_with_reason", gettext_lazy("Void only with a reason"), gettext_lazy("no reason"))


@control("needs.hold_with_reason", gettext_lazy("Waiting only with a reason"), "lock")
def hold_with_reason(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Hold.objects.filter(_within(start, end, "since")), seen)
    return tally(rows, rows.filter(reason=""), "since", _("no reason"), matter="need_id")


@control("needs.plan_before_work", gettext_lazy("Plan before the result"), "lock")
def plan_before_work(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Result.objects.filter(_within(start, end, "at")), seen)
    plan = Plan.objects.filter(need=OuterRef("need"), round=OuterRef("round"), at__lte=OuterRef("at"))
    return tally(rows, rows.filter(~Exists(plan)), "at", _("a result without a plan"), matter="need_id")


@control("needs.nodes_before_result", gettext_lazy("Time nodes done before the result"), "lock")
def nodes_before_result(start: datetime, end: datetime, seen: Any) -> Asked:
    """Of the plan that was current when the result came, every node was done."""
    rows = _visible(Result.objects.filter(_within(start, end, "at")), seen)
    later = Plan.objects.filter(need=OuterRef("need"), round=OuterRef("round"), at__lte=OuterRef(OuterRef("at")), id__gt=OuterRef("id"))
    current = Plan.objects.filter(need=OuterRef("need"), round=OuterRef("round"), at__lte=OuterRef("at")).filter(~Exists(later))
    left = current.filter(Q(nodes__state=TaskState.OPEN) | Q(nodes__done_at__gt=OuterRef("at")))
    return tally(rows, rows.filter(Exists(left)), "at", _("a node was still open"), matter="need_id")


@control("needs.nodes_in_time", gettext_lazy("Time nodes done in time"), "clock")
def nodes_in_time(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Task.objects.filter(_within(start, end, "done_at"), origin=Origin.PLAN, matter__kind="need"), seen, "matter_id")
    return tally(rows, rows.filter(done_at__gt=F("due_at")), "done_at", _("a node was done late"))


@control("needs.tasks_before_result", gettext_lazy("Not resolved while a task is open"), "lock")
def tasks_before_result(start: datetime, end: datetime, seen: Any) -> Asked:
    """Of the results handed in on needs with tasks, none came while a task given before was still open (N14). A task taken up again
    afterwards does not count against it."""
    rows = _visible(Result.objects.filter(_within(start, end, "at")), seen)
    given = Task.objects.filter(matter=OuterRef("need_id"), given_at__lte=OuterRef("at"))
    reopened = Entry.objects.filter(event=TaskReopened.NAME).annotate(task=Cast(KT("facts__task"), BigIntegerField()))
    again = reopened.filter(matter=OuterRef("matter_id"), task=OuterRef("pk"))
    left = given.filter(~Exists(again)).filter(Q(state=TaskState.OPEN) | Q(done_at__gt=OuterRef("at")) | Q(withdrawn_at__gt=OuterRef("at")))
    rows = rows.filter(Exists(given))
    return tally(rows, rows.filter(Exists(left)), "at", _("a task was still open"), matter="need_id")


@control("needs.progress_reported", gettext_lazy("Progress reported while handling"), "record")
def progress_reported(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every result follows at least one progress entry or finished node of its round."""
    rows = _visible(Result.objects.filter(_within(start, end, "at")), seen)
    said = Entry.objects.filter(
        matter=OuterRef("need_id"), event__in=[events.ProgressRecorded.NAME, events.NodeDone.NAME, TaskFinished.NAME], at__lte=OuterRef("at")
    )
    return tally(rows, rows.filter(~Exists(said)), "at", _("no progress was reported"), matter="need_id")


@control("needs.review_before_feedback", gettext_lazy("Review before feedback"), "lock")
def review_before_feedback(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Result.objects.filter(_within(start, end, "told_at")), seen)
    bad = rows.exclude(review=Result.Review.PASSED, reviewed_at__lte=F("told_at"))
    return tally(rows, bad, "told_at", _("told before it was reviewed"), matter="need_id")


@control("needs.reviewed_by_another", gettext_lazy("Reviewed by another person"), "lock")
def reviewed_by_another(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Result.objects.filter(_within(start, end, "reviewed_at")), seen)
    return tally(rows, rows.filter(reviewed_by=F("by")), "reviewed_at", _("reviewed by who submitted it"), matter="need_id")


@control("needs.confirmation_asked", gettext_lazy("Customer asked to confirm"), "lock")
def confirmation_asked(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every need that ended as resolved has the customer's verdict, unless the customer never answered."""
    rows = _visible(Need.objects.filter(_within(start, end, "resolved_at"), outcome=Outcome.SATISFIED), seen, "pk")
    said = Confirmation.objects.filter(need=OuterRef("pk"), satisfied=True, round=OuterRef("round"))
    return tally(rows, rows.filter(~Exists(said)), "resolved_at", _("closed without the customer's word"), matter="pk")


@control("needs.rated", gettext_lazy("Customer asked for a rating"), "record")
def rated(start: datetime, end: datetime, seen: Any) -> Asked:
    """Verdicts in the period; a customer may leave the rating out, so it applies but is never broken."""
    rows = _visible(Confirmation.objects.filter(_within(start, end, "at")), seen)
    return tally(rows, rows.none(), "at", "", matter="need_id")


@control("needs.reopen_until_satisfied", gettext_lazy("Not satisfied: another round"), "lock")
def reopen_until_satisfied(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Confirmation.objects.filter(_within(start, end, "at"), satisfied=False), seen)
    later = Round.objects.filter(need=OuterRef("need"), number__gt=OuterRef("round"))
    return tally(rows, rows.filter(~Exists(later)), "at", _("no further round began"), matter="need_id")


@control("needs.rounds_kept", gettext_lazy("Every round is kept"), "record")
def rounds_kept(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Round.objects.filter(_within(start, end, "began_at"), number__gt=1), seen)
    before = Confirmation.objects.filter(need=OuterRef("need"), round=OuterRef("number") - 1)
    return tally(rows, rows.filter(~Exists(before)), "began_at", _("the earlier round is missing"), matter="need_id")


@control("needs.follow_up_visit", gettext_lazy("Visit scheduled after the end"), "lock")
def follow_up_visit(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Need.objects.filter(_within(start, end, "resolved_at"), outcome=Outcome.SATISFIED), seen, "pk")
    visits = Visit.objects.filter(need=OuterRef("pk"))
    return tally(rows, rows.filter(~Exists(visits)), "resolved_at", _("no visit was scheduled"), matter="pk")


@control("needs.visit_problem_linked", gettext_lazy("New problems become linked needs"), "lock")
def visit_problem_linked(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _visible(Visit.objects.filter(_within(start, end, "done_at"), found__isnull=False), seen)
    linked = Link.objects.filter(a=OuterRef("need"), b=OuterRef("found"))
    return tally(rows, rows.filter(~Exists(linked)), "done_at", _("the new need is not linked"), matter="need_id")


@control("needs.watch_list_dated", gettext_lazy("Watched needs have a review date"), "lock")
def watch_list_dated(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.NeedWatched, start, end, seen)
    bad = rows.filter(matter__need__state=State.WATCHING, matter__need__review_on=None)
    return tally(rows, bad, "at", _("watched without a date"))


@control("needs.merge_keeps_both", gettext_lazy("Merged needs stay readable"), "record")
def merge_keeps_both(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = _entries(events.NeedMerged, start, end, seen)
    bad = rows.filter(matter__need__state=State.MERGED, matter__need__merged_into=None)
    return tally(rows, bad, "at", _("merged into nothing"))


@control("needs.handling_complaint_to_group", gettext_lazy("Complaints about handling go elsewhere"), "lock")
def handling_complaint_to_group(start: datetime, end: datetime, seen: Any) -> Asked:
    """Such a complaint never begins in the department it is about."""
    rows = _visible(Need.objects.filter(_within(start, end, "matter__opened_at"), origin__isnull=False, kind="complaint"), seen, "pk")
    bad = rows.filter(matter__department=F("origin__matter__department"), matter__department__response_group=False)
    return tally(rows, bad, "matter__opened_at", _("with the department it is about"), matter="pk")


@control("needs.on_one_timeline", gettext_lazy("Everything on one timeline"), "record")
def on_one_timeline(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every need registered in the period begins its timeline with the act of registering."""
    rows = _needs(start, end, seen)
    told = Entry.objects.filter(matter=OuterRef("pk"), event=events.NeedRegistered.NAME)
    return tally(rows, rows.filter(~Exists(told)), "matter__opened_at", _("without a beginning"), matter="pk")


@control("needs.raise_answered", gettext_lazy("Raised to management and answered"), "record")
def raise_answered(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every question raised in the period that was not taken back has its answer or decision, unless it is still open in time."""
    rows = _visible(Raise.objects.filter(_within(start, end, "at")).exclude(state=Raise.State.WITHDRAWN), seen)
    late = rows.filter(ended_at=None, clock__breached_at__isnull=False)
    waiting = rows.filter(ended_at=None).exclude(clock__breached_at__isnull=False)
    return tally(rows, late, "at", _("no answer in time"), matter="need_id", running=waiting)


@control("needs.decided_by_another", gettext_lazy("Decided by another person than who raised it"), "lock")
def decided_by_another(start: datetime, end: datetime, seen: Any) -> Asked:
    settled = [Raise.State.ANSWERED, Raise.State.DECIDED]
    rows = _visible(Raise.objects.filter(_within(start, end, "ended_at"), state__in=settled), seen)
    return tally(rows, rows.filter(ended_by=F("by")), "ended_at", _("decided by who raised it"), matter="need_id")


@control("needs.decision_on_the_need", gettext_lazy("Management's words stay on the need"), "record")
def decision_on_the_need(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every answer and decision has its words, and they stand on the need's timeline."""
    rows = _entries([events.ManagementAnswered, events.ManagementDecided], start, end, seen)
    return tally(rows, rows.filter(note=None), "at", _("without words"))


@control("needs.day_lists_made", gettext_lazy("Lists of the day made at closing time"), "record")
def day_lists_made(start: datetime, end: datetime, seen: Any) -> Asked:
    """Every working day that ended: its lists were made within a quarter of an hour, or late."""
    rows = DayEnd.objects.filter(closes_at__gte=start, closes_at__lt=end, listed_at__isnull=False)
    return tally(rows, rows.filter(listed_at__gt=F("closes_at") + PROMPT), "closes_at", "", evidence=list)


@control("needs.unsent_flagged", gettext_lazy("Unsent records flagged before closing time"), "record")
def unsent_flagged(start: datetime, end: datetime, seen: Any) -> Asked:
    rows = DayEnd.objects.filter(closes_at__gte=start, closes_at__lt=end, listed_at__isnull=False)
    return tally(rows, rows.filter(flagged_at=None), "closes_at", "", evidence=list)


@control("needs.day_lists_read", gettext_lazy("Lists of the day are read"), "record")
def day_lists_read(start: datetime, end: datetime, seen: Any) -> Asked:
    """Lists with something on them: read before they had to be told further, or not; the newest need of a list stands for it."""
    rows = DayList.objects.filter(closes_at__gte=start, closes_at__lt=end).exclude(new=0, unsent=0)
    bad, running = rows.filter(escalated_at__isnull=False), rows.filter(read_at=None, escalated_at=None)

    def found() -> list[Evidence]:
        newest = bad.exclude(needs=[]).select_related("department").order_by("-day", "-id")[:MOST]
        said = _("%(department)s, %(day)s: unread next morning")
        return [Evidence(row.needs[-1]["id"], row.escalated_at, said % {"department": row.department.name, "day": row.day}) for row in newest]

    return tally(rows, bad, "escalated_at", "", running=running, evidence=found)
