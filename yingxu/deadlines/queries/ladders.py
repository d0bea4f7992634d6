"""Questions about ladders: how they read, who climbs now, what was escalated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from yingxu.base.access import Actor
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by
from yingxu.people.models import Department, Role, User

from .. import climbing, current, rules
from ..models import Category, Climb, LadderVersion, Rung, Step, Told, Who

UNITS = {"minutes": "m", "hours": "h", "days": "d"}


def climbs_to_take(by: Actor) -> QuerySet[Climb]:
    """What climbs now and this person may take, the longest first."""
    found = Climb.objects.filter(rules.ACKNOWLEDGE.where(by), state=Climb.State.CLIMBING)
    return found.select_related("matter", "clock").order_by("begun_at", "id")


def climb_to_take(by: Actor, pk: int) -> Climb | None:
    """One of them, whatever became of it meanwhile."""
    return Climb.objects.filter(rules.ACKNOWLEDGE.where(by), pk=pk).select_related("matter", "clock", "taken_by").first()


@dataclass(frozen=True)
class Reached:
    """A rung that was told."""

    told: Told
    whom: str


@dataclass(frozen=True)
class Ascent:
    """A climb as a page shows it: the rungs told, of how many, who is next, and whether the reader may take it."""

    climb: Climb
    told: list[Reached]
    rungs: int
    following: str
    may_take: bool

    @property
    def step(self) -> Any:
        return Step(self.climb.clock.step).label if self.climb.clock else self.climb.about

    @property
    def rung(self) -> int:
        return self.told[-1].told.rung if self.told else 0


def ascents(matter: Matter, by: Actor) -> list[Ascent]:
    """The open climbs of a matter, alarms first. Four queries, whatever their number."""
    tellings = Prefetch("tellings", Told.objects.order_by("id"))
    found = Climb.objects.filter(matter=matter).exclude(state=Climb.State.ENDED).select_related("clock", "taken_by")
    climbs = list(found.prefetch_related(tellings).order_by("-clock_id", "id"))
    if not climbs:
        return []
    names = dict(User.objects.filter(pk__in={u for c in climbs for t in c.tellings.all() for u in t.users}).values_list("pk", "name"))
    mine = set(Climb.objects.filter(rules.ACKNOWLEDGE.where(by), pk__in=[c.pk for c in climbs]).values_list("pk", flat=True))
    words = named()
    made = []
    for climb in climbs:
        rungs = climbing.rungs(climb)
        told = [Reached(t, whom(t.who, t.code, words, [names.get(u, "") for u in t.users])) for t in climb.tellings.all()]
        following = rungs[climb.told] if climb.told < len(rungs) else None
        takes = climb.pk in mine and (climb.state == Climb.State.CLIMBING or climb.taken_by_id == by.user_id)
        made.append(Ascent(climb, told, len(rungs), whom(following.who, following.code, words) if following else "", takes))
    return made


def named() -> Mapping[tuple[str, str], str]:
    """(who, code) → the name of that role or department."""
    roles = {(Who.ROLE.value, code): name for code, name in Role.objects.values_list("code", "name")}
    return roles | {(Who.DEPARTMENT.value, code): name for code, name in Department.objects.values_list("code", "name")}


def whom(who: str, code: str, words: Mapping[tuple[str, str], str], names: Iterable[str] = ()) -> str:
    """Whom a rung tells, in words: the role's or department's own name, and who that was."""
    label = words.get((who, code)) or code or str(Who(who).label)
    people = "、".join(name for name in names if name)
    return f"{label}（{people}）" if people else label


# ── the ladders themselves ──


def exported_ladders() -> dict[str, dict]:
    """All ladders in the shape of a pack's content."""
    return {
        name: {
            "rungs": [{"who": r.who, "after": after(r), "code": r.code} for r in found],
            "round_the_clock": any(r.round_the_clock for r in found),
        }
        for name, found in climbing.ladders_of(climbing.version_now()).items()
    }


def after(rung: Rung) -> str:
    """2h, 1.5d."""
    return f"{rung.amount:f}".rstrip("0").rstrip(".") + UNITS[rung.unit]


def ladder_words(rungs: Iterable[Rung]) -> str:
    """A ladder as text, so that two can be compared; "" when there is none."""
    return " | ".join(f"{r.who}:{r.code} {r.amount:.2f} {r.unit} {int(r.round_the_clock)}" for r in rungs)


@dataclass(frozen=True)
class Shown:
    """One ladder of the settings page. `wider` is the one that holds where this one has no rungs."""

    name: str
    rungs: tuple[Rung, ...]
    wider: str

    @property
    def round_the_clock(self) -> bool:
        return any(rung.round_the_clock for rung in self.rungs)


def ladder(name: str) -> Shown:
    """A ladder as it stands; without rungs of its own it names the wider one."""
    held = climbing.ladders_of(climbing.version_now())
    category, _slash, step = name.partition("/")
    wider = "" if name in climbing.SINGLE else climbing.USUAL
    return Shown(name, held.get(name, ()), category if step and category in held else wider)


def rung_due(rung: Rung, breached_at: datetime) -> datetime:
    """When a rung is due of a ladder that another room climbs, counted from the breach."""
    book = current.book()
    return book.measured_by(rung.round_the_clock).add(breached_at, climbing.minutes(rung, book.calendar))


def rung_people(rung: Rung, owner: User) -> list[int]:
    """Whom a rung tells when this person is late: themselves, the head of their department, the one above, or whom it names."""
    department = owner.department
    if rung.who in (Who.OWNER, Who.HEAD, Who.ABOVE):
        above = department.parent if department else None
        found = {Who.OWNER: owner.pk, Who.HEAD: department.head_id if department else None, Who.ABOVE: above.head_id if above else None}
        return [pk for pk in [found[Who(rung.who)]] if pk]
    return [pk for pk in climbing.named_by(rung) if pk]


def ladder_table() -> dict[str, Shown]:
    """Every place of the settings table: the usual one, the alarms', each category's, each step's of each category."""
    names = [*climbing.SINGLE, *Category.values, *(f"{c}/{s}" for s in Step.values for c in Category.values)]
    held = climbing.ladders_of(climbing.version_now())
    found = {}
    for name in names:
        category, _slash, step = name.partition("/")
        wider = "" if name in climbing.SINGLE else climbing.USUAL
        found[name] = Shown(name, held.get(name, ()), category if step and category in held else wider)
    return found


def ladder_versions(limit: int = 8) -> list[LadderVersion]:
    """The latest changes, newest first."""
    return list(LadderVersion.objects.select_related("made_by").order_by("-id")[:limit])


# ── figures ──


@dataclass(frozen=True)
class Escalations:
    """Over a period: climbs begun, how many were taken, how many reached the top untaken, promises broken; and rungs told by step."""

    begun: int
    taken: int
    top: int
    broken_promises: int
    rungs: int
    by_step: Mapping[str, int]


def escalations(by: Actor, start: datetime, end: datetime) -> Escalations:
    """What was escalated from start to end (left out), of what this person may see."""
    climbs = Climb.objects.filter(seen_by(by, "matter_id"), begun_at__gte=start, begun_at__lt=end)
    told = Told.objects.filter(seen_by(by, "climb__matter_id"), at__gte=start, at__lt=end, entry__event="deadlines.clock_escalated")
    sums = climbs.aggregate(
        begun=Count("id"), taken=Count("id", filter=Q(taken_at__isnull=False)), broken=Sum("broken_promises", default=0),
        top=Count("id", filter=Q(topped_at__isnull=False, taken_at=None)),
    )  # fmt: skip
    steps = dict(told.order_by().values_list("climb__clock__step").annotate(n=Count("id")))
    return Escalations(sums["begun"], sums["taken"], sums["top"], sums["broken"], sum(steps.values()), steps)
