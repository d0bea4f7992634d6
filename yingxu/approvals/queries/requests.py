"""What waits for whose signature, how a request stands, the chains as they are set. What a person asks starts from `visible_to(by)`."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from yingxu.base import clock
from yingxu.base.access import Actor, within
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.base.remember import forgets
from yingxu.base.web import Slice, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by
from yingxu.people.models import Role, User

from .. import rules
from ..models import GOING, Chain, ChainStep, Deputy, Request, Round, Seat, State, Step, Who

WHOSE = ("waiting", "signed", "mine", "all")
SORTS: dict[str, tuple[str, ...]] = {
    "due": ("due_at", "id"), "-due": ("-due_at", "-id"), "-asked": ("-asked_at", "-id"), "asked": ("asked_at", "id"),
}  # fmt: skip
CAP = 99


def digest(subject: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: the same subject has the same digest, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(subject, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


# ── what a person may see ──


def visible_to(by: Actor) -> QuerySet[Request]:
    """The requests this person may know of: theirs by the rule, and only on matters they may see."""
    return Request.objects.filter(rules.VIEW.where(by)).filter(_open_to(by))


def _open_to(by: Actor) -> Q:
    """On what they may see, and not about a part of it that is above their clearance."""
    seen = Q(matter=None) | seen_by(by, "matter_id")
    return seen if by.kind == "system" else seen & Q(above__lte=by.clearance)


def find(pk: int, by: Actor) -> Request:
    """One request. Raises Gone for an absent and for an unseen one alike."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "asked_by__department")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def principals(by: Actor) -> list[Deputy]:
    """For whom this person signs at this moment."""
    if by.user_id is None:
        return []
    return list(Deputy.objects.filter(rules.standing_for(by)).select_related("user").order_by("id"))


def _waiting_seats(by: Actor) -> QuerySet[Seat]:
    absent = Deputy.objects.filter(rules.standing_for(by)).values("user_id")
    return Seat.objects.filter(
        Q(user_id=by.user_id) | Q(user_id__in=absent), state=Seat.State.WAITING, step__state=Step.State.OPEN
    ).exclude(request__asked_by_id=by.user_id)  # fmt: skip


def waiting_for(by: Actor) -> QuerySet[Request]:
    """What this person can sign now, for themselves or for whom they stand; only what they may see."""
    if by.user_id is None:
        return Request.objects.none()
    rows = Request.objects.filter(state=State.OPEN, pk__in=_waiting_seats(by).values("request_id"))
    return rows.filter(_open_to(by))


@dataclass(frozen=True)
class Bound:
    """What somebody must be cleared for, or admitted to, to know of a request."""

    above: int
    secrecy: int | None
    circle_id: int | None

    def lets(self, by: Actor) -> bool:
        return self.above <= by.clearance and within(by, self)


KEEP = 15.0  # seconds a process may not know that it is somebody's turn
_turns: tuple[float, dict[int, set[Bound]]] | None = None


@forgets
def look_again() -> None:
    """Ask the database at the next page whose turn it is."""
    global _turns
    _turns = None


def whose_turn() -> dict[int, set[Bound]]:
    """Everybody asked at an open step, and who stands for them, each with the bounds of what they are asked about. Every page asks, so it
    is remembered for a while; what this process does itself is known at once."""
    global _turns
    now = time.monotonic()
    if _turns is None or _turns[0] < now:
        seats = Seat.objects.filter(state=Seat.State.WAITING, step__state=Step.State.OPEN)
        asked: dict[int, set[Bound]] = {}
        for user, *bound in seats.order_by().values_list("user_id", "request__above", "request__matter__secrecy", "request__matter__circle_id").distinct():
            asked.setdefault(user, set()).add(Bound(*bound))
        today = clock.now()
        standing = Deputy.objects.filter(begins_at__lte=today, ends_at__gt=today, ended_at=None).values_list("deputy_id", "user_id")
        for deputy, user in list(standing):
            asked.setdefault(deputy, set()).update(asked.get(user, ()))
        _turns = (now + KEEP, asked)
    return _turns[1]


def any_waiting(by: Actor) -> bool:
    """For the mark in the rail: no query at all for whose turn it is not, nor for what they may not know of."""
    mine = whose_turn().get(by.user_id or 0, ())
    return any(bound.lets(by) for bound in mine) and waiting_for(by).exists()


def count_waiting(by: Actor) -> int:
    """How many, at most a hundred."""
    return len(waiting_for(by).order_by().values_list("pk", flat=True)[: CAP + 1])


def of(matter: Matter, chain: str | None = None) -> list[Request]:
    """Every request on the matter, the newest first; for whoever may see the matter."""
    rows = Request.objects.filter(matter=matter).select_related("asked_by")
    return list((rows.filter(chain=chain) if chain else rows).order_by("-id"))


def open_on(matter: Matter, chain: str) -> Request | None:
    """The request of this chain that is going on the matter (being signed, or sent back), if there is one."""
    return Request.objects.filter(matter=matter, chain=chain, state__in=GOING).order_by("-id").first()


def granted(request: Request, subject: Mapping[str, Any]) -> bool:
    """Was exactly this approved? Ask before doing what was approved: a changed subject was not."""
    return request.state == State.GRANTED and request.rounds.filter(outcome=State.GRANTED, digest=digest(subject)).exists()


def subject_of(request: Request) -> dict[str, Any]:
    """The frozen subject of the latest round."""
    return dict(request.rounds.order_by("-number").values_list("subject", flat=True).first() or {})


def facts(subject: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The subject as label and value: its "facts", or all of it."""
    rows = subject.get("facts")
    if isinstance(rows, list):
        return [(str(row[0]), row[1] if len(row) > 1 else "") for row in rows if isinstance(row, list) and row]
    return [(str(key), value if not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)) for key, value in subject.items()]


# ── lists ──


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. `whose`: waiting, signed, mine, all; `state` "" means every state, "late" the late ones."""

    whose: str = "waiting"
    state: str = ""
    chain: str = ""
    q: str = ""
    sort: str = "due"


def matching(by: Actor, wish: Wish) -> QuerySet[Request]:
    if wish.whose == "waiting":
        rows = waiting_for(by)
    else:
        rows = visible_to(by)
        if wish.whose == "signed":
            rows = rows.filter(pk__in=Seat.objects.filter(signed_by_id=by.user_id).values("request_id"))
        elif wish.whose == "mine":
            rows = rows.filter(asked_by_id=by.user_id) if by.user_id else rows.none()
    if wish.state == "late":
        late = Step.objects.filter(state=Step.State.OPEN, due_at__lt=clock.now()).values("round__request_id")
        rows = rows.filter(state=State.OPEN, pk__in=late)
    elif wish.state:
        rows = rows.filter(state=wish.state)
    if wish.chain:
        rows = rows.filter(chain=wish.chain)
    if text := wish.q.strip()[:100]:
        rows = rows.filter(Q(title__icontains=text) | Q(matter__number=text) | Q(asked_by__name__icontains=text))
    here = Step.objects.filter(round__request=OuterRef("pk"), state=Step.State.OPEN)
    return rows.annotate(
        due_at=Subquery(here.values("due_at")[:1]), step_name=Subquery(here.values("name")[:1]), vacant_at=Subquery(here.values("vacant_at")[:1])
    )


def listed(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """One page of the list."""
    return keyset(matching(by, wish).select_related("matter", "asked_by"), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Request]:
    keys = SORTS[wish.sort]
    order = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys]
    return matching(by, wish).select_related("matter", "asked_by").order_by(*order)


def counts(by: Actor, parts: Iterable[str] = ("waiting", "mine")) -> dict[str, int]:
    """How many wait for a signature of this person, and how many of their own requests are going; at most a hundred each."""
    wishes = {"waiting": Wish(), "mine": Wish(whose="mine", state=State.OPEN)}
    return {whose: len(matching(by, wishes[whose]).order_by().values_list("pk", flat=True)[: CAP + 1]) for whose in parts}


def nearest(by: Actor, many: int = 5) -> list[Request]:
    """What waits for this person, the nearest date first. For home."""
    rows = matching(by, Wish()).select_related("matter", "asked_by")
    return list(rows.order_by(F("due_at").asc(nulls_last=True), "id")[:many])


def has_chain(code: str) -> bool:
    """Can something of this kind be asked for?"""
    return Chain.objects.filter(code=code, active=True, steps__isnull=False).exists()


def going_under(key: str) -> Request | None:
    """The request with this key that goes on."""
    return Request.objects.filter(key=key, state__in=GOING).select_for_update().first()


def chain_names() -> list[tuple[str, str]]:
    """(code, name) of every chain, for the filter."""
    return list(Chain.objects.values_list("code", "name"))


# ── one request ──


@dataclass(frozen=True)
class Person:
    """A seat as it is drawn: who, what they said, for whom, when."""

    seat: Seat
    stands: list[str] = field(default_factory=list)  # deputies who can sign it now
    from_whom: str = ""

    @property
    def name(self) -> str:
        return self.seat.user.name

    @property
    def signer(self) -> str:
        """The deputy's name, where one signed."""
        return self.seat.signed_by.name if self.seat.signed_by_id and self.seat.signed_by_id != self.seat.user_id else ""


@dataclass(frozen=True)
class Shown:
    """A step as it is drawn."""

    step: Step
    people: list[Person]
    asks: str  # whom the step means, in words


@dataclass(frozen=True)
class Lap:
    """A round as it is drawn."""

    round: Round
    steps: list[Shown]


def laps(request: Request) -> list[Lap]:
    """The rounds of a request with steps and seats, the newest first. Six queries, whatever their number."""
    seats = Prefetch("seats", Seat.objects.select_related("user", "signed_by").order_by("id"))
    steps = Prefetch("steps", Step.objects.select_related("added_by").prefetch_related(seats).order_by("place"))
    rounds = list(request.rounds.select_related("ended_by").prefetch_related(steps).order_by("-number"))
    every = [seat for one in rounds for step in one.steps.all() for seat in step.seats.all()]
    names = {seat.pk: seat.user.name for seat in every}
    stands: dict[int, list[str]] = {}
    now = clock.now()
    absent = {seat.user_id for seat in every if seat.waiting} if request.open else set()
    for row in Deputy.objects.filter(user_id__in=absent, begins_at__lte=now, ends_at__gt=now, ended_at=None).select_related("deputy") if absent else []:
        stands.setdefault(row.user_id, []).append(row.deputy.name)
    words = named(step for one in rounds for step in one.steps.all())
    return [
        Lap(one, [
            Shown(step, [
                Person(seat, stands.get(seat.user_id, []) if seat.waiting and step.open else [], names.get(seat.instead_of_id or 0, ""))
                for seat in step.seats.all()
            ], whom(step, words))
            for step in one.steps.all()
        ])
        for one in rounds
    ]  # fmt: skip


def named(steps: Iterable[Step | ChainStep]) -> dict[tuple[str, str], str]:
    """(who, code) → the name of that role or person."""
    wanted = {(step.who, step.code) for step in steps}
    roles = Role.objects.filter(code__in=[code for who, code in wanted if who == Who.ROLE])
    users = User.objects.filter(username__in=[code for who, code in wanted if who == Who.PERSON])
    found = {(Who.ROLE.value, code): name for code, name in roles.values_list("code", "name")}
    return found | {(Who.PERSON.value, code): name for code, name in users.values_list("username", "name")}


def whom(step: Step | ChainStep, words: Mapping[tuple[str, str], str]) -> str:
    """Whom a step means, in words."""
    return words.get((step.who, step.code)) or step.code or str(Who(step.who).label)


def mine_at(request: Request, by: Actor) -> tuple[Step | None, Seat | None]:
    """The open step, and the seat of it this person can sign now (their own, else one they stand for)."""
    here = Step.objects.filter(round__request=request, state=Step.State.OPEN).select_related("round").first()
    if here is None or by.user_id is None or request.asked_by_id == by.user_id:
        return here, None
    seats = list(_waiting_seats(by).filter(step=here).select_related("user").order_by("id"))
    return here, next((seat for seat in seats if seat.user_id == by.user_id), None) or next(iter(seats), None)


def step_at(request: Request, place: int) -> Step | None:
    """A step of the latest round by its place."""
    return Step.objects.filter(round__request=request, round__number=request.rounds_made, place=place).first()


def face(request: Any, now: datetime | None = None, calendar: Any = None) -> dict[str, Any] | None:
    """The keywords of ui.clock for the open step's date (`due_at`, annotated or of a Step); None without one."""
    if request.due_at is None:
        return None
    calendar, now = calendar or deadlines.calendar(), now or clock.now()
    if request.due_at < now:
        return {"state": "late", "minutes": calendar.between(request.due_at, now), "day": calendar.day_minutes}
    minutes = calendar.between(now, request.due_at)
    return {"state": "soon" if minutes < calendar.day_minutes / 4 else "ok", "minutes": minutes, "day": calendar.day_minutes}


def faces(found: Iterable[Any]) -> list[tuple[Any, dict[str, Any] | None]]:
    """Each with its clock, the calendar asked for once."""
    found = list(found)
    calendar, now = deadlines.calendar() if found else None, clock.now()
    return [(request, face(request, now, calendar)) for request in found]


def panel(matter: Matter, by: Actor, many: int = 10) -> list[dict[str, Any]]:
    """The requests on a matter's page, for whoever may see the matter: chain, state, and the way there for those it concerns. What is
    asked stays on the request's own page. One query."""
    return [{"request": request, "opens": request.opens} for request in _panel(by, matter.pk, many=many)]


@kept
def _panel(by: Actor, matter: int, *, many: int) -> QuerySet[Request]:
    rows = Request.objects.filter(matter_id=matter, above__lte=by.clearance).select_related("asked_by").order_by("-id")
    return rows.annotate(opens=Exists(visible_to(by).filter(pk=OuterRef("pk"))))[:many]
