"""Everything one need's page shows, gathered once: story, steps, clocks, plan, customer, relations, who else is here."""

from dataclasses import dataclass, field

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import around
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer, Identifier
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock, ClockMove, ExtensionRequest, Outcome
from yingxu.matters import queries as matters
from yingxu.matters.models import Watcher
from yingxu.meetings import queries as meetings
from yingxu.meetings import rules as meetings_rules
from yingxu.meetings.models import Meeting
from yingxu.people import queries as people
from yingxu.tasks import queries as tasks
from yingxu.tasks import rules as tasks_rules
from yingxu.tasks.models import Task

from .. import rules
from ..models import Confirmation, Link, Need, Plan, Raise, Result, Round, Visit
from ..states import ENDED
from .counting import capped_counts
from .lists import Filters, matching, open_counts
from .management import raises_of
from .offers import Offers, offers
from .one import links, plans, rounds
from .rows import order
from .story import Step, Story, steps, story

VISIT = ("need_id", "due_on", "done_at", "assignee__name", "found__matter__number")  # of a visit, what the page shows


@dataclass
class Timed:
    """A clock as it stands, and the days behind the figure."""

    clock: Clock
    face: deadlines.Face
    days: list[deadlines.Row] = field(default_factory=list)
    move: ClockMove | None = None  # the last time its date moved by itself


@dataclass
class Place:
    """Where the need stands in the list the person came from."""

    number: int
    total: int
    previous: str
    next: str


@dataclass
class Case:
    """What the page of a need shows."""

    need: Need
    offers: Offers
    story: Story
    steps: list[Step]
    plan: Plan | None
    clocks: list[Timed]
    paused: float  # minutes of the longest rest of any clock
    pauses: int
    ascents: list[deadlines.Ascent]
    extensions: list[ExtensionRequest]
    may_decide: set[int]
    customer: Customer | None
    open_needs: int
    links: list[tuple[Link, Need, bool]]
    results: list[Result]
    confirmations: list[Confirmation]
    visits: list[Visit]
    rounds: list[Round]
    watchers: list[Watcher]
    watching: bool
    raises: list[Raise]
    tasks: list[Task]
    meetings: list[Meeting]
    may_give: bool
    may_call: bool
    service: str = ""
    hold_reason: str = ""
    late: bool = False


def case(need: Need, by: Actor, *, tab: str = "all", round: int | None = None) -> Case:
    """The whole page in a fixed number of queries."""
    versions, results = plans(need), list(need.results.select_related("by", "reviewed_by"))
    begun, measured = rounds(need), deadlines.clocks(need.matter)
    verdicts, visits = list(need.confirmations.select_related("recorded_by")), list(need.visits.select_related("assignee", "found__matter").only(*VISIT))
    told = story(need, plans=versions, results=results, rounds=begun, clocks=measured, verdicts=verdicts, tab=tab, round=round)
    plan = next((p for p in versions if p.round == need.round), None)
    now = clock.now()
    timed = [Timed(c, deadlines.face(c, now), deadlines.explain(c, now), deadlines.move_of(c)) for c in measured if c.round == need.round or c.open]
    late = any(t.face.state == "late" for t in timed)
    service = people.service_department()
    asked = list(need.matter.extension_requests.select_related("asked_by", "decided_by", "clock"))
    waiting = [x.pk for x in asked if x.decision == "waiting" and x.asked_by_id != by.user_id]
    able = set(deadlines.extension_requests(by).filter(pk__in=waiting).values_list("id", flat=True)) if waiting else set()
    followers = list(matters.watchers(need.matter))
    customer, found = customer_of(need, by), tasks.on(need.matter)
    handled = need.state not in ENDED and (rules.PLAN.allows(by, need) or rules.PROGRESS.allows(by, need))
    return Case(
        need=need, offers=offers(need, by, plan=plan, left=[t for t in found if t.open]), tasks=found, meetings=meetings.about(need.matter, by),
        may_give=need.state not in ENDED and tasks_rules.GIVE.allows(by, need.matter), may_call=handled and meetings_rules.CALL.allows(by), story=told, steps=steps(need, told.facts, service=service.name if service else "", late=late),
        plan=plan, clocks=timed, paused=max((c.paused_minutes for c in measured), default=0), pauses=max((len(c.pauses) for c in measured), default=0),
        ascents=deadlines.ascents(need.matter, by) if any(c.breached_at and c.open for c in measured) else [], extensions=asked, may_decide=able, customer=customer, open_needs=open_counts([customer.pk], by).get(customer.pk, 0) if customer else 0,
        links=links(need, by), results=results, confirmations=verdicts, visits=visits, rounds=begun, watchers=followers,
        watching=any(w.user_id == by.user_id for w in followers), raises=raises_of(need), service=service.name if service else "", late=late,
        hold_reason=next((h.reason for h in need.holds.filter(until=None)), "") if need.held_at else "",
    )  # fmt: skip


def customer_of(need: Need, by: Actor) -> Customer | None:
    """The customer's file with its covered identifiers, if this person may see it."""
    if not need.customer_id:
        return None
    try:
        return customers.profile(need.customer.matter.number, by, merged=True)
    except Gone:
        return None


def phones(customer: Customer | None) -> list[Identifier]:
    """How the customer is reached, covered."""
    reach = (Identifier.Type.PHONE, Identifier.Type.WECHAT, Identifier.Type.EMAIL)
    return [i for i in customer.identifiers.all() if i.type in reach] if customer else []


def place_in(need: Need, by: Actor, filters: Filters) -> Place | None:
    """Which one it is in a list, and its neighbours there; None when the list no longer has it. Three queries."""
    keys = order(filters)
    rows = matching(by, filters).select_related(None)
    names = {key.lstrip("-") for key in keys}
    here = rows.filter(pk=need.pk).values(*names).first()
    if here is None:
        return None
    before, after = around(rows, keys, here)
    previous = before.values_list("matter__number", flat=True).first()
    following = after.values_list("matter__number", flat=True).first()
    earlier, total = capped_counts([before, rows])
    return Place(earlier + 1, total, previous or "", following or "")


def running(found: list[Timed]) -> list[Timed]:
    return [t for t in found if t.clock.open]


def ended(found: list[Timed]) -> list[Timed]:
    return [t for t in found if not t.clock.open and t.clock.outcome != Outcome.CANCELLED]
