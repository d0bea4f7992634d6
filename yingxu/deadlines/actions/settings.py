"""The calendar and the targets change: each change makes a version, open clocks are measured anew, closed ones keep theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from yingxu.base import clock as now_clock
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid, Stale
from yingxu.base.events import Event
from yingxu.matters.actions import record
from yingxu.matters.models import Matter

from .. import current, official, rules, working
from ..events import CalendarChanged, TargetsChanged
from ..models import (
    OPEN,
    CalendarDay,
    CalendarVersion,
    Category,
    Clock,
    ClockMove,
    DayWindow,
    Step,
    Target,
    TargetVersion,
    Unit,
    WorkCalendar,
)  # fmt: skip
from ..queries import figures, hours
from ..spans import span, window
from . import climbs
from .clocks import aim, note_moves

Kind, Source = CalendarDay.Kind, CalendarDay.Source
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BATCH = 1_000
HISTORY = 5  # years
MEASURED = (
    "category", "target_minutes", "round_the_clock", "warn_percent", "due_at", "warn_at", "paused_minutes",
    "remaining_minutes", "outcome", "stopped_at", "elapsed_minutes", "warned_at", "breached_at",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a change of settings did: the version now in force, whether it is new, and how many open clocks moved."""

    version: int | None
    made: bool
    moved: int


class Cause(NamedTuple):
    """Why open clocks are measured anew."""

    why: str
    version: int | None
    by: Actor | None


@opens(rules.MANAGE)
def set_windows(week: Sequence[Iterable[working.Window]], *, by: Actor, was: str = "") -> Change:
    """The working hours of a week: seven lists of windows, Monday first. `was` (see `queries.hours`) is what the editor saw;
    when somebody changed it meanwhile, nothing is saved."""
    calendar = _calendar()
    now = hours(current.book().calendar.week)
    if was and was != now:
        raise _stale(_("Working hours"), now, hours(week))
    _write_week(calendar, week)
    return _calendar_changed(calendar, by)


@opens(rules.MANAGE)
def set_day(
    day: date, kind: str, *, by: Actor, name: str = "", windows: Iterable[working.Window] = ()
) -> Change:
    """The company's own word about a day: off, or working (with the usual hours unless some are given)."""
    calendar = _calendar()
    _write_day(calendar, day, kind, name, windows)
    return _calendar_changed(calendar, by)


@opens(rules.MANAGE)
def remove_day(day: date, *, by: Actor) -> Change:
    """Take the company's own word about a day back; what is official or usual holds again."""
    calendar = _calendar()
    calendar.days.filter(date=day, source=Source.COMPANY).delete()
    return _calendar_changed(calendar, by)


@opens(rules.MANAGE)
def import_official(year: int, *, by: Actor) -> Change:
    """Take over the announced public holidays and make-up days of a year. Raises Invalid for a year nobody announced yet."""
    calendar = _calendar()
    _write_official(calendar, year)
    return _calendar_changed(calendar, by)


@opens(rules.MANAGE)
def set_target(
    category: str, step: str, *, by: Actor, amount: Decimal | None, unit: str = Unit.HOURS, round_the_clock: bool = False,
    warn_percent: int = 80, was: str | None = None,
) -> Change:  # fmt: skip
    """How long a step may take for a category; without an amount the step is not measured. `was` (see `queries.figures`) is what
    the editor saw; when somebody changed it meanwhile, nothing is saved."""
    _calendar()
    rows = _target_rows()
    key = (_known(Category, category, "category"), _known(Step, step, "step"))
    now = figures(rows.pop(key, None))
    if amount is not None:
        rows[key] = _target(*key, amount, unit, round_the_clock, warn_percent)
    if was is not None and was != now:
        raise _stale(key[1].label, now, figures(rows.get(key)))
    return _targets_changed(rows, by)


@part
def install(*, by: Actor, calendar: Mapping | None = None, targets: Iterable[Mapping] | None = None) -> Change:
    """Make calendar and targets what a policy pack says; installing the same twice changes nothing.

    `calendar`: {"windows": {"mon-fri": ["09:00-12:00", "13:30-18:00"], "sat": […]}, "official": true, "zone": "…",
    "days": [{"date", "kind": "off" | "working", "name", "windows": […]}]}; "official" takes over the announced years from
    five years back; earlier ones come by `import_official`.
    `targets`: {"category", "step", "within": "30m" | "2h" | "3d", "round_the_clock", "warn_percent"} each; they replace the
    whole table.
    """
    row = _calendar()
    change = Change(current.book().calendar_version, False, 0)
    if calendar is not None or change.version is None:
        _install_calendar(row, calendar or {})
        change = _calendar_changed(row, by)
    if targets is not None:
        rows = {}
        for each in targets:
            key = (_known(Category, each["category"], "category"), _known(Step, each["step"], "step"))
            amount, unit = span(each["within"])
            rows[key] = _target(*key, amount, unit, each.get("round_the_clock", False), each.get("warn_percent", 80))
        change = _targets_changed(rows, by)
    return change


@part
def recompute_open(*, at: datetime, why: str = ClockMove.Why.CALENDAR, version: int | None = None, by: Actor | None = None) -> int:
    """Measure every open clock by what is in force now; returns how many got another due date or ended. Each of these keeps where it
    moved and why, and a ladder it climbs goes with it."""
    current.forget()
    book, moved, last = current.book(), 0, 0
    open_clocks = Clock.objects.filter(outcome__in=OPEN)
    by_target = Q(target_version__isnull=False) & ~Q(target_version=book.target_version)
    stale = open_clocks.filter(~Q(calendar_version=book.calendar_version) | by_target)
    while True:
        matters = list(
            Matter.objects.select_for_update(of=("self",)).filter(pk__gt=last, pk__in=stale.values("matter"))
            .order_by("pk").values_list("pk", flat=True)[:BATCH]
        )  # fmt: skip  the matter is locked before its clocks, as every verb does
        if not matters:
            return moved
        last = matters[-1]
        moved += _aim_all(open_clocks.filter(matter__in=matters), book, at, Cause(why, version, by))
        _keep_due_of(matters)


def _stale(field: Any, theirs: str, yours: str) -> Stale:
    return Stale(_("Nothing was saved: somebody changed this just now."), theirs={str(field): (theirs, yours)})


def _calendar() -> WorkCalendar:
    """The calendar's row, locked, so that versions follow one another; made with office hours the first time. From here on
    what is in force is read from the database."""
    current.forget()
    WorkCalendar.objects.bulk_create([WorkCalendar(id=1, zone=settings.TIME_ZONE)], ignore_conflicts=True)
    row = WorkCalendar.objects.select_for_update().get(pk=1)
    if not row.windows.exists():
        _write_week(row, [current.read(windows) for windows in current.OFFICE])
    return row


def _write_week(calendar: WorkCalendar, week: Sequence[Iterable[working.Window]]) -> None:
    try:
        found = working.Calendar(week=tuple(tuple(windows) for windows in week))
    except ValueError:
        raise Invalid.field("windows", _("Working hours must not overlap or pass midnight, and some day must have some.")) from None
    calendar.windows.all().delete()
    DayWindow.objects.bulk_create(
        DayWindow(calendar=calendar, weekday=weekday, start=start, end=end)
        for weekday, windows in enumerate(found.week)
        for start, end in windows
    )


def _write_day(calendar: WorkCalendar, day: date, kind: str, name: str, windows: Iterable[working.Window]) -> None:
    if kind not in (Kind.OFF, Kind.WORKING):
        raise Invalid.field("kind", _("A company day is either off or worked."))
    try:
        hours = working.ordered(windows)
    except ValueError:
        raise Invalid.field("windows", _("Working hours must not overlap or pass midnight.")) from None
    calendar.days.update_or_create(
        date=day, source=Source.COMPANY,
        defaults={"kind": kind, "name": name.strip()[:40], "windows": _plain(hours) if kind == Kind.WORKING else []},
    )  # fmt: skip


def _write_official(calendar: WorkCalendar, *years: int) -> None:
    found = [day for year in years for day in official.days(year)]
    if years and not found:
        raise Invalid.field("year", _("The public holidays of %(year)s are not announced yet, or not known to this version. "
                                      "Until then enter the days by hand.") % {"year": years[0]})  # fmt: skip
    held = calendar.days.filter(source=Source.OFFICIAL, date__year__in=years)
    if list(held.order_by("date").values_list("date", "kind", "name")) == found:
        return
    held.delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar=calendar, date=day.date, kind=day.kind, source=Source.OFFICIAL, name=day.name)
        for day in found
    )


def _install_calendar(row: WorkCalendar, given: Mapping) -> None:
    if "zone" in given:
        try:
            row.zone = ZoneInfo(given["zone"]).key
        except (ValueError, KeyError, OSError):
            raise Invalid.field("zone", _("“%(zone)s” is no known time zone.") % {"zone": given["zone"]}) from None
        row.save()
    if "windows" in given:
        _write_week(row, _week(given["windows"]))
    if given.get("official", True):
        first = now_clock.today().year - HISTORY
        _write_official(row, *(year for year in sorted(official.known_years()) if year >= first))
    for each in given.get("days", []):
        windows = [window(text) for text in each.get("windows", [])]
        _write_day(row, each["date"], each["kind"], each.get("name", ""), windows)


def _week(given: Mapping[str, Sequence[str]]) -> list[list[working.Window]]:
    """{"mon-fri": [...], "sat": [...]} as seven lists."""
    week: list[list[working.Window]] = [[] for _day in WEEKDAYS]
    for names, texts in given.items():
        first, _dash, last = names.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise Invalid.field("windows", _("“%(text)s” is no weekday: write mon, or mon-fri.") % {"text": names})
        for weekday in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            week[weekday] = [window(text) for text in texts]
    return week


def _calendar_changed(row: WorkCalendar, by: Actor) -> Change:
    content = _content(row)
    last = CalendarVersion.objects.order_by("-id").first()
    if last is not None and last.content == content:
        return Change(last.pk, False, 0)
    made = CalendarVersion.objects.create(content=content, made_at=now_clock.now(), made_by_id=by.user_id)
    return _tell(CalendarChanged, made.pk, by)


def _content(row: WorkCalendar) -> dict:
    week: list[list] = [[] for _day in WEEKDAYS]
    for found in row.windows.all():
        week[found.weekday] += _plain([(found.start, found.end)])
    days = {day.date: day for day in row.days.order_by("date", "-source")}  # "company" overwrites "official"
    return {
        "zone": row.zone,
        "week": week,
        "days": [[on.isoformat(), day.kind, day.name, day.windows] for on, day in sorted(days.items())],
    }


def _target_rows() -> dict[tuple[str, str], Target]:
    version = TargetVersion.objects.order_by("-id").first()
    return {(row.category, row.step): row for row in Target.objects.filter(version=version)} if version else {}


def _target(category: str, step: str, amount: Any, unit: str, round_the_clock: bool, warn_percent: int) -> Target:
    try:
        amount = Decimal(str(amount)).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(0)
    row = Target(category=category, step=step, amount=amount, unit=_known(Unit, unit, "unit"),
                 round_the_clock=bool(round_the_clock), warn_percent=warn_percent)  # fmt: skip
    if not (amount.is_finite() and 0 < amount < 10_000):
        raise Invalid.field("amount", _("A time limit lies above 0 and below 10,000."))
    if not 1 <= warn_percent <= 100:
        raise Invalid.field("warn_percent", _("The warning comes after 1 to 100 percent of the time."))
    minutes = current.minutes_of(amount, unit, round_the_clock=row.round_the_clock, calendar=current.book().calendar)
    if not 1 <= minutes <= 5 * 366 * 1_440:
        raise Invalid.field("amount", _("A time limit lies between one minute and five years."))
    return row


def _targets_changed(rows: Mapping[tuple[str, str], Target], by: Actor) -> Change:
    last = TargetVersion.objects.order_by("-id").first()
    if last is not None and _figures(rows.values()) == _figures(last.targets.all()):
        return Change(last.pk, False, 0)
    if not CalendarVersion.objects.exists():
        _calendar_changed(_calendar(), by)
    made = TargetVersion.objects.create(made_at=now_clock.now(), made_by_id=by.user_id)
    for row in rows.values():
        row.pk, row.version = None, made
        row._state.adding = True
    Target.objects.bulk_create(rows.values())
    return _tell(TargetsChanged, made.pk, by)


def _figures(rows: Iterable[Target]) -> set[tuple]:
    return {(r.category, r.step, r.amount, r.unit, r.round_the_clock, r.warn_percent) for r in rows}


def _tell(event: type[Event], version: int, by: Actor) -> Change:
    why = ClockMove.Why.TARGETS if event is TargetsChanged else ClockMove.Why.CALENDAR
    moved = recompute_open(at=now_clock.now(), why=why, version=version, by=by)
    record(event(version=version, moved=moved), on=None, by=by)  # type: ignore[call-arg]
    return Change(version, True, moved)


def _aim_all(clocks: Iterable[Clock], book: current.Book, at: datetime, cause: Cause) -> int:
    changed, same, moved, late, dates = [], [], 0, [], {}
    clocks = list(clocks)
    for clock in clocks:
        before, was = [getattr(clock, name) for name in MEASURED], (clock.due_at, clock.remaining_minutes)
        late += [clock] if clock.breached_at else []
        dates[clock.pk] = clock.due_at
        aim(clock, book, clock.category, at)
        after = [getattr(clock, name) for name in MEASURED]
        if after == before:
            same.append(clock)
        else:
            changed.append([*after, clock.calendar_version_id, clock.target_version_id, clock.pk])
            moved += (clock.due_at, clock.remaining_minutes) != was or not clock.open
    for fixed in (True, False):  # a clock with a chosen date has no target
        keys = [clock.pk for clock in same if (clock.target_version_id is None) == fixed]
        target = None if fixed else book.target_version
        Clock.objects.filter(pk__in=keys).update(calendar_version=book.calendar_version, target_version=target)
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} = %s" for name in (*MEASURED, "calendar_version_id", "target_version_id"))
        cursor.executemany(f"UPDATE deadlines_clock SET {columns} WHERE id = %s", changed)  # noqa: S608  fixed names
    climbs.follow(late, at)
    note_moves(clocks, dates, cause.why, by=cause.by, version=cause.version)
    return moved


def _keep_due_of(matters: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matters_matter m SET due_at = nearest.due_at FROM (SELECT matter_id, min(due_at) FILTER "
            "(WHERE outcome = 'running') AS due_at FROM deadlines_clock WHERE matter_id = ANY(%s) GROUP BY matter_id) nearest "
            "WHERE m.id = nearest.matter_id AND m.due_at IS DISTINCT FROM nearest.due_at",
            [list(matters)],
        )


def _known(words: Any, given: Any, field: str) -> Any:
    try:
        return words(given)
    except ValueError:
        raise Invalid.field(field, _("“%(word)s” is not known here.") % {"word": given}) from None


def _plain(windows: Iterable[working.Window]) -> list[list[str]]:
    return [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in windows]
