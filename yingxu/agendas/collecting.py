"""What comes on an agenda, made from the data: everything starts from what the preparer may see, the most pressing first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.deadlines.models import Climb, Clock
from yingxu.matters.queries import visible_matters
from yingxu.needs import queries as needs
from yingxu.needs.models import Confirmation, Need
from yingxu.needs.queries import management
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import State as TaskState

from .models import Decision, Kind

MOST = 15  # of each kind on one agenda
KEPT = 500  # rows kept behind a figure
RUNGS = 2  # told to more than the owner


@dataclass(frozen=True)
class Proposal:
    """Something for the agenda; `key` says from what it was made, so that it comes once."""

    kind: Kind
    key: str
    title: str
    note: str
    matter_id: int | None = None
    task_id: int | None = None


def proposals(by: Actor, since: datetime) -> list[Proposal]:
    """Everything that should be talked about now, each matter under its most pressing reason only."""
    found: list[Proposal] = []
    seen: set[int] = set()
    for collect in (_decisions, _emergencies, _raises, _escalated, _overdue, _unsatisfied, _complaints):
        for one in collect(by, since):
            if one.kind != Kind.DECISION and one.matter_id in seen:
                continue
            found.append(one)
            if one.kind != Kind.DECISION and one.matter_id:
                seen.add(one.matter_id)
    return found


def _decisions(by: Actor, _since: datetime) -> Iterator[Proposal]:
    """What earlier meetings decided and is not done; the late ones first."""
    now = clock.now()
    rows = Decision.objects.filter(task__state=TaskState.OPEN, task__in=tasks.visible_to(by).values("pk")).select_related("task__owner", "task__department", "agenda__meeting__matter")
    for row in rows.order_by("task__due_at", "id")[: MOST * 2]:
        task = row.task
        who = task.owner.name if task.owner else task.department.name if task.department else ""
        late = task.due_at is not None and task.due_at < now
        words = _("%(who)s, due %(day)s, late") if late else _("%(who)s, due %(day)s")
        yield Proposal(Kind.DECISION, f"task:{task.pk}", task.title, words % {"who": who, "day": _day(task.due_at)}, task.matter_id, task.pk)


def _raises(by: Actor, _since: datetime) -> Iterator[Proposal]:
    rows = management.visible_raises(by).filter(ended_at=None).select_related("by", "holder")
    for row in rows.order_by("at")[:MOST]:
        with_whom = row.holder.name if row.holder else _("management")
        note = _("raised by %(name)s on %(day)s, with %(whom)s") % {"name": row.by.name, "day": _day(row.at), "whom": with_whom}
        yield Proposal(Kind.RAISE, f"raise:{row.pk}", row.question[:200], note, row.need_id)


def _escalated(by: Actor, _since: datetime) -> Iterator[Proposal]:
    rows = Climb.objects.filter(told__gte=RUNGS, matter__in=needs.visible_to(by).values("pk")).exclude(state=Climb.State.ENDED)
    for row in rows.select_related("matter", "clock", "taken_by").order_by("-told", "begun_at")[:MOST]:
        step = row.clock.get_step_display() if row.clock else _("alarm")
        note = _("%(step)s late since %(day)s, %(n)s rungs told") % {"step": step, "day": _day(row.begun_at), "n": row.told}
        if row.taken_by:
            note += _("; taken by %(name)s") % {"name": row.taken_by.name}
        yield Proposal(Kind.ESCALATED, f"climb:{row.matter_id}", row.matter.title, note, row.matter_id)


def _overdue(by: Actor, _since: datetime) -> Iterator[Proposal]:
    rows = needs.visible_to(by).filter(matter__closed_at=None, matter__due_at__lt=clock.now())
    for need in rows.select_related("matter__owner", "matter__department").order_by("matter__due_at")[:MOST]:
        who = need.matter.owner.name if need.matter.owner else need.matter.department.name if need.matter.department else ""
        note = _("%(state)s, %(who)s; due %(day)s") % {"state": need.get_state_display(), "who": who, "day": _day(need.matter.due_at)}
        yield Proposal(Kind.OVERDUE, f"need:{need.pk}", need.matter.title, note, need.pk)


def _unsatisfied(by: Actor, since: datetime) -> Iterator[Proposal]:
    """Customers who said no since the last meeting; the words they gave are on the need."""
    rows = Confirmation.objects.filter(at__gte=since, satisfied=False, need__in=needs.visible_to(by).values("pk")).select_related("need__matter")
    for row in rows.order_by("need_id", "-round").distinct("need_id")[:MOST]:
        note = _("round %(round)s not satisfied on %(day)s; now %(state)s") % {
            "round": row.round, "day": _day(row.at), "state": row.need.get_state_display(),
        }  # fmt: skip
        yield Proposal(Kind.UNSATISFIED, f"no:{row.need_id}", row.need.matter.title, note, row.need_id)


def _complaints(by: Actor, since: datetime) -> Iterator[Proposal]:
    """Complaints about how a need was handled: still open, or new since the last meeting."""
    rows = needs.visible_to(by).filter(origin__isnull=False, kind="complaint").select_related("origin__matter")
    for need in rows.filter(matter__opened_at__gte=since).order_by("-matter_id")[:MOST]:
        note = _("about %(number)s; now %(state)s") % {"number": need.origin.matter.number, "state": need.get_state_display()}
        yield Proposal(Kind.COMPLAINT, f"complaint:{need.pk}", need.matter.title, note, need.pk)


def _emergencies(by: Actor, since: datetime) -> Iterator[Proposal]:
    """Open ones, and those that began since the last meeting."""
    rows = visible_matters(by).filter(kind="emergency")
    for matter in (rows.filter(closed_at=None) | rows.filter(opened_at__gte=since)).order_by("-opened_at")[:MOST]:
        note = _("declared %(day)s, closed %(end)s") if matter.closed_at else _("declared %(day)s, still open")
        yield Proposal(Kind.EMERGENCY, f"emergency:{matter.pk}", matter.title, note % {"day": _day(matter.opened_at), "end": _day(matter.closed_at)}, matter.pk)


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}" if moment else "–"


# ── figures ──


def _rejected(by: Actor, start: datetime, end: datetime) -> Any:
    return Confirmation.objects.filter(at__gte=start, at__lt=end, satisfied=False, need__in=needs.visible_to(by).values("pk")).values_list("need_id", flat=True)


def _breached(by: Actor, start: datetime, end: datetime) -> Any:
    rows = Clock.objects.filter(breached_at__gte=start, breached_at__lt=end, matter__in=needs.visible_to(by).values("pk"))
    return rows.values_list("matter_id", flat=True)


def _raised(by: Actor, start: datetime, end: datetime) -> Any:
    return management.visible_raises(by).filter(at__gte=start, at__lt=end).values_list("need_id", flat=True)


def _visible(**where: str) -> Callable[[Actor, datetime, datetime], Any]:
    def rows(by: Actor, start: datetime, end: datetime) -> Any:
        given = {name: start if value == "start" else end for name, value in where.items()}
        return needs.visible_to(by).filter(**given).values_list("pk", flat=True)

    return rows


FIGURES: dict[str, tuple[Any, Any, Callable[[Actor, datetime, datetime], Any]]] = {
    "registered": (pgettext_lazy("figure", "Registered"), gettext_lazy("Needs registered in the time between the two meetings"), _visible(matter__opened_at__gte="start", matter__opened_at__lt="end")),
    "ended": (pgettext_lazy("figure", "Closed"), gettext_lazy("Needs that ended in the time between the two meetings"), _visible(matter__closed_at__gte="start", matter__closed_at__lt="end")),
    "breached": (pgettext_lazy("figure", "Ran late"), gettext_lazy("Needs on which a time limit was passed in that time"), _breached),
    "rejected": (pgettext_lazy("figure", "Not satisfied"), gettext_lazy("Needs whose customer said no in that time"), _rejected),
    "raised": (pgettext_lazy("figure", "Raised to management"), gettext_lazy("Needs with a question to management in that time"), _raised),
}


def figures(by: Actor, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Each figure with the rows behind it, and what it was in the same span of time before."""
    before = since - (until - since)
    made = []
    for code, (_name, _meant, rows) in FIGURES.items():
        ids = sorted(set(rows(by, since, until)))
        made.append({"code": code, "n": len(ids), "before": len(set(rows(by, before, since))), "ids": ids[:KEPT]})
    return made


def behind(by: Actor, ids: list[int]) -> list[Need]:
    """The rows behind a figure that this reader may see."""
    rows = needs.visible_to(by).filter(pk__in=ids).select_related("matter__department", "matter__owner", "customer")
    return list(rows.order_by("-matter__opened_at"))

