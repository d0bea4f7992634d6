"""What the clock does to the company: warnings and breaches, escalations that somebody takes, and the end of the last days."""

import random
from datetime import datetime, timedelta

from django.utils import timezone

from tests.world import World
from yingxu.base import clock
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines import jobs
from yingxu.deadlines.models import Climb
from yingxu.matters import actions as matters
from yingxu.needs import actions
from yingxu.needs import jobs as needs
from yingxu.needs.models import DayList, Need
from yingxu.needs.queries import dayend
from yingxu.people import queries as people
from yingxu.people.models import User

DAYS = 9  # that end with lists
WORDS = ("我来盯，今天给客户准信。", "已和部门说好，下午办完。", "客户改了时间，我来跟。", "已派人补办。", "缺鉴定意见，我去催。")


class Evenings:
    """Between two moments of the telling: what the worker would have done. Chances of its own, so that no story changes by it."""

    def __init__(self, world: World, now: datetime, seed: int) -> None:
        self.world, self.now, self.rng = world, now, random.Random(seed)
        self.at: datetime | None = None

    def pass_to(self, at: datetime) -> None:
        """The worker has looked until this moment."""
        jobs.sweep(at)
        jobs.climb(at)
        self._take(at)
        for moment in self._moments(self.at or at, at):
            self._end(moment)
        self.at = at

    def _take(self, at: datetime) -> None:
        """Half of what climbs is taken by whoever was told last, some with a promise; the last day's is left to be seen climbing."""
        open_ = Climb.objects.filter(state=Climb.State.CLIMBING, clock__isnull=False, told__gt=1, matter__secrecy=0)
        for climb in open_.order_by("id").select_related("matter", "clock"):
            told = climb.tellings.exclude(users=[]).order_by("-id").first()
            if told is None or self.rng.random() > 0.5:
                continue
            promise = at + timedelta(hours=self.rng.choice((3, 6, 26))) if self.rng.random() < 0.4 else None
            with clock.at(at):
                by = people.actor(User.objects.get(pk=told.users[0]))
                if by.reaches.get("deadlines.acknowledge"):
                    deadlines.acknowledge(climb, by=by, words=self.rng.choice(WORDS), promised_at=promise)

    def _moments(self, after: datetime, until: datetime) -> list[datetime]:
        """When the day closes, a little before and next morning, of the last days."""
        first = max(after, self.now - timedelta(days=DAYS)).date() - timedelta(days=1)
        found: list[datetime] = []
        for n in range((until.date() - first).days + 1):
            closes = dayend.closing(first + timedelta(days=n))
            if closes is not None and closes > self.now - timedelta(days=DAYS):
                found += [closes - timedelta(minutes=25), closes, closes + timedelta(minutes=12), closes + timedelta(hours=18)]
        return sorted(moment for moment in found if after < moment <= until)

    def _end(self, moment: datetime) -> None:
        last = moment > self.now - timedelta(days=1)
        if dayend.closing(timezone.localdate(moment)) == moment + timedelta(minutes=25) and last:
            self._leave_drafts(moment - timedelta(minutes=20))
        needs.end_days(moment)
        for row in DayList.objects.filter(read_at=None, look_at__isnull=False).order_by("id"):
            if row.made_at < moment and self.rng.random() < (0.4 if last else 0.9):
                with clock.at(moment):
                    actions.read_day_list(row, by=self.world.by(row.head.name))

    def _leave_drafts(self, at: datetime) -> None:
        """Somebody was called away from what they were writing."""
        for name in ("顾一鸣", "周予安", "林小满"):
            user = self.world.user(name)
            need = Need.objects.filter(matter__owner=user, matter__closed_at=None).select_related("matter").order_by("-pk").first()
            place = f"needs.progress:{need.matter.number}" if need else "needs.intake"
            with clock.at(at):
                matters.save_draft(user.pk, place, {"text": "已联系客户，约好明天上午到店，"})
