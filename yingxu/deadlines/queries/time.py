"""Questions about time: the calendar in force, a matter's clocks, why a clock is due when it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from yingxu.base import clock as time
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.matters.models import Matter
from yingxu.matters.queries import page_of, seen_by
from yingxu.people.models import Department
from yingxu.people.queries import holders

from .. import current, measuring, official, rules, working
from ..current import Measure
from ..events import ClockBreached, ClockWarned
from ..models import (
    OPEN,
    SERVICE_STEPS,
    CalendarDay,
    CalendarVersion,
    Category,
    Clock,
    ClockMove,
    ExtensionRequest,
    Outcome,
    Target,
)
from ..spans import span, written

ANNOUNCED = (11, 1)  # from this day on next year's public holidays are expected to be known
SAID = 14  # days
Stated = ClockWarned | ClockBreached


def calendar(at: datetime | None = None) -> working.Calendar:
    """The working calendar in force now, or at a moment (the first one there was for moments before it)."""
    if at is None:
        return current.book().calendar
    versions = CalendarVersion.objects.order_by("-id")
    found = versions.filter(made_at__lte=at).first() or versions.last()
    return current.calendar_of(found.pk if found else None)


def measured_by(*, round_the_clock: bool) -> working.Calendar:
    """The working calendar in force, or the one that knows no night."""
    return current.book().measured_by(round_the_clock)


def minutes_in(text: str, *, round_the_clock: bool = False) -> int:
    """How many minutes 30m, 2h or 3d are; a day is a working day, or 24 hours. Raises Invalid for what is no span of time."""
    amount, unit = span(text)
    return current.minutes_of(amount, unit, round_the_clock=round_the_clock, calendar=current.book().calendar)


def look_again() -> None:
    """For pages that change settings: another process may have changed them a second ago."""
    current.forget()


def targets(category: str = "") -> Mapping[str, Measure]:
    """step → how long it may take in this category, in minutes; "" is before triage."""
    name = category or Category.UNSET
    return {step: measure for (held_by, step), measure in current.book().targets.items() if held_by == name}


def clocks(matter: Matter) -> list[Clock]:
    """The open clocks, nearest first, then the ended ones, latest first; cancelled ones are left out. Each knows its latest move
    (`move_of`), in the same query."""
    far = time.now() + timedelta(days=36_500)
    return sorted(_clocks(matter.pk), key=lambda c: (0, (c.due_at or far).timestamp()) if c.open else (1, -c.stopped_at.timestamp()))


@kept
def _clocks(matter: int) -> QuerySet[Clock]:
    last = ClockMove.objects.filter(clock=OuterRef("pk")).order_by("-id").values(last=JSONObject(was="was", now="now", why="why"))
    return Clock.objects.filter(matter_id=matter).exclude(outcome=Outcome.CANCELLED).annotate(last_move=Subquery(last[:1]))


def nearest(matter: Matter) -> Clock | None:
    """The running clock that is due first, else one that rests, else None."""
    return nearest_of([matter.pk]).get(matter.pk)


def nearest_of(matter_ids: Iterable[int]) -> dict[int, Clock]:
    """`nearest` for many matters in one query."""
    return {clock.matter_id: clock for clock in _nearest_of(list(matter_ids))}


@kept
def _nearest_of(matter_ids: list[int]) -> QuerySet[Clock]:
    found = Clock.objects.filter(matter__in=matter_ids, outcome__in=OPEN)
    order = found.order_by("matter_id", "-outcome", "due_at", "id")  # "running" stands behind "paused" in the alphabet
    return order.distinct("matter_id")


@dataclass(frozen=True)
class Face:
    """What a clock shows. `state`: ok, soon, late, paused, met, broken; `minutes` left, over, resting, early or late;
    `share` of the time that is left, 0 to 1; `day` how many minutes a day has in this clock's words."""

    state: str
    minutes: float
    share: float
    day: int


def face(clock: Clock, now: datetime | None = None) -> Face:
    """How a clock stands at this moment. Asks the database nothing once the calendar is in memory."""
    now, measured_by = now or time.now(), measuring.calendar_for(clock)
    day = 1_440 if clock.round_the_clock else measured_by.day_minutes
    if not clock.open:
        left = clock.allowance - (clock.elapsed_minutes or 0)
        return Face("broken" if clock.outcome == Outcome.BREACHED else "met", abs(left), _share(left, clock), day)
    if clock.paused_at is not None:
        return Face("paused", measured_by.between(clock.paused_at, now), _share(clock.remaining_minutes or 0, clock), day)
    left = measured_by.between(now, clock.due_at)  # type: ignore[arg-type]
    if now > clock.due_at:  # type: ignore[operator]
        return Face("late", abs(left), 0, day)
    return Face("soon" if clock.warn_at and now >= clock.warn_at else "ok", left, _share(left, clock), day)


@dataclass(frozen=True)
class Row:
    """One day of the arithmetic behind a clock: what counted, and what was paused."""

    day: date
    pieces: list[tuple[datetime, datetime]]
    minutes: float


def explain(clock: Clock, now: datetime | None = None) -> list[Row]:
    """Day by day, the stretches that counted for a clock until it ended, or until now. Their minutes add up to what has elapsed."""
    measured_by, rows = measuring.calendar_for(clock), {}
    end = clock.stopped_at or max(now or time.now(), clock.started_at)
    for start, stop in _running(clock, end):
        for counted in measured_by.days(start, stop):
            row = rows.setdefault(counted.day, Row(counted.day, [], 0))
            rows[counted.day] = Row(row.day, row.pieces + counted.pieces, row.minutes + counted.minutes)
    return list(rows.values())


def _running(clock: Clock, end: datetime) -> Iterable[tuple[datetime, datetime]]:
    """The stretches between the pauses."""
    here = clock.started_at
    for begun, ended in clock.spans:
        if begun >= end:
            break
        yield here, begun
        here = min(ended or end, end)
    if here < end:
        yield here, end


@dataclass(frozen=True)
class DueLists:
    """Running clocks, each list nearest first and capped."""

    overdue: list[Clock]
    today: list[Clock]
    tomorrow: list[Clock]


def due_lists(by: Actor, *, now: datetime | None = None, limit: int = 50) -> DueLists:
    """What is late, due today, and due until the end of the next working day, among the matters this person may see."""
    now = now or time.now()
    here = now.astimezone(working.ZoneInfo(calendar().zone))
    tonight = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    following = here.date() + timedelta(days=1)
    while not calendar().is_working_day(following) and following < here.date() + timedelta(days=SAID):
        following += timedelta(days=1)
    until = tonight + timedelta(days=(following - here.date()).days)
    running = Clock.objects.filter(seen_by(by, "matter_id"), outcome=Outcome.RUNNING).select_related("matter")
    running = running.order_by("due_at", "id")
    return DueLists(
        list(running.filter(due_at__lt=now)[:limit]),
        list(running.filter(due_at__gte=now, due_at__lt=tonight)[:limit]),
        list(running.filter(due_at__gte=tonight, due_at__lt=until)[:limit]),
    )


def years_without_official_data(today: date | None = None) -> list[int]:
    """This year, and from November on the next one, when the calendar holds no official days for it."""
    today = today or time.today()
    wanted = [today.year] + ([today.year + 1] if (today.month, today.day) >= ANNOUNCED else [])
    return [year for year in wanted if not official_days(year).exists()]


def official_days(year: int) -> QuerySet[CalendarDay]:
    return CalendarDay.objects.filter(source=CalendarDay.Source.OFFICIAL, date__year=year)


def importable(year: int) -> bool:
    """Whether this version knows the announced days of a year."""
    return year in official.known_years()


def responsible(clock: Clock, matter: Matter, service: Department | None) -> tuple[int | None, Department | None]:
    """(user id, department) who has to act: whoever was asked by name, customer service and its head for its own steps, else the
    matter's owner and department, or the department's head while nobody owns it."""
    if clock.asked_id is not None:
        return clock.asked_id, clock.asked.department
    if clock.step in SERVICE_STEPS and service is not None:
        return service.head_id, service
    department = matter.department
    return matter.owner_id or (department.head_id if department else None), department


def stated(event: type[Stated], clock: Clock, user_id: int | None, department: Department | None) -> Stated:
    """The statement that a clock runs out or is late."""
    return event(
        step=clock.step, round=clock.round, due_at=clock.due_at, user_id=user_id,
        department_id=department.pk if department else None,
    )  # fmt: skip


def extension_requests(by: Actor) -> QuerySet[ExtensionRequest]:
    """Requests this person may decide on, waiting ones first, then the latest decided."""
    found = ExtensionRequest.objects.filter(rules.DECIDE_EXTENSION.where(by))
    return found.select_related("matter", "matter__department", "clock", "asked_by", "decided_by").order_by("-decision", "-id")


def deciders(request: ExtensionRequest) -> list[int]:
    """Who is asked to decide: the head of the matter's department if the rule lets them, else everyone it lets."""
    able = [user.pk for user in holders(rules.DECIDE_EXTENSION, request) if user.pk != request.asked_by_id]
    head = request.matter.department.head_id if request.matter.department else None
    return [head] if head in able else able


def clock(by: Actor, pk: int) -> Clock | None:
    """One clock with its matter, when this person may see that. One question, whatever there is."""
    return Clock.objects.filter(seen_by(by, "matter_id"), pk=pk).select_related("matter").first()


def clock_for_extension(by: Actor, pk: int) -> Clock | None:
    """The clock, when this person may ask for more time on it."""
    found = Clock.objects.filter(rules.REQUEST_EXTENSION.where(by), pk=pk)
    return found.select_related("matter").first()


def hours(week: Iterable[Iterable[working.Window]]) -> str:
    """A week of working hours as text, so that two can be compared."""
    return " | ".join(written(windows) or "-" for windows in week)


def figures(target: Target | None) -> str:
    """A target as text, so that two can be compared; "" when there is none."""
    if target is None:
        return ""
    return f"{target.amount:.2f} {target.unit} {int(target.round_the_clock)} {target.warn_percent}"


def target_table() -> dict[tuple[str, str], Target]:
    """(category, step) → target, as in force."""
    version = current.book().target_version
    return {(row.category, row.step): row for row in Target.objects.filter(version=version)} if version else {}


def target_version() -> int:
    """The version of the time limits in force, 0 before there is one."""
    return current.book().target_version or 0


@dataclass(frozen=True)
class Day:
    """One day of the year view. `kind`: "" worked as usual, "off" free as usual, or a CalendarDay's kind; `company` whether
    the company said so itself."""

    date: date
    kind: str
    name: str
    company: bool
    windows: tuple[working.Window, ...]


def year(number: int) -> list[list[Day]]:
    """The days of a year, month by month. One query."""
    calendar_, special = calendar(), {}
    for row in CalendarDay.objects.filter(date__year=number).order_by("date", "-source"):  # "company" after "official"
        special[row.date] = row
    months: list[list[Day]] = [[] for _month in range(12)]
    on = date(number, 1, 1)
    while on.year == number:
        windows, row = calendar_.windows(on), special.get(on)
        kind = row.kind if row else "" if windows else "off"
        company = row is not None and row.source == CalendarDay.Source.COMPANY
        months[on.month - 1].append(Day(on, kind, row.name if row else "", company, windows))
        on += timedelta(days=1)
    return months


def usual(on: date) -> tuple[working.Window, ...]:
    """The hours a company working day has when it has none of its own."""
    week = calendar().week
    return week[on.weekday()] or next(windows for windows in week if windows)


def day(on: date) -> Day:
    return year(on.year)[on.month - 1][on.day - 1]


def versions(limit: int = 8) -> list[CalendarVersion]:
    """The latest changes of the calendar, newest first."""
    return list(CalendarVersion.objects.select_related("made_by").defer("content").order_by("-id")[:limit])


@dataclass(frozen=True)
class Moved:
    """An open clock that got another date: which, from when to when, and whose it is."""

    move: ClockMove
    page: str


def moves(by: Actor, why: str, version: int, many: int = 30) -> tuple[list[Moved], int]:
    """What a change of the calendar or of the targets moved, of what this person may see: the soonest new dates first; and how many."""
    rows = ClockMove.objects.filter(seen_by(by, "matter_id"), why=why, version=version)
    found = rows.select_related("clock", "matter__owner", "matter__department").order_by("now", "id")
    return [Moved(move, page_of(move.matter)) for move in found[:many]], rows.count()


def move_of(clock: Clock) -> ClockMove | None:
    """The last time the date of one of `clocks` moved without anybody working on it (not saved, without who caused it)."""
    last = getattr(clock, "last_move", None)
    if last is None:
        return None
    was, now = (datetime.fromisoformat(last[name]) if last[name] else None for name in ("was", "now"))
    return ClockMove(clock=clock, was=was, now=now, why=last["why"])


def _share(left: float, clock: Clock) -> float:
    return max(0.0, min(1.0, left / clock.allowance))
