"""What a story is made of: the written content filled in for a customer and a day, the people, the working time."""

import heapq
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.world import World, content
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.deadlines import queries as calendars
from yingxu.needs.models import Need
from yingxu.people.models import User
from yingxu.tasks import jobs as tasks

from .evenings import Evenings

SEED = 20260318
DAYS = 182
KINDS = ("pawn", "renewal", "redeem", "consultation", "complaint", "suggestion", "purchase", "customisation")
SHARE = {"pawn": 28, "renewal": 18, "redeem": 18, "consultation": 12, "complaint": 9, "suggestion": 5, "purchase": 7, "customisation": 3}
CHANNELS = {"phone": 38, "counter": 26, "wechat": 16, "portal": 8, "web": 4, "visit": 4, "mail": 2, "survey": 1, "event": 1}
SIMPLE = {"remind", "lost", "invoice", "explain", "papers", "branch", "finance", "counter", "list", "paper", "people", "privacy"}
TAGS = ("大额", "老客户", "加急", "多部门", "重点跟进", "线上办理", "需书面答复")
Story = Iterator[datetime]


@dataclass
class Told:
    """One need to be told: the written content, filled in for a customer and a day."""

    kind: str
    title: str
    body: str
    fields: dict[str, Any]
    category: str
    department: str
    way: dict[str, Any]
    words: dict[str, str]
    spot: str = ""
    simple: bool = False  # may well be answered on the spot

    def say(self, text: str) -> str:
        """A written sentence with its blanks filled in."""
        return re.sub(r"\{(\w+)\}", lambda m: self.words.get(m[1], m[0]), text)


@dataclass
class Teller:
    """Tells the stories. `at` below is always the moment the story has reached."""

    world: World
    now: datetime
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    stories: list[tuple[datetime, int, Story]] = field(default_factory=list)
    used: dict[str, list[int]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)  # kinds whose every need was told once; then those that vary by item
    _count: int = 0

    def __post_init__(self) -> None:
        self.calendar = calendars.calendar()
        self.evenings = Evenings(self.world, self.now, SEED + 1)
        self.library = {kind: content(f"needs/{kind}") for kind in KINDS}
        self.items = content("items")
        self.customers = self.world.everyone()
        self.weights = [4 if c.grade == "A" else 2 if c.grade == "B" else 1 for c in self.customers]

    # ── time ──

    def work(self, start: datetime, minutes: float) -> datetime:
        """So many working minutes later."""
        return self.calendar.add(start, max(1.0, minutes))

    def soon(self, start: datetime, low: float, high: float, *, late: float = 0.0, over: float = 3.0) -> datetime:
        """Between low and high working minutes later; with the chance `late`, up to `over` times as long."""
        minutes = self.rng.triangular(low, high, low + (high - low) * 0.3)
        return self.work(start, minutes * self.rng.uniform(1.5, over) if self.rng.random() < late else minutes)

    def worked_before(self, hours: float) -> datetime:
        """The moment from which so many working hours lead to now."""
        low, high = self.now - timedelta(days=90), self.now
        for _i in range(40):
            middle = low + (high - low) / 2
            if self.calendar.between(middle, self.now) > hours * 60:
                low = middle
            else:
                high = middle
        return low

    # ── people ──

    def actor(self, department: str, *, head: bool = False) -> tuple[User, Actor]:
        """Somebody of the department: its head, or one of those who do the work."""
        home = self.world.department(department)
        people = [u for n, u in self.world.people.items() if n == u.name and u.department_id == home.pk]
        workers = [u for u in people if u.pk != home.head_id] or people
        user = home.head if head and home.head else self.rng.choice(workers)
        return user, self.world.by(user.name)

    def service(self) -> Actor:
        return self.world.by(self.rng.choices(["沈岚", "林小满", "苏慕青"], [5, 4, 1])[0])

    @staticmethod
    def customer_of(need: Need) -> Actor:
        return Actor(kind="customer", name=need.caller or "客户", id=need.customer_id, matters=frozenset({need.pk}))

    # ── telling ──

    def begin(self, at: datetime, story: Story) -> None:
        self._count += 1
        heapq.heappush(self.stories, (at, self._count, story))

    def run(self, progress: Callable[[str], None]) -> None:
        """Tell everything up to now, with the worker's sweep twice a day."""
        swept, told = None, 0
        while self.stories and self.stories[0][0] <= self.now:
            at, _number, story = heapq.heappop(self.stories)
            if swept is None or at - swept > timedelta(hours=10):
                self.evenings.pass_to(at)
                tasks.sweep(at)
                swept = at
            with clock.at(at):
                following = next(story, None)
            told += 1
            if told % 500 == 0:
                progress(f"{told} 步，到 {timezone.localtime(at):%Y-%m-%d}")
            if following is not None:
                self.begin(max(following, at + timedelta(minutes=1)), story)
        self.evenings.pass_to(self.now)
        tasks.sweep(self.now)

    # ── what is told ──

    def pick(self, kind: str, at: datetime, entry: dict[str, Any] | None = None) -> Told:
        """A need of this kind nobody has told yet (or for the longest time)."""
        written = self.library[kind]
        if entry is None:
            order = self.used.setdefault(kind, [])
            if not order:
                varied = [i for i, e in enumerate(written["needs"]) if "pool" in e]
                order.extend(varied if kind in self.passed and len(varied) > 4 else range(len(written["needs"])))
                self.passed.add(kind)
                self.rng.shuffle(order)
            entry = written["needs"][order.pop()]
        way = written["ways"][entry["as"]]
        item, full, amount, item_kind = self._item(entry)
        words = self._words(at, item, amount, entry)
        told = Told(
            kind=kind, title="", body="", fields=self._fields(kind, entry, at, full, amount, item_kind, words),
            category=entry["category"], department=entry.get("department", way["department"]), way=way, words=words,
            spot=entry.get("spot", ""), simple=entry["as"] in SIMPLE,
        )  # fmt: skip
        told.title, told.body = told.say(entry["title"]), told.say(entry["say"])
        return told

    def _item(self, entry: dict[str, Any]) -> tuple[str, str, int, str]:
        if "pool" not in entry:
            named = entry["fields"].get("item", "")
            return named or "东西", named, int(float(entry["fields"].get("amount", 0))) or self.rng.choice([30_000, 60_000, 90_000]), ""
        pool = self.items[entry["pool"]]
        things = [t for t in pool["things"] if entry.get("only", "") in t[0]]
        full, price = self.rng.choice(things)
        amount = round(price * self.rng.choice([0.85, 0.9, 0.95, 1, 1, 1.05, 1.1, 1.2]))
        digits = 10 ** max(0, len(str(amount)) - 2)
        short = re.sub(r"\s*[一两二三四五二十\d]+\s*[只台把架幅套对串件枚根]$", "", full.split("，")[0])
        return short, full, max(digits, round(amount / digits) * digits), pool["kind"]

    def _words(self, at: datetime, item: str, amount: int, entry: dict[str, Any]) -> dict[str, str]:
        later = timezone.localtime(self.work(at, 60 * self.rng.choice([8, 12, 16, 20])))
        got = round(amount * self.rng.choice([0.8, 0.85, 0.9]) / 1000) * 1000 or amount
        small = self.rng.choice([86, 128, 186, 214, 268, 320, 450, 680])
        if entry["as"] in ("forfeited", "add"):
            small = round(amount * (0.95 if entry["as"] == "forfeited" else 0.15))
        return {
            "item": item,
            "sum": _sum(amount),
            "got": _sum(got),
            "small": _sum(small),
            "rate": self.rng.choice(["2.1", "2.2", "2.3"]),
            "when": f"{later.month} 月 {later.day} 日",
        }

    def _fields(
        self, kind: str, entry: dict[str, Any], at: datetime, full: str, amount: int, item_kind: str, words: dict[str, str]
    ) -> dict[str, Any]:
        today, rng = timezone.localdate(at), self.rng
        given = {k: v for k, v in entry["fields"].items() if k not in ("due", "days_ago")}
        ticket = f"DP-{today.year}-{rng.randint(1, 1999):04d}"
        if kind == "pawn":
            own = {"item": full, "amount": str(amount), "item_kind": item_kind or "其他"}
            own |= {"rate": rng.choice(["2.0", "2.1", "2.2", "2.4", "2.6"])} if rng.random() < 0.5 else {}
        elif kind == "renewal":
            due = today + timedelta(days=entry["fields"]["due"])
            own = {"item": full, "amount": str(amount), "ticket": ticket, "due_on": due.isoformat()}
        elif kind == "redeem":
            on = today + timedelta(days=rng.randint(1, 5))
            own = {"item": full, "amount": str(amount), "ticket": ticket, "pickup_on": on.isoformat()}
        elif kind == "purchase":
            own = {"item": full, "amount": str(amount), "wanted_on": (today + timedelta(days=rng.randint(10, 60))).isoformat()}
        elif kind == "customisation":
            own = {"item": full, "delivery_on": (today + timedelta(days=rng.randint(20, 90))).isoformat()}
        elif kind == "complaint":
            own = {"happened_on": (today - timedelta(days=entry["fields"]["days_ago"])).isoformat()}
            own |= {"ticket": ticket} if rng.random() < 0.5 else {}
        else:
            own = {}
        return {k: v for k, v in (own | given).items() if v not in ("", None)}


def _sum(amount: float) -> str:
    return f"{amount / 10_000:g} 万" if amount >= 10_000 else f"{amount:,.0f} 元"
