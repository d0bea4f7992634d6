"""Everything the page of one emergency shows: head with its countdown, log, calls, plan, reserves, who is affected."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.events import Event, revive
from yingxu.files import queries as files
from yingxu.files.models import File
from yingxu.matters import queries as matters
from yingxu.matters.models import Entry, Matter
from yingxu.meetings import queries as meetings
from yingxu.meetings.models import Meeting
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import Origin, Task
from yingxu.tasks.models import State as TaskState

from .. import events, rules
from ..models import Affected, Call, Dispatch, Emergency, Plan, Review, Telling, Told
from ..states import ENDED, Line, Way

MOST = 300  # lines of the log on the page
TO_CUSTOMERS = (events.CustomersTold.NAME, events.CustomerCalled.NAME, events.UpdateOverdue.NAME)
PARTS = ("all", "decisions", "customers")


def visible_to(by: Actor) -> QuerySet[Emergency]:
    """The emergencies this actor may know about."""
    return Emergency.objects.filter(rules.VIEW.where(by)).select_related("matter")


def find(number: str, by: Actor) -> Emergency:
    """The emergency with this number. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "declared_by")
    found = rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def version(emergency: Emergency) -> tuple[int, int]:
    """(last entry, how many there are): different whenever anything was stated, also when a slower transaction came in between."""
    found = Entry.objects.filter(matter_id=emergency.pk).aggregate(last=Max("id"), many=Count("id"))
    return found["last"] or 0, found["many"]


def stated_until(emergency: Emergency, entry: int) -> int:
    """How many entries there are up to this one."""
    return Entry.objects.filter(matter_id=emergency.pk, id__lte=entry).count()


# ── the log ──


@dataclass
class LogLine:
    """One line: its entry, what it states, its words as they are right now, and the words that were wrong."""

    entry: Entry
    event: Event | None
    words: str
    old: list[tuple[str, datetime, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def who(self) -> str:
        return _("System") if self.entry.actor_kind == "system" else self.entry.who

    @property
    def kind(self) -> str:
        """key (decided), out (to customers), line (written by a person) or "" (what happened by itself)."""
        if self.entry.event == events.CustomersTold.NAME:
            return "out"
        if isinstance(self.event, events.LineWritten):
            return "key" if self.event.kind == Line.DECISION else "line"
        return ""

    @property
    def icon(self) -> str:
        return "stamp" if self.kind == "key" else self.event.ICON if self.event else "flag"

    @property
    def sentence(self) -> Any:
        return self.event.sentence() if self.event else _("something happened that this version cannot name")

    @property
    def anchor(self) -> str:
        return f"line-{self.entry.pk}"


def log(emergency: Emergency, by: Actor, *, since: int = 0, part: str = "all", most: int = MOST) -> list[LogLine]:
    """The newest lines first. A corrected line stands where it was first written, with its right words; `since` gives the lines
    stated after an entry, and again those that were corrected after it."""
    rows = Entry.objects.filter(matter_id=emergency.pk, id__gt=since).select_related("note").order_by("-id")
    entries = list(rows[:most])
    fixes: dict[int, list[Entry]] = {}
    for entry in [e for e in entries if e.event == events.LineCorrected.NAME]:
        fixes.setdefault(entry.facts["line"], []).append(entry)
    missing = set(fixes) - {e.pk for e in entries}
    if missing:
        entries += list(Entry.objects.filter(pk__in=missing, matter_id=emergency.pk).select_related("note"))
        for older in Entry.objects.filter(matter_id=emergency.pk, event=events.LineCorrected.NAME, id__lte=since).select_related("note").order_by("-id"):
            if older.facts["line"] in missing:
                fixes[older.facts["line"]].append(older)
    papers = files.on_matter(emergency.matter, by) if entries else []
    lines = [_line(entry, fixes.get(entry.pk, []), papers) for entry in entries if entry.event != events.LineCorrected.NAME]
    return [line for line in files.known(sorted(lines, key=lambda one: -one.entry.pk), by, papers) if _in(line, part)]


def _line(entry: Entry, fixes: list[Entry], papers: list[File]) -> LogLine:
    """`fixes` newest first."""
    event = revive(entry.event, entry.facts, entry.personal)
    said = [(_said(e), e.at, e.who) for e in [*fixes, entry]]
    return LogLine(entry, event, said[0][0], [(text, at, who) for text, at, who in said[1:]], [file for file in papers if file.entry_id == entry.pk])


def _said(entry: Entry) -> str:
    note = getattr(entry, "note", None)
    return note.body if note else ""


def _in(line: LogLine, part: str) -> bool:
    if part == "decisions":
        return line.kind == "key" or isinstance(line.event, events.PlanAdopted | events.EmergencySolved | events.LeadHandedOver)
    return part != "customers" or line.entry.event in TO_CUSTOMERS


# ── the board ──


@dataclass(frozen=True)
class Countdown:
    """When the next customer must hear from us. `left` is in seconds, negative when it is over; `share` of the cadence left."""

    due_at: datetime
    left: int
    share: float
    late: int  # how many are late


@dataclass
class Board:
    """What the page shows."""

    emergency: Emergency
    lines: list[LogLine]
    version: tuple[int, int]
    calls: list[Call]
    affected: list[Affected]
    gone: list[Affected]
    to_call: list[Told]
    tellings: list[Telling]
    dispatches: list[Dispatch]
    plan: Plan | None
    plans: int
    review: Review | None
    countdown: Countdown | None
    origin: list[Affected]
    tasks: list[Task]
    meetings: list[Meeting]

    @property
    def work(self) -> list[Task]:
        """The tasks of the emergency itself, open ones first, by their date."""
        far = clock.now() + timedelta(days=3_650)
        found = [t for t in self.tasks if t.origin != Origin.IMPROVEMENT]
        return sorted(found, key=lambda t: (t.state == TaskState.DONE, t.due_at or far, t.pk))

    @property
    def improvements(self) -> list[Task]:
        return [t for t in self.tasks if t.origin == Origin.IMPROVEMENT]

    @property
    def acknowledged(self) -> list[Call]:
        return sorted((c for c in self.calls if c.acknowledged_at), key=lambda c: c.acknowledged_at)

    @property
    def waiting(self) -> list[Call]:
        return [c for c in self.calls if not c.acknowledged_at]

    @property
    def quickest(self) -> float | None:
        """Seconds of the quickest acknowledgement."""
        spans = [(c.acknowledged_at - c.called_at).total_seconds() for c in self.acknowledged]
        return min(spans) if spans else None

    @property
    def untold(self) -> list[Affected]:
        """Who has not heard that it is over."""
        return [a for a in self.affected if a.told_end_at is None]

    @property
    def needs(self) -> int:
        return sum(a.need_id is not None for a in self.affected)

    @property
    def customers(self) -> int:
        """How many different customers are affected; a need without a customer's file counts as one."""
        return len({("customer", a.customer_id) if a.customer_id else ("need", a.need_id) for a in self.affected})


def board(emergency: Emergency, by: Actor, *, part: str = "all", most: int = MOST) -> Board:
    """The whole page in a fixed number of queries. Of who is affected only what this person may see carries a link."""
    rows = emergency.affected.select_related("need__matter__owner", "customer__matter")
    everyone = list(rows.order_by("id"))
    affected = [a for a in everyone if a.left_at is None]
    plans = list(emergency.plans.select_related("by"))
    waiting = Told.objects.filter(telling__emergency=emergency, done_at=None, affected__left_at=None, way=Way.CALL)
    return Board(
        emergency=emergency, lines=log(emergency, by, part=part, most=most), version=version(emergency),
        calls=list(emergency.calls.select_related("user__department")), affected=affected, gone=[a for a in everyone if a.left_at],
        to_call=list(waiting.select_related("telling", "affected__need__matter", "affected__customer").order_by("affected_id", "-telling_id").distinct("affected_id")),
        tellings=list(emergency.tellings.annotate(reached=Count("rows")).select_related("by")),
        dispatches=list(emergency.dispatches.select_related("resource__matter__owner", "by")), plan=plans[0] if plans else None, plans=len(plans),
        review=Review.objects.select_related("by").filter(emergency=emergency).first(),
        countdown=countdown(emergency, affected), origin=[a for a in everyone if a.need_id and a.joined_at == emergency.matter.opened_at][:1],
        tasks=tasks.on(emergency.matter), meetings=meetings.about(emergency.matter, by),
    )  # fmt: skip


def countdown(emergency: Emergency, affected: list[Affected]) -> Countdown | None:
    """The nearest of all countdowns; None when nobody waits to hear from us."""
    due = [a.due_at for a in affected if a.due_at]
    if emergency.state in ENDED or not due:
        return None
    nearest, now = min(due), clock.now()
    left = int((nearest - now).total_seconds())
    share = max(0.0, min(1.0, left / (emergency.cadence_minutes * 60)))
    return Countdown(nearest, left, share, sum(at < now for at in due))


def openable(affected: list[Affected], by: Actor) -> set[int]:
    """Of the affected, the matters this person may open. One query."""
    wanted = {pk for a in affected for pk in (a.need_id, a.customer_id) if pk}
    return set(Matter.objects.filter(matters.seen_by(by), pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
