"""Working time: how long between two moments, and which moment is so many working minutes later. Pure Python.

A moment counts as working time when its local clock falls inside one of its day's windows, so a day on which the clocks
change is measured as its people live it. All arithmetic is exact to the microsecond.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

Window = tuple[time, time]
Pause = tuple[datetime, datetime | None]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = 60_000_000
DAY = 86_400_000_000
HORIZON = 50  # years: further than this no deadline is looked for
MIDNIGHT = time(0)


class Year(NamedTuple):
    """One calendar year (UTC) of working spans: starts, ends and what was worked before each, in microseconds."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def worked(self, tick: int) -> int:
        """Working microseconds of this year up to the tick."""
        at = bisect_right(self.starts, tick) - 1
        if at < 0:
            return 0
        return self.before[at] + min(tick, self.ends[at]) - self.starts[at]

    def reached(self, amount: int) -> int:
        """The earliest tick at which `amount` (more than nothing, at most the total) is worked."""
        at = bisect_right(self.before, amount - 1) - 1
        return self.starts[at] + amount - self.before[at]


class Counted(NamedTuple):
    """One local day of an explained span: the pieces that counted, and their minutes."""

    day: date
    pieces: list[tuple[datetime, datetime]]
    minutes: float


@dataclass(frozen=True)
class Calendar:
    """Who works when. `week` has seven tuples of windows, Monday first; a window ending at 00:00 ends with the day.

    `makeup` days are worked although the week says no: with the windows of their weekday if it has any, else with those of
    the first working weekday. `overrides` give a day its own windows (none = a day off) and win over everything.
    Raises ValueError for a week without windows, and for windows that overlap or cross midnight.
    """

    week: tuple[tuple[Window, ...], ...]
    zone: str = "Asia/Shanghai"
    days_off: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()
    overrides: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    round_the_clock: bool = False
    _years: dict[int, Year] = field(default_factory=dict, init=False, repr=False, compare=False)
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        object.__setattr__(self, "week", tuple(ordered(windows) for windows in self.week))
        object.__setattr__(self, "overrides", {day: ordered(found) for day, found in self.overrides.items()})
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))
        if not any(self.week):
            raise ValueError("a calendar needs at least one working window a week")

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows worked on this local day, in order."""
        if self.round_the_clock:
            return self.week[0]
        if day in self.overrides:
            return self.overrides[day]
        usual = self.week[day.weekday()]
        if day in self.makeup:
            return usual or next(windows for windows in self.week if windows)
        return () if day in self.days_off else usual

    def is_working_day(self, day: date) -> bool:
        return bool(self.windows(day))

    @property
    def day_minutes(self) -> int:
        """How long a working day is: the most frequent length in the week, the longer one when two are as frequent."""
        lengths = [length(windows) for windows in self.week if windows]
        return max(set(lengths), key=lambda found: (lengths.count(found), found))

    def between(self, start: datetime, end: datetime) -> float:
        """Working minutes from start to end; negative when end comes first. Raises ValueError for naive moments."""
        a, b = _ticks(start), _ticks(end)
        return (self._worked(a, b) if a <= b else -self._worked(b, a)) / MINUTE

    def add(self, start: datetime, minutes: float) -> datetime:
        """The earliest moment by which so many working minutes have passed, in UTC. Nothing added is the start itself.

        Raises ValueError for naive moments, negative spans, and when the calendar has no such moment within 50 years.
        """
        left, tick = round(minutes * MINUTE), _ticks(start)
        if left < 0:
            raise ValueError("a span of working time cannot be negative")
        if not left:
            return start.astimezone(UTC)
        if self.round_the_clock:
            return _moment(tick + left)
        first = _moment(tick).year
        for number in range(first, min(first + HORIZON, 9_998)):
            year = self._year(number)
            done = year.worked(tick) if number == first else 0
            if left <= year.total - done:
                return _moment(year.reached(done + left))
            left -= year.total - done
        raise ValueError(f"the calendar has no {minutes} working minutes within {HORIZON} years of {start}")

    def days(self, start: datetime, end: datetime) -> Iterator[Counted]:
        """Day by day in local time, what of start … end counted. Days without working time are left out."""
        a, b = _ticks(start), _ticks(end)
        spans = [(a, b)] if self.round_the_clock else self._spans(a, b)
        day, pieces, total = None, [], 0
        for from_, to in spans:
            for lower, upper in self._by_day(max(from_, a), min(to, b)):
                here = _moment(lower).astimezone(self._zone)
                if here.date() != day:
                    if day and pieces:
                        yield Counted(day, pieces, total / MINUTE)
                    day, pieces, total = here.date(), [], 0
                pieces.append((here, _moment(upper).astimezone(self._zone)))
                total += upper - lower
        if day and pieces:
            yield Counted(day, pieces, total / MINUTE)

    def _worked(self, a: int, b: int) -> int:
        if self.round_the_clock:
            return b - a
        first, last = _moment(a).year, _moment(b).year
        if first == last:
            year = self._year(first)
            return year.worked(b) - year.worked(a)
        whole = sum(self._year(number).total for number in range(first + 1, last))
        start = self._year(first)
        return start.total - start.worked(a) + whole + self._year(last).worked(b)

    def _spans(self, a: int, b: int) -> Iterator[tuple[int, int]]:
        for number in range(_moment(a).year, _moment(b).year + 1):
            year = self._year(number)
            for from_, to in zip(year.starts, year.ends, strict=True):
                if to > a and from_ < b:
                    yield from_, to

    def _by_day(self, lower: int, upper: int) -> Iterator[tuple[int, int]]:
        """A span cut at local midnights."""
        while lower < upper:
            day = _moment(lower).astimezone(self._zone).date()
            cut = min(upper, _ticks(datetime.combine(day + timedelta(days=1), MIDNIGHT, self._zone)))
            cut = cut if cut > lower else upper
            yield lower, cut
            lower = cut

    def _year(self, number: int) -> Year:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._build(number)
        return found

    def _build(self, number: int) -> Year:
        starts, ends, before, total = [], [], [], 0
        for lower, upper, offset in self._offsets(number):
            for from_, to in self._between_offsets(lower, upper, offset):
                if ends and ends[-1] == from_:
                    ends[-1] = to
                else:
                    starts.append(from_)
                    ends.append(to)
                    before.append(total)
                total += to - from_
        return Year(starts, ends, before, total)

    def _between_offsets(self, lower: int, upper: int, offset: int) -> Iterator[tuple[int, int]]:
        """The working spans of a stretch of time during which local time is UTC + offset."""
        day = (EPOCH + TICK * (lower + offset)).date()
        midnight = (lower + offset) // DAY * DAY - offset
        while midnight < upper:
            for start, end in self.windows(day):
                from_, to = max(lower, midnight + _of(start)), min(upper, midnight + (_of(end) or DAY))
                if from_ < to:
                    yield from_, to
            day, midnight = day + timedelta(days=1), midnight + DAY

    def _offsets(self, number: int) -> Iterator[tuple[int, int, int]]:
        """The year cut into stretches of one offset from UTC: (from, to, offset)."""
        lower, end = (_ticks(datetime(n, 1, 1, tzinfo=UTC)) for n in (number, number + 1))
        offset, here = self._offset(lower), lower
        while here < end:
            ahead = min(here + DAY, end)
            if self._offset(ahead) != offset:
                change = self._change(here, ahead, offset)
                yield lower, change, offset
                lower, offset = change, self._offset(change)
                here = change
            else:
                here = ahead
        yield lower, end, offset

    def _change(self, low: int, high: int, offset: int) -> int:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high

    def _offset(self, tick: int) -> int:
        return _moment(tick).astimezone(self._zone).utcoffset() // TICK  # type: ignore[operator]


def nonstop(zone: str = "Asia/Shanghai") -> Calendar:
    """The calendar of targets that run day and night."""
    return Calendar(week=(((MIDNIGHT, MIDNIGHT),),) * 7, zone=zone, round_the_clock=True)


def ordered(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows in order of the day. Raises ValueError when one is empty, crosses midnight or overlaps the next."""
    found = tuple(sorted(windows))
    for start, end in found:
        if end != MIDNIGHT and end <= start:
            raise ValueError(f"a window from {start:%H:%M} to {end:%H:%M} is empty or crosses midnight")
    for (_start, end), (start, _end) in zip(found, found[1:], strict=False):
        if end == MIDNIGHT or start < end:
            raise ValueError(f"the window from {start:%H:%M} begins before the one before it ends")
    return found


def length(windows: Iterable[Window]) -> int:
    """Minutes in a day's windows."""
    return sum(((_of(end) or DAY) - _of(start)) // MINUTE for start, end in windows)


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> float:
    """Working minutes from start to end that were not paused. An open pause lasts until the end."""
    return calendar.between(start, end) - paused(calendar, end, pauses)


def paused(calendar: Calendar, end: datetime, pauses: Sequence[Pause]) -> float:
    """Working minutes stood still up to `end`. Pauses follow one another."""
    return sum(calendar.between(begun, min(ended or end, end)) for begun, ended in pauses if begun < end)


def due(calendar: Calendar, start: datetime, minutes: float, pauses: Sequence[Pause] = ()) -> datetime | None:
    """When so many unpaused working minutes will have passed; None while a pause is open before that."""
    left, here = minutes, start
    for begun, ended in pauses:
        running = calendar.between(here, begun)
        if left <= running:
            break
        if ended is None:
            return None
        left, here = left - running, ended
    return calendar.add(here, left)


def _of(at: time) -> int:
    return (at.hour * 3_600 + at.minute * 60 + at.second) * 1_000_000 + at.microsecond


def _ticks(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - EPOCH) // TICK


def _moment(tick: int) -> datetime:
    return EPOCH + TICK * tick
