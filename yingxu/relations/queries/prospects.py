"""Which prospects there are, how long they have stood, and how many came how far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer

from ..models import Prospect, Step
from .rulebooks import content

PROSPECT_SORTS = {
    "-since": ("-since", "-id"), "since": ("since", "id"), "-amount": ("-expected_amount", "-id"), "expected": ("expected_on", "id"),
}  # fmt: skip
BOARD = 30  # cards of a column
WON = 90  # days: so long a contract stands on the board


@dataclass(frozen=True)
class ProspectWish:
    """What the list is asked for. `outcome`: open (usual), won, lost, all; `reached` a step the prospect came into since the day `after`."""

    text: str = ""
    step: str = ""
    outcome: str = "open"
    owner: int | None = None
    old: str = ""
    reached: str = ""
    after: date | None = None
    sort: str = "-since"


def prospect_wish(given: Mapping[str, str]) -> ProspectWish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    outcome, sort, owner = given.get("outcome") or "open", given.get("sort") or "-since", given.get("owner", "")
    step, reached, old = given.get("step", ""), given.get("reached", ""), given.get("old", "")
    try:
        after = date.fromisoformat(given["after"]) if given.get("after") else None
    except ValueError:
        after, sort = None, "?"
    known = outcome in ("open", "won", "lost", "all") and sort in PROSPECT_SORTS and step in ["", *Step.values] and reached in ["", *Step.values, "lost"] and old in ("", "1")
    if not known or (owner and not (owner.isascii() and owner.isdigit() and len(owner) < 19)):
        raise Invalid(_("This list has no such filter."))
    return ProspectWish(given.get("q", "").strip()[:100], step, outcome, int(owner) if owner else None, old, reached, after, sort)


def prospects_seen(by: Actor) -> QuerySet[Prospect]:
    """The prospects whose customer file this actor may see."""
    return Prospect.objects.filter(customer__in=customers.visible_to(by).values("pk"))


def prospects_matching(by: Actor, wish: ProspectWish) -> QuerySet[Prospect]:
    rows = prospects_seen(by)
    if wish.text:
        rows = rows.filter(customer__in=customers.matching(by, customers.Wish(text=wish.text)).values("pk"))
    if wish.outcome != "all":
        rows = rows.filter(outcome="" if wish.outcome == "open" else wish.outcome)
    if wish.step:
        rows = rows.filter(step=wish.step)
    if wish.owner:
        rows = rows.filter(owner=wish.owner)
    if wish.reached:
        since = Q(moves__at__gte=_midnight(wish.after)) if wish.after else Q()
        rows = rows.filter(Q(moves__to=wish.reached) & since).distinct()
    if wish.old:
        late, rules = Q(pk__in=[]), pipeline()
        for step in Step.values:
            late |= Q(step=step, since__lt=clock.now() - timedelta(days=rules.limit(step)))
        rows = rows.filter(late, ended_at=None)
    return rows


def _midnight(day: date) -> Any:
    return clock.now().astimezone(clock.zone()).replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)


def prospects_listed(by: Actor, wish: ProspectWish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of prospects with customer, owner and next step. One query."""
    rows = prospects_matching(by, wish).select_related("customer__matter", "owner", "task")
    return keyset(rows, PROSPECT_SORTS[wish.sort], cursor, size=size)


def prospects_for_export(by: Actor, wish: ProspectWish, most: int) -> list[Prospect]:
    order = [F(key.lstrip("-")).desc(nulls_last=True) if key.startswith("-") else F(key).asc(nulls_last=True) for key in PROSPECT_SORTS[wish.sort]]
    return list(prospects_matching(by, wish).select_related("customer__matter", "owner", "task").order_by(*order)[:most])


def board(by: Actor, wish: ProspectWish) -> list[dict[str, Any]]:
    """The open prospects by step: cards (the longest standing first), how many, what is expected of them; last the contracts of the last
    90 days (`won` says how many days). One query a step and one for each figure."""
    after = clock.today() - timedelta(days=WON)
    rows, signed = prospects_matching(by, wish).filter(ended_at=None), prospects_matching(by, replace(wish, outcome="won", reached=Step.CONTRACT, after=after))
    sums: dict[str, Any] = {row["step"]: row for row in rows.order_by().values("step").annotate(n=Count("pk"), amount=Sum("expected_amount"))}
    won = signed.model.objects.filter(pk__in=signed.values("pk"))
    sums[Step.CONTRACT] = won.aggregate(n=Count("pk"), amount=Sum("expected_amount"))
    cards: dict[str, list[Prospect]] = {}
    for step in sums:
        found = won.order_by("-ended_at", "-id") if step == Step.CONTRACT else rows.filter(step=step).order_by("since", "id")
        cards[step] = list(found.select_related("customer__matter", "owner", "task")[:BOARD])
    names = pipeline()
    return [
        {"step": step, "name": names.name_of(step), "n": sums.get(step, {}).get("n", 0), "amount": sums.get(step, {}).get("amount"), "cards": cards.get(step, []),
         "won": WON if step == Step.CONTRACT else 0, "after": after if step == Step.CONTRACT else None}
        for step in Step.values
    ]  # fmt: skip


def conversion(by: Actor, after: date) -> list[dict[str, Any]]:
    """Of the visible prospects: how many came into each step since a day, and which part of them is as many as came into the one before."""
    seen = prospects_seen(by).filter(moves__at__gte=_midnight(after))
    counted: dict[str, int] = {row["moves__to"]: row["n"] for row in seen.order_by().values("moves__to").annotate(n=Count("pk", distinct=True))}
    found, before = [], None
    names = pipeline()
    for step in Step.values:
        n = counted.get(step, 0)
        found.append({"step": step, "name": names.name_of(step), "n": n, "rate": round(n * 100 / before) if before else None})
        before = n
    return found + [{"step": "lost", "name": names.name_of("lost"), "n": counted.get("lost", 0), "rate": None}]


def prospects_of(customer: Customer) -> list[Prospect]:
    """The pursuits of a customer, the newest first, with their moves."""
    return list(Prospect.objects.filter(customer=customer).select_related("owner", "task").prefetch_related("moves").order_by("-id"))


# ── what the rules say ──


@dataclass(frozen=True)
class Pipeline:
    """The rules of the steps, read once for a page."""

    steps: Mapping[str, Mapping[str, Any]]

    def name_of(self, step: str) -> str:
        """The company's name of a step."""
        if step == "lost":
            return str(Prospect.Outcome.LOST.label)
        return str(self.steps.get(step, {}).get("name") or Step(step).label)

    def limit(self, step: str) -> int:
        """How many days a prospect should stand in a step at most."""
        return int(self.steps.get(step, {}).get("days", 14))

    def facts_of(self, step: str) -> list[dict[str, str]]:
        """What must be known to come into a step: {code, label}."""
        return list(self.steps.get(step, {}).get("facts", []))

    def free(self, prospect: Prospect) -> list[str]:
        """The further steps this prospect can go into without anything being asked. Winning is always asked."""
        order, found = list(Step.values), list[str]()
        for step in order[order.index(prospect.step) + 1 : -1]:
            if any(not prospect.facts.get(fact["code"]) for fact in self.facts_of(step)):
                break
            found.append(step)
        return found


def pipeline() -> Pipeline:
    return Pipeline({step["code"]: step for step in content("prospects")["steps"]})


def name_of(step: str) -> str:
    return pipeline().name_of(step)


def facts_of(step: str) -> list[dict[str, str]]:
    return pipeline().facts_of(step)


def lost_reasons() -> list[str]:
    return list(content("prospects")["lost_reasons"])
