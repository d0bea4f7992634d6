"""Who a secret belongs to, what codes and names in requests mean, and how webhooks do."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.remember import forgets
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock
from yingxu.files import queries as files
from yingxu.matters.models import Entry
from yingxu.needs import queries as needs
from yingxu.needs.models import Need
from yingxu.people.models import Department, User
from yingxu.people.queries import actor
from yingxu.tasks.models import Task

from .models import ApiToken
from .scopes import rules_of

KEEP_SECONDS = 3.0  # so long a process remembers a token: a revoked one ends within 5 s (S6)
_KEEP_MOST = 10_000


@dataclass
class Caller:
    """A token at work in this process: the actor it is, and how many requests it has left."""

    token: int
    name: str
    actor: Actor
    scopes: list[str]
    per_minute: int
    expires_at: datetime | None
    last_used_at: datetime | None
    left: float = 0.0
    counted_at: float = field(default_factory=time.monotonic)

    def wait(self) -> float:
        """Takes one request from the bucket: 0 when there was one, else seconds until there is."""
        if not self.per_minute:
            return 0.0
        now = time.monotonic()
        self.left = min(self.per_minute, self.left + (now - self.counted_at) * self.per_minute / 60)
        self.counted_at = now
        if self.left < 1:
            return (1 - self.left) * 60 / self.per_minute
        self.left -= 1
        return 0.0


_callers: dict[bytes, tuple[float, Caller]] = {}


def caller(secret: str) -> Caller | None:
    """Whose secret this is; None when it is unknown, expired or revoked, or its user has left."""
    digest = crypto.token_hash(secret)
    kept = _callers.get(digest)
    if kept and time.monotonic() - kept[0] < KEEP_SECONDS and not _over(kept[1].expires_at):
        return kept[1]
    found = _live().filter(digest=digest).select_related("user").first()
    if found is None:
        _callers.pop(digest, None)
        return None
    made = _caller(found)
    if kept:
        made.left, made.counted_at = min(kept[1].left, made.per_minute), kept[1].counted_at
    if len(_callers) >= _KEEP_MOST:
        _callers.clear()
    _callers[digest] = (time.monotonic(), made)
    return made


@forgets
def forget() -> None:
    """Ask the database again next time."""
    global _directory
    _callers.clear()
    _directory = None


def _caller(token: ApiToken) -> Caller:
    whole = actor(token.user)
    allowed = rules_of(token.scopes)
    reaches = {name: reach for name, reach in whole.reaches.items() if name in allowed}
    return Caller(
        token=token.pk, name=token.name, scopes=token.scopes, per_minute=token.per_minute, expires_at=token.expires_at,
        last_used_at=token.last_used_at, left=token.per_minute,
        actor=replace(whole, kind="token", id=token.pk, name=f"{token.user.name} · {token.name}"[:80], reaches=reaches),
    )  # fmt: skip


def _over(at: datetime | None) -> bool:
    return at is not None and at <= clock.now()


def _live():
    alive = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    return ApiToken.objects.filter(alive, revoked_at=None, user__is_active=True)


def tokens():
    """All tokens for the settings page: working ones first."""
    return ApiToken.objects.select_related("user", "made_by", "revoked_by").order_by("-revoked_at", "-id")


def token(pk: int) -> ApiToken | None:
    return ApiToken.objects.select_related("user").filter(pk=pk).first()


# ── what is named in a request ──


def department(code: str | None, at: str = "department", *, must: bool = False) -> Department | None:
    """The active department with this code. Raises Invalid."""
    if not code and not must:
        return None
    found = Department.objects.filter(code=code, active=True).first()
    if found is None:
        raise Invalid.field(at, _("There is no department “%(code)s”.") % {"code": code})
    return found


def person(username: str | None, at: str = "owner") -> User | None:
    """The active person with this sign-in name. Raises Invalid."""
    if not username:
        return None
    found = User.objects.filter(username__iexact=username, is_active=True).first()
    if found is None:
        raise Invalid.field(at, _("There is nobody with the sign-in name “%(name)s”.") % {"name": username})
    return found


def user(pk: int | None) -> User | None:
    """The active person with this key."""
    return User.objects.filter(pk=pk, is_active=True).first()


def find(number: str, by: Actor, *, whole: bool = False) -> Need:
    """The need with this number; `whole` with everything a full answer shows. Raises Gone for absent and unseen alike."""
    if whole:
        return needs.find(number[:24], by)
    found = needs.visible_to(by).filter(matter__number=number[:24]).first()
    if found is None:
        raise Gone()
    return found


def named(number: str, by: Actor, at: str) -> Need:
    """Another need, named in a body. Raises Invalid."""
    try:
        return find(number, by)
    except Gone:
        raise Invalid.field(at, _("There is no need %(number)s that you can see.") % {"number": number}) from None


def node(need: Need, pk: int) -> Task:
    """A time node of this need. Raises Invalid."""
    for plan in needs.plans(need):
        for found in plan.nodes.all():
            if found.pk == pk:
                return found
    raise Invalid.field("node", _("There is no such time node."))


def clock_of(need: Need, step: str) -> Clock:
    """The running clock of this step. Raises Invalid."""
    found = next((c for c in deadlines.clocks(need.matter) if c.open and c.step == step), None)
    if found is None:
        raise Invalid.field("step", _("No time limit is running for this step."))
    return found


def last_attached(need: Need) -> Any:
    """The journal entry of the files that came last."""
    return need.matter.entries.filter(event="needs.files_attached").order_by("-id").first()


def files_of_entry(need: Need, entry: Any, by: Actor) -> list[Any]:
    """The files that came with an entry, as far as this actor may know of them."""
    return files.by_entry(need.matter, by)[entry.pk]


def last_split(need: Need) -> Entry:
    """What the need's latest splitting stated: its `parts` are the numbers of the children."""
    return Entry.objects.filter(matter=need.matter, event="needs.need_split").latest("id")


def customers_by_number(by: Actor, numbers: Iterable[str]) -> dict[str, Customer]:
    """Those customers this actor may see."""
    rows = customers.visible_to(by).filter(matter__number__in=set(numbers)).select_related("matter")
    return {row.matter.number: row for row in rows}


def customer(number: str, by: Actor, at: str) -> Customer:
    """A customer named in a body. Raises Invalid."""
    found = customers_by_number(by, [number]).get(number)
    if found is None:
        raise Invalid.field(at, _("There is no customer %(number)s that you can see.") % {"number": number})
    return found


@dataclass(frozen=True)
class Directory:
    """Departments and people by id, as the API shows them."""

    departments: dict[int, dict[str, Any]]
    people: dict[int, dict[str, Any]]


_directory: tuple[float, Directory] | None = None


def directory() -> Directory:
    """Kept for a few seconds by each process: names change rarely, and every page of a list needs them."""
    global _directory
    kept = _directory
    if kept and time.monotonic() - kept[0] < KEEP_SECONDS:
        return kept[1]
    found = Directory(
        {pk: {"code": code, "name": name} for pk, code, name in Department.objects.values_list("id", "code", "name")},
        {pk: {"username": login, "name": name} for pk, login, name in User.objects.values_list("id", "username", "name")},
    )
    _directory = (time.monotonic(), found)
    return found


def departments():
    """The active departments, parents before children."""
    return Department.objects.filter(active=True).select_related("parent", "head").order_by("order", "id")


def customer_numbers(ids: Iterable[int | None]) -> dict[int, str]:
    """Register numbers of customers."""
    wanted = {pk for pk in ids if pk}
    rows = Customer.objects.filter(pk__in=wanted) if wanted else Customer.objects.none()
    return dict(rows.values_list("pk", "matter__number"))
