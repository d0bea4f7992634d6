"""The demonstration company's last two quarters: some 300 needs walked through the real verbs at their own times.

Every need is a story told by a generator: it acts, then yields the moment of its next act. The stories are told together, in order of
time, until now; what has not happened by then is what the desk has to do. The same seed tells the same stories.
"""

import heapq
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from tests.world import World, company, content
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines import jobs
from yingxu.deadlines import queries as calendars
from yingxu.deadlines.models import Clock
from yingxu.matters import dispatch
from yingxu.matters.models import Entry
from yingxu.needs import actions as needs
from yingxu.needs.actions import Intake
from yingxu.needs.actions.handle import Node
from yingxu.needs.jobs import learn
from yingxu.needs.models import Need, PlanNode
from yingxu.needs.states import Outcome, State
from yingxu.notices.models import Notice
from yingxu.people.models import User

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
        """Tell everything up to now, with the worker's sweep every few hours."""
        swept, told = None, 0
        while self.stories and self.stories[0][0] <= self.now:
            at, _number, story = heapq.heappop(self.stories)
            if swept is None or at - swept > timedelta(hours=3):
                jobs.sweep(at)
                swept = at
            with clock.at(at):
                following = next(story, None)
            told += 1
            if told % 500 == 0:
                progress(f"{told} 步，到 {timezone.localtime(at):%Y-%m-%d}")
            if following is not None:
                self.begin(max(following, at + timedelta(minutes=1)), story)
        jobs.sweep(self.now)

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

    # ── a need's life ──

    def life(self, told: Told, customer: Customer, at: datetime, *, stop: str = "", channel: str = "", slow: bool = False) -> Story:
        """From first words to the visit. `stop` ends the story in a state, for those the screens show; `slow` lets its clock run out."""
        rng = self.rng
        channel = channel or rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        contact = customer.contacts.order_by("id").first()
        by = self.service()
        raised = at - timedelta(minutes=rng.randint(2, 9) if rng.random() < 0.92 else rng.randint(15, 60))
        intake = Intake(
            kind=told.kind, body=told.body, title=told.title, channel=channel, fields=told.fields, customer=customer,
            contact_name=contact.name if contact else customer.name, raised_at=raised,
            tags=rng.sample(TAGS, 1) if rng.random() < 0.2 else (),
        )  # fmt: skip
        if channel in ("portal", "web"):
            by_customer = Actor(kind="customer", name=intake.contact_name, id=customer.pk)
            done = needs.register(replace(intake, raised_at=None), by=by_customer)
        else:
            done = needs.register(intake, by=by)
        need = Need.objects.select_related("matter").get(pk=done.id)
        chance = 0.92 if told.spot else 0.5 if told.category == "general" and told.simple else 0.0
        if not stop and rng.random() < chance:
            yield self.soon(at, 2, 8)
            needs.answer_now(need, by=by, answer=told.spot or told.say(told.way["answer"]))
            return
        if rng.random() < 0.012 and not stop:
            yield self.soon(at, 10, 60)
            needs.void(need, by=self.world.by("苏慕青"), reason=rng.choice(["客户打错电话，不是本公司的业务。", "测试登记，误提交。"]))
            return
        if stop == State.REGISTERED:
            return
        yield from self._handle(told, need, by, stop, slow)

    def _handle(self, told: Told, need: Need, by: Actor, stop: str, slow: bool) -> Story:
        rng, at = self.rng, clock.now()
        quick = 0.35 if told.category == "urgent" else 1.0
        if rng.random() < 0.97:
            yield self.soon(at, 4 * quick, 40 * quick, late=0.06)
            needs.reply(need, by=by, text=_first_words(rng, told), channel=need.channel)
        yield self.soon(clock.now(), 5 * quick, 40 * quick, late=0.1)
        if told.category == "potential":
            yield from self._watched(told, need, stop)
            if Need.objects.get(pk=need.pk).state != State.TRIAGE:
                return
        suggested = told.category if rng.random() < 0.85 else rng.choice(["general", "important"])
        category = "important" if told.category == "potential" else told.category
        urgency = {"urgent": 5, "important": 4, "general": 2}[category]
        needs.triage(
            need, by=by, category=category, suggested=suggested, confidence=rng.randint(58, 96), urgency=urgency,
            importance=max(1, urgency - rng.randint(0, 1)),
        )  # fmt: skip
        if stop == State.ASSIGNMENT:
            return
        round_number = 1
        while True:
            yield self.soon(clock.now(), 1, 8)
            home = yield from self._assigned(told, need, by, stop, quick)
            if stop == State.ACCEPTANCE:
                return
            user, worker = self.actor(home)
            yield self.soon(clock.now(), 3 * quick, 28 * quick, late=0.1)
            needs.accept(need, by=worker, owner=user)
            finished = yield from self._worked(told, need, worker, home, round_number, stop, quick * (3.0 if slow else 1.0))
            if not finished:
                return
            finished = yield from self._told(told, need, by, round_number, stop)
            if finished or round_number >= 3:
                return
            round_number += 1
            yield self.soon(clock.now(), 5, 45, late=0.1)
            needs.triage(need, by=by, category=category, reason="客户不满意，重新评估。")

    def _watched(self, told: Told, need: Need, stop: str) -> Story:
        rng = self.rng
        _user, reviewer = self.actor("growth")
        on = timezone.localdate(self.work(clock.now(), 7.5 * 60 * rng.randint(6, 24)))
        signals = "、".join(told.fields.get("signals", [])) or "又有客户问到同一件事"
        needs.watch(need, by=self.service(), review_on=on, signals=signals, reviewer=self.world.user(reviewer.name))
        if stop == State.WATCHING:
            return
        yield self.soon(clock.now(), 60, 2400)
        needs.note(need, by=reviewer, text=told.say(rng.choice(told.way["notes"])))
        yield self.work(clock.now(), 7.5 * 60 * rng.randint(5, 26))
        fate = rng.random()
        if fate < 0.4:
            needs.promote(need, by=self.service(), reason="问的客户多了，值得现在办。")
            yield self.soon(clock.now(), 5, 60)
        elif fate < 0.65:
            needs.close(need, by=self.service(), outcome=Outcome.NOT_PURSUED, reason="条件不成熟，明年一季度再看。")

    def _assigned(self, told: Told, need: Need, by: Actor, stop: str, quick: float) -> Iterator[Any]:
        """Assigned to the right department, now and then after a wrong one gave it back; returns the department's code."""
        rng, right = self.rng, told.department
        if rng.random() < 0.07 and not stop:
            wrong = rng.choice([d for d in ("pawn", "vault", "finance", "appraisal") if d != right])
            needs.assign(need, by=by, department=self.world.department(wrong))
            yield self.soon(clock.now(), 10 * quick, 40 * quick)
            _user, other = self.actor(wrong, head=True)
            needs.return_to_triage(need, by=other, reason=_returned(self.world.department(right).name))
            yield self.soon(clock.now(), 5, 30)
            current = Need.objects.get(pk=need.pk)
            needs.triage(need, by=by, category=current.category)
            yield self.soon(clock.now(), 1, 6)
        user, _actor = self.actor(right)
        needs.assign(need, by=by, department=self.world.department(right), owner=user if rng.random() < 0.4 else None)
        return right

    def _worked(self, told: Told, need: Need, by: Actor, home: str, number: int, stop: str, pace: float) -> Iterator[Any]:
        """Plan, notes, progress, waits, result and its review; returns whether the result passed."""
        rng, way = self.rng, told.way
        yield self.soon(clock.now(), 15 * pace, 120 * pace, late=0.08)
        again = number > 1
        steps = way["nodes"] if not again else way["nodes"][-1:]
        hours = {title: h for title, _d, h in steps}
        needs.plan(
            need, by=by, measures=told.say(way["again_measures" if again else "measures"]), owner=self.world.user(by.name),
            nodes=[
                Node(title=title, due_at=self.work(clock.now(), 60 * h), department=self.world.department(code), owner=self.actor(code)[0])
                for title, code, h in steps
            ],
        )  # fmt: skip
        if rng.random() < 0.5 and not again:
            yield self.soon(clock.now(), 10 * pace, 90 * pace)
            needs.note(need, by=by, text=told.say(rng.choice(way["notes"])))
        if rng.random() < 0.14 and not again:
            yield from self._waited(told, need, by)
        if rng.random() < 0.06 and told.category != "urgent":
            yield from self._extended(need, by)
        reports = [told.say(p) for p in way["progress"]]
        stop_here = stop == State.HANDLING
        passed = clock.now()
        for i, node in enumerate(PlanNode.objects.filter(plan__need=need, plan__round=number).order_by("plan__version", "id")):
            share = hours[node.title] - (hours[steps[i - 1][0]] if i else 0)
            if stop_here and i >= max(1, len(steps) // 2):
                return False
            passed = self.soon(clock.now(), 8 * share * pace, 48 * share * pace, late=0.08, over=2.0)
            yield passed
            if reports and (i < len(reports)) and rng.random() < 0.85:
                needs.progress(need, by=by, text=reports[i], to_customer=rng.random() < 0.3)
            if rng.random() < 0.12:
                yield self.soon(clock.now(), 5, 60)
                needs.listen(need, by=self.customer_of(need), text=rng.choice(_ASKED), channel="portal")
                yield self.soon(clock.now(), 5, 50, late=0.1)
                needs.reply(need, by=self.service(), text=rng.choice(_REPLIED), channel="wechat")
            needs.finish_node(need, by=by, node=node)
        yield self.soon(clock.now(), 10, 120 * pace)
        done, answer = (way["again_done"], way["again_answer"]) if again else (way["done"], way["answer"])
        needs.submit(need, by=by, done=told.say(done), answer=told.say(answer))
        if stop == State.REVIEW:
            return False
        yield self.soon(clock.now(), 15, 150, late=0.1)
        reviewer = self.world.by("苏慕青") if rng.random() < 0.6 or by.name == "沈岚" else self.world.by("沈岚")
        if reviewer.user_id == by.user_id:
            reviewer = self.world.by("林小满")
        if rng.random() < 0.12 and not again:
            needs.send_back(need, by=reviewer, reason=told.say(rng.choice(way["send_back"])))
            yield self.soon(clock.now(), 30, 240)
            needs.submit(need, by=by, done=told.say(done) + " 已按审核意见补齐。", answer=told.say(answer))
            yield self.soon(clock.now(), 15, 120)
        needs.review(need, by=reviewer)
        return True

    def _waited(self, told: Told, need: Need, by: Actor) -> Story:
        rng = self.rng
        yield self.soon(clock.now(), 10, 60)
        reason = rng.choice(["等客户补原购买发票", "等客户补身份证明", "等客户到店看实物", "等客户确认报价", "等客户寄来当票正本"])
        needs.reply(need, by=self.service(), text=f"您好，还差一样：{reason.removeprefix('等客户')}。方便时回复这里就行，我们先等您。", question=True)
        needs.hold(need, by=by, reason=reason)
        yield self.soon(clock.now(), 90, 900)
        needs.listen(need, by=self.customer_of(need), text=rng.choice(_SENT), channel="portal")

    def _extended(self, need: Need, by: Actor) -> Story:
        rng = self.rng
        yield self.soon(clock.now(), 30, 200)
        running = Clock.objects.filter(matter_id=need.pk, step="handling", outcome="running").first()
        if running is None or running.due_at <= clock.now():
            return
        until = self.work(running.due_at, 7.5 * 60)
        asked = deadlines.request_extension(running, by=by, until=until, reason=rng.choice(["第三方检测要排队，多一个工作日。", "客户改到后天到店。"]))
        yield self.soon(clock.now(), 10, 120)
        fresh = Clock.objects.get(pk=running.pk)
        if fresh.open:
            granted = rng.random() < 0.75
            deadlines.decide_extension(asked, by=self.world.by("苏慕青"), granted=granted, note="" if granted else "当天要有进展，不延。")

    def _told(self, told: Told, need: Need, by: Actor, number: int, stop: str) -> Iterator[Any]:
        """Feedback, the customer's verdict, the visit; returns True when the story is over, False for another round."""
        rng, way = self.rng, told.way
        if stop == State.FEEDBACK:
            return True
        yield self.soon(clock.now(), 5, 70, late=0.1)
        needs.feed_back(need, by=by)
        if stop == State.CONFIRMATION:
            return True
        if rng.random() < 0.3:
            yield self.soon(clock.now(), 240, 600)
            needs.remind(need, by=by)
        yield self.soon(clock.now(), 20, 600, late=0.06, over=2.0)
        fate = rng.random()
        if fate < 0.05:
            needs.remind(need, by=by)
            yield self.work(clock.now(), 7.5 * 60 * 4)
            needs.close(need, by=by, outcome=Outcome.SILENT, reason="提醒两次没有答复，按制度办结，随时可以再提。")
            return True
        portal = rng.random() < 0.55
        verdict_by = self.customer_of(need) if portal else by
        channel = "portal" if portal else "phone"
        if fate < (0.2 if number == 1 else 0.12) and number < 3:
            needs.reject(
                need, by=verdict_by, reason=told.say(rng.choice(way["reject"])), rating=rng.choice([1, 2, 2, 3]), channel=channel
            )
            return False
        rating = rng.choices([5, 4, 3], [6, 3, 1])[0] if number == 1 else rng.choices([5, 4, 3], [3, 4, 2])[0]
        comment = told.say(rng.choice(way["rate_note"])) if rng.random() < 0.6 else ""
        needs.confirm(need, by=verdict_by, rating=rating, comment=comment, channel=channel)
        if rng.random() < 0.02:
            return True
        days = [1, 1, 2, 2, 2, 3] if told.category == "urgent" else [2, 3, 4, 4, 5, 5, 6, 6]
        yield self.work(clock.now(), 7.5 * 60 * (rng.choice(days) if rng.random() < 0.95 else 9) + rng.randint(-120, 120))
        if Need.objects.get(pk=need.pk).state == State.VISIT:
            yield from self._visited(told, need)
        return True

    def _visited(self, told: Told, need: Need) -> Story:
        rng, problem, found = self.rng, None, None
        if rng.random() < 0.035:
            found = self.pick(rng.choice(["suggestion", "consultation", "renewal"]), clock.now())
            problem = Intake(
                kind=found.kind, body=found.body, title=found.title, channel="visit", fields=found.fields, customer=need.customer,
                contact_name=need.caller, raised_at=clock.now(),
            )  # fmt: skip
        by = self.world.by("沈岚" if rng.random() < 0.6 else "林小满")
        needs.record_visit(need, by=by, satisfied=rng.random() < 0.94, notes=told.say(rng.choice(told.way["visit"])), problem=problem)
        if found is not None:
            made = Need.objects.filter(links_in__a=need, links_in__type="follow_up").select_related("matter").order_by("-pk").first()
            self.begin(self.soon(clock.now(), 10, 60), self._handle(replace(found, spot=""), made, by, "", False))
        yield from ()

    def doubled(self, told: Told, customer: Customer, at: datetime) -> Story:
        """The same thing said twice: by phone, then in the portal; merged."""
        story = self.life(told, customer, at, channel="phone")
        following = next(story, None)
        first = Need.objects.order_by("-pk").first()
        self.begin(following, story) if following else None
        yield self.soon(at, 30, 200)
        by = self.service()
        again = needs.register(
            Intake(kind=told.kind, body="刚才电话里说过：" + told.body, channel="wechat", fields=told.fields, customer=customer, raised_at=clock.now()),
            by=by,
        )  # fmt: skip
        yield self.soon(clock.now(), 5, 20)
        if Need.objects.get(pk=first.pk).state not in (State.VOID, State.MERGED):
            needs.merge(Need.objects.get(pk=again.id), by=by, into=first)


_ASKED = (
    "现在办到哪一步了？", "下午能有结果吗？", "需要我再过来一趟吗？", "还差什么材料，我一起带来。", "费用一共是多少，先给我个数。",
    "能不能快一点，明天要用。",
)  # fmt: skip
_REPLIED = (
    "您好，今天下午有结果，有了马上告诉您。", "您好，不用再来，材料齐了。", "您好，正在等评估单，最晚明天上午给您答复。",
    "您好，费用没有变，还是之前跟您说的数。", "您好，已经催过了，办好第一时间给您打电话。",
)  # fmt: skip
_SENT = ("材料发过来了，请查收。", "发票找到了，照片在这里。", "我明天上午过去。", "可以，就按你们说的办。", "当票寄出了，单号发你。")


def _first_words(rng: random.Random, told: Told) -> str:
    name = {"pawn": "典当业务", "renewal": "续当", "redeem": "赎当", "complaint": "您反映的事"}.get(told.kind, "您说的事")
    return rng.choice(
        [
            f"您好，{name}已经登记，负责的同事一小时内跟您联系。",
            f"您好，{name}收到了，正在安排，有消息马上告诉您。",
            f"您好，我是客服，{name}我先帮您记下，{told.words['when']}前给您准信。",
        ]
    )


def _returned(right: str) -> str:
    return f"这件事归{right}办，本部门没有经手，建议改派。"


def _sum(amount: float) -> str:
    return f"{amount / 10_000:g} 万" if amount >= 10_000 else f"{amount:,.0f} 元"


# ── the company ──

STARRED: tuple[tuple[str, str, str, str, float, bool], ...] = (
    # kind, words of the title, customer, the state it has reached, working hours ago, late
    ("renewal", "今日绝当到期", "砚台巷珠宝商行", State.ACCEPTANCE, 1.0, False),
    ("redeem", "有划痕，要求查看封签录像", "季棠", State.HANDLING, 9.0, True),
    ("pawn", "期限 3 个月，希望利率下浮", "青石机械配件厂", State.HANDLING, 6.0, False),
    ("redeem", "续当三次后想一次赎回", "宋晚舟", State.ASSIGNMENT, 1.4, False),
    ("redeem", "金条分五批赎当", "白苏", State.CONFIRMATION, 34.0, False),
    ("consultation", "当票遗失", "温知夏", State.HANDLING, 7.0, False),
    ("pawn", "必须恒温恒湿", "南薰乐器行", State.REVIEW, 22.0, False),
    ("consultation", "咨询黄金典当一个月", "简宁", State.FEEDBACK, 16.0, False),
    ("suggestion", "希望到期前三天有短信提醒", "唐未", State.HANDLING, 14.0, False),
    ("purchase", "三位老客户问到名表寄售", "恒通冷链物流", State.WATCHING, 40.0, False),
    ("complaint", "息费比合同多收", "晚枫服饰", State.REGISTERED, 0.3, False),
    ("consultation", "续当和赎当哪个划算", "老城根饭庄", State.REGISTERED, 0.6, False),
    ("suggestion", "希望开通对公直接划款", "澄湖水产贸易行", State.REGISTERED, 1.2, False),
    ("pawn", "急用", "裴一诺", State.ASSIGNMENT, 0.5, False),
    ("renewal", "续当费用能不能开专票", "天工五金模具厂", State.ACCEPTANCE, 1.6, False),
    ("redeem", "钢琴赎回要专业搬运", "桑榆晚景照相馆", State.ACCEPTANCE, 0.9, False),
    ("pawn", "农忙前周转", "大有农机租赁", State.ACCEPTANCE, 2.2, False),
    ("complaint", "包装盒弄丢了", "祝清欢", State.HANDLING, 16.0, True),
    ("redeem", "赎当款已付", "傅雪见", State.HANDLING, 5.0, False),
    ("pawn", "估价差三成", "孟晚晴", State.REVIEW, 20.0, False),
    ("customisation", "恒温恒湿柜", "墨池斋画廊", State.HANDLING, 26.0, False),
    ("renewal", "名字写错了", "钟离雪", State.FEEDBACK, 12.0, False),
)  # fmt: skip


def seed(*, now: datetime | None = None, count: int = 280, starred: bool = True, progress: Callable[[str], None] = lambda _line: None) -> World:
    """Make the pawnshop and tell its last two quarters. The database must hold no company yet."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    with clock.at(now - timedelta(days=DAYS + 1)):
        world = company("pawnshop")
        teller = Teller(world, now)
    _open_days(teller, count)
    if starred:
        _starred(teller)
    teller.run(progress)
    with clock.at(now):
        learn()
    _settle(now)
    return world


def _open_days(teller: Teller, count: int) -> None:
    """When each need comes in: more in the last weeks, mornings busier than afternoons, a few by portal at night."""
    rng = teller.rng
    days = [teller.now.date() - timedelta(days=d) for d in range(DAYS, -1, -1)]
    open_days = [d for d in days if teller.calendar.is_working_day(d)]
    weights = [1.0 + 2.2 * max(0.0, 1 - (teller.now.date() - d).days / 24) for d in open_days]
    moments = []
    for day in rng.choices(open_days, weights, k=count):
        first = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=9)
        moments.append(teller.work(first, rng.triangular(3, 420, 120)))
    kinds = rng.choices(list(SHARE), list(SHARE.values()), k=count)
    for at, kind in sorted(zip(moments, kinds, strict=True)):
        if at < teller.now:
            teller.begin(at, _whole(teller, kind, at))


def _whole(teller: Teller, kind: str, at: datetime) -> Story:
    """The story, made only when its moment has come, so that its words fit the day."""
    rng = teller.rng
    told = teller.pick(kind, at)
    customer = rng.choices(teller.customers, teller.weights)[0]
    if rng.random() < 0.02:
        yield from teller.doubled(told, customer, at)
    else:
        yield from teller.life(told, customer, at)


def _starred(teller: Teller) -> None:
    """The needs that screens and screenshots show by name."""
    for kind, words, name, state, hours, slow in STARRED:
        entry = next(e for e in teller.library[kind]["needs"] if words in e["title"])
        at = _worked_before(teller, hours)
        teller.begin(at, _star(teller, kind, entry, name, str(state), slow))


def _star(teller: Teller, kind: str, entry: dict[str, Any], name: str, state: str, slow: bool) -> Story:
    at = clock.now()
    yield from teller.life(teller.pick(kind, at, entry), teller.world.customer(name), at, stop=state, channel="phone", slow=slow)


def _worked_before(teller: Teller, hours: float) -> datetime:
    """The moment from which so many working hours lead to now."""
    low, high = teller.now - timedelta(days=60), teller.now
    for _i in range(40):
        middle = low + (high - low) / 2
        if teller.calendar.between(middle, teller.now) > hours * 60:
            low = middle
        else:
            high = middle
    return low


def _settle(now: datetime) -> None:
    """The journal is handed out, and people find in their inbox what the last days brought."""
    for _i in range(10_000):
        if not dispatch.run_once():
            break
    recent = Entry.objects.filter(at__gt=now - timedelta(days=4)).exclude(tell=[]).order_by("id")
    rows = []
    for entry in recent:
        kind = Notice.Kind.CLOCK if entry.event.startswith("deadlines.") else Notice.Kind.TOLD
        kind = Notice.Kind.MENTION if entry.event == "needs.note_written" else kind
        read = entry.at + timedelta(hours=2) if entry.at < now - timedelta(days=1) else None
        rows += [Notice(user_id=u, entry=entry, matter_id=entry.matter_id, kind=kind, at=entry.at, read_at=read) for u in entry.tell]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


