"""Everything one need's page shows, gathered once: story, steps, clocks, plan, customer, relations, who else is here."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from yingxu.base import clock, web
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer, Identifier
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock, ClockMove, ExtensionRequest, Outcome
from yingxu.files import queries as files
from yingxu.files.models import File
from yingxu.matters import queries as matters
from yingxu.matters.models import Snooze, Watcher
from yingxu.meetings import queries as meetings
from yingxu.meetings import rules as meetings_rules
from yingxu.meetings.models import Meeting
from yingxu.notices import queries as notices
from yingxu.notices.models import Delivery
from yingxu.people import queries as people
from yingxu.tasks import queries as tasks
from yingxu.tasks import rules as tasks_rules
from yingxu.tasks.models import Task

from .. import rules
from ..models import Confirmation, Link, Need, Outgoing, Plan, Raise, Result, Round, Visit
from ..states import ENDED
from . import one
from .counting import capped_counts
from .lists import Filters, matching
from .management import raises_of
from .offers import Offers, offers
from .one import links, plans, rounds, visible_to
from .reach import reached
from .rows import order
from .story import Step, Story, steps, story


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
    confirmations: list[Confirmation]
    visits: list[Visit]
    papers: list[File]
    outgoing: list[Outgoing]
    watchers: list[Watcher]
    watching: bool
    snoozed: Snooze | None
    raises: list[Raise]
    tasks: list[Task]
    meetings: list[Meeting]
    may_give: bool
    may_call: bool
    hold_reason: str = ""


ON_MATTER: dict[str, Any] = {  # what may hang on a need, by its matter or by itself
    "deliveries": Delivery, "extensions": ExtensionRequest, "papers": File, "tasks": Task, "followers": Watcher,
}  # fmt: skip
ON_NEED: dict[str, Any] = {
    "plans": Plan, "results": Result, "rounds": Round, "confirmations": Confirmation, "visits": Visit, "raises": Raise, "outgoing": Outgoing,
}  # fmt: skip


@kept
def _around(by: Actor, need: int):
    """Which tables have anything on the need, since most have nothing and then need not be asked; and the two words the page says beside:
    which department reviews, how many needs of this customer are open."""
    own = {name: Exists(model.objects.filter(need_id=OuterRef("pk"))) for name, model in ON_NEED.items()}
    by_matter = {name: Exists(model.objects.filter(matter_id=OuterRef("pk"))) for name, model in ON_MATTER.items()}
    linked = Exists(Link.objects.filter(Q(a_id=OuterRef("pk")) | Q(b_id=OuterRef("pk"))))
    talked = Exists(Meeting.objects.filter(about_id=OuterRef("pk")))
    aside = Exists(Snooze.objects.filter(matter_id=OuterRef("pk"), user_id=by.user_id))
    found = {f"any_{name}": one for name, one in {**own, **by_matter, "links": linked, "meetings": talked, "snooze": aside}.items()}
    return Need.objects.filter(pk=need).values(
        **found, service=Subquery(people.service_departments().values("name")[:1]), open_needs=Subquery(_open_needs(by))
    )


def _open_needs(by: Actor) -> Any:
    rows = visible_to(by).select_related(None).filter(customer_id=OuterRef("customer_id")).exclude(state__in=ENDED)
    return rows.order_by().values("customer_id").annotate(n=Count("pk")).values("n")


def case(need: Need, by: Actor, *, tab: str = "all", round: int | None = None) -> Case:
    """The whole page in a fixed number of queries."""
    around = _around(by, need.pk)[0]
    some = {name.removeprefix("any_") for name, value in around.items() if value}
    versions, results = plans(need) if "plans" in some else [], one.results(need) if "results" in some else []
    begun, measured = rounds(need) if "rounds" in some else [], deadlines.clocks(need.matter)
    verdicts, visits = one.confirmations(need) if "confirmations" in some else [], one.visits(need) if "visits" in some else []
    papers, raises = files.on_matter(need.matter, by) if "papers" in some else [], raises_of(need) if "raises" in some else []
    sent = notices.deliveries_of(need.matter) if "deliveries" in some else {}
    told = story(need, by, plans=versions, results=results, rounds=begun, clocks=measured, verdicts=verdicts, papers=papers, sent=sent, tab=tab, round=round)
    plan = next((p for p in versions if p.round == need.round), None)
    now = clock.now()
    timed = [Timed(c, deadlines.face(c, now), deadlines.explain(c, now), deadlines.move_of(c)) for c in measured if c.round == need.round or c.open]
    late = any(t.face.state == "late" for t in timed)
    service = around["service"] or ""
    asked = list(need.matter.extension_requests.select_related("asked_by", "decided_by", "clock")) if "extensions" in some else []
    waiting = [x.pk for x in asked if x.decision == "waiting" and x.asked_by_id != by.user_id]
    able = set(deadlines.extension_requests(by).filter(pk__in=waiting).values_list("id", flat=True)) if waiting else set()
    followers = matters.watchers(need.matter) if "followers" in some else []
    found = tasks.on(need.matter) if "tasks" in some else []
    customer = customer_of(need, by)
    handled = need.state not in ENDED and (rules.PLAN.allows(by, need) or rules.PROGRESS.allows(by, need))
    return Case(
        need=need, offers=offers(need, by, plan=plan, left=[t for t in found if t.open], raises=raises), tasks=found, meetings=meetings.about(need.matter, by) if "meetings" in some else [],
        may_give=need.state not in ENDED and tasks_rules.GIVE.allows(by, need.matter), may_call=handled and meetings_rules.CALL.allows(by), story=told, steps=steps(need, told.facts, service=service, late=late),
        plan=plan, clocks=timed, paused=max((c.paused_minutes for c in measured), default=0), pauses=max((len(c.pauses) for c in measured), default=0),
        ascents=deadlines.ascents(need.matter, by) if any(c.breached_at and c.open for c in measured) else [], extensions=asked, may_decide=able, customer=customer, open_needs=around["open_needs"] or 0,
        links=links(need, by) if "links" in some else [], confirmations=verdicts, visits=visits, watchers=followers, papers=papers,
        watching=any(w.user_id == by.user_id for w in followers), raises=raises, outgoing=one.outgoing(need) if "outgoing" in some else [],
        snoozed=matters.snoozed(need.matter, by.user_id) if "snooze" in some else None,
        hold_reason=next((h.reason for h in need.holds.filter(until=None)), "") if need.held_at else "",
    )  # fmt: skip


def customer_of(need: Need, by: Actor) -> Customer | None:
    """The customer, if this person may see it."""
    return need.customer if need.customer_id and customers.seen(need.customer, by) else None


def phones(need: Need, customer: Customer | None) -> list[Identifier]:
    """How the customer is reached, covered."""
    return reached(need) if customer else []


def place_in(need: Need, by: Actor, filters: Filters) -> Place | None:
    """Which one it is in a list, and its neighbours there; None when the list no longer has it. Three queries."""
    keys = order(filters)
    rows = matching(by, filters).select_related(None)
    names = {key.lstrip("-") for key in keys}
    here = rows.filter(pk=need.pk).values(*names).first()
    if here is None:
        return None
    before, after = web.around(rows, keys, here)
    previous = before.values_list("matter__number", flat=True).first()
    following = after.values_list("matter__number", flat=True).first()
    earlier, total = capped_counts([before, rows])
    return Place(earlier + 1, total, previous or "", following or "")


def running(found: list[Timed]) -> list[Timed]:
    return [t for t in found if t.clock.open]


def ended(found: list[Timed]) -> list[Timed]:
    return [t for t in found if not t.clock.open and t.clock.outcome != Outcome.CANCELLED]
