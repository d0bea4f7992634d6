"""A need's life told through the verbs: registered, assessed, assigned, handled, reviewed, fed back, confirmed, visited."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines.models import Clock
from yingxu.needs import actions as needs
from yingxu.needs.actions import Intake
from yingxu.needs.actions.handle import Node
from yingxu.needs.models import Need
from yingxu.needs.states import Outcome, State
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task
from yingxu.tasks.queries import open_on

from .telling import CHANNELS, TAGS, Story, Teller, Told

_ASKED = (
    "现在办到哪一步了？", "下午能有结果吗？", "需要我再过来一趟吗？", "还差什么材料，我一起带来。", "费用一共是多少，先给我个数。",
    "能不能快一点，明天要用。",
)  # fmt: skip
_REPLIED = (
    "您好，今天下午有结果，有了马上告诉您。", "您好，不用再来，材料齐了。", "您好，正在等评估单，最晚明天上午给您答复。",
    "您好，费用没有变，还是之前跟您说的数。", "您好，已经催过了，办好第一时间给您打电话。",
)  # fmt: skip
_AGAIN = (
    "您好，您说的我们看到了，没有办好是我们的问题，今天重新办，办好马上告诉您。", "您好，实在抱歉，已请主管看过，这就重新处理。",
    "您好，之前的记录都在，我们换一个办法再办一次，明天中午前给您答复。",
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


class Lives(Teller):
    """Every method is a story or a part of one: it acts, then yields the moment of its next act."""

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
            yield self.soon(clock.now(), 3 * quick, 30 * quick, late=0.06)
            needs.reply(need, by=by, text=rng.choice(_AGAIN), channel=need.channel)
            yield self.soon(clock.now(), 2, 15)
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
        for i, node in enumerate(Task.objects.filter(plans__need=need, plans__round=number).exclude(state="withdrawn").order_by("id")):
            share = hours[node.title] - (hours[steps[i - 1][0]] if i else 0)
            if stop_here and i >= max(1, len(steps) // 2):
                return False
            passed = self.soon(clock.now(), 8 * share * pace, 48 * share * pace, late=0.08, over=2.0)
            yield passed
            if reports and (i < len(reports)) and rng.random() < 0.6:
                needs.progress(need, by=by, text=reports[i], to_customer=rng.random() < 0.3)
            if rng.random() < 0.12:
                yield self.soon(clock.now(), 5, 60)
                needs.listen(need, by=self.customer_of(need), text=rng.choice(_ASKED), channel="portal")
                yield self.soon(clock.now(), 5, 50, late=0.1)
                needs.reply(need, by=self.service(), text=rng.choice(_REPLIED), channel="wechat")
            needs.finish_node(need, by=by, node=node)
        yield self.soon(clock.now(), 10, 120 * pace)
        done, answer = (way["again_done"], way["again_answer"]) if again else (way["done"], way["answer"])
        self._others_done(need)
        needs.submit(need, by=by, done=told.say(done), answer=told.say(answer))
        if stop == State.REVIEW:
            return False
        yield self.soon(clock.now(), 15 * pace, 150 * min(1.0, pace), late=0.06)
        reviewer = self.world.by("苏慕青") if rng.random() < 0.6 or by.name == "沈岚" else self.world.by("沈岚")
        if reviewer.user_id == by.user_id:
            reviewer = self.world.by("林小满")
        if rng.random() < 0.12 and not again:
            needs.send_back(need, by=reviewer, reason=told.say(rng.choice(way["send_back"])))
            yield self.soon(clock.now(), 30, 240)
            self._others_done(need)
            needs.submit(need, by=by, done=told.say(done) + " 已按审核意见补齐。", answer=told.say(answer))
            yield self.soon(clock.now(), 15, 120)
        self._others_done(need)
        needs.review(need, by=reviewer)
        return True

    def _others_done(self, need: Need) -> None:
        """What meetings and management gave out on it comes first: whoever has it says it is done."""
        for task in open_on(need.matter):
            tasks.finish(task, by=self.world.by((task.owner or task.department.head).name), result="已办好，结果并入处理结果。")

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
        yield self.soon(clock.now(), 5, 45 if told.category == "urgent" else 70, late=0.06)
        self._others_done(need)
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
            self._others_done(need)
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
